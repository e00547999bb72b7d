FROM python:3.12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home anlan \
    && install -d -o anlan -g anlan /anlan /state
USER anlan
WORKDIR /anlan
ENV PATH=/anlan/.venv/bin:$PATH
COPY --chown=anlan locks locks
RUN python -m venv .venv \
    && pip install --no-cache-dir --require-hashes --only-binary :all: -r locks/run.txt
COPY --chown=anlan . .
RUN pip install --no-deps --no-build-isolation --no-index -e .
EXPOSE 8501
CMD ["anlan", "up", "--foreground", "--host", "0.0.0.0"]
