"""Keep what stood at the end of each day, by township: the figures of a month that is over."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE area_standing (
    day DATE NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    exposed_m DOUBLE PRECISION NOT NULL,
    covered_m DOUBLE PRECISION NOT NULL,
    gap_m DOUBLE PRECISION NOT NULL,
    physical_m DOUBLE PRECISION NOT NULL,
    technical_m DOUBLE PRECISION NOT NULL,
    personal_m DOUBLE PRECISION NOT NULL,
    physical_only_m DOUBLE PRECISION NOT NULL,
    technical_only_m DOUBLE PRECISION NOT NULL,
    personal_only_m DOUBLE PRECISION NOT NULL,
    stations INTEGER NOT NULL,
    valid INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    overdue INTEGER NOT NULL,
    good_sign INTEGER NOT NULL,
    good_lifebuoy INTEGER NOT NULL,
    good_rope INTEGER NOT NULL,
    good_pole INTEGER NOT NULL,
    CONSTRAINT pk_area_standing PRIMARY KEY (day, area_code)
);
COMMENT ON COLUMN area_standing.day IS 'assessment date at whose end it stood like this';
COMMENT ON COLUMN area_standing.area_code IS 'as it was then';
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE area_standing")
