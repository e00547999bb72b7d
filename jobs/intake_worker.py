"""The process that reads and stores what pages left; it ends after a while with nothing to do."""

from __future__ import annotations

import fcntl
import logging

from data.settings import load_settings


def main() -> None:
    """Work, unless another process of this deployment does."""
    from jobs.intake import Worker

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    settings = load_settings()
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "intake.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        Worker(settings).run()


if __name__ == "__main__":
    main()
