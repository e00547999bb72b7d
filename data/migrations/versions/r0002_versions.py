"""Raise version and updated_at at each update; count what changes the findings."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VERSIONED = (
    "account",
    "area",
    "barrier",
    "camera",
    "child",
    "child_visit",
    "hazard",
    "home",
    "inspection",
    "inspection_item",
    "inspection_round",
    "institution",
    "parameter",
    "patrol",
    "station",
    "station_item",
    "village",
    "water",
    "water_incident",
)
CHANGES_FINDINGS = (
    "area",
    "barrier",
    "camera",
    "child",
    "hazard",
    "home",
    "institution",
    "parameter",
    "patrol",
    "station",
    "station_item",
    "village",
    "water",
)
RAISE_VERSION = """
CREATE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END $$
"""
# The definer's right: logins that may write a table need no right on data_change. A statement that changed
# no row leaves no trace, so a second import leaves the findings current.
NOTE_CHANGE = """
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'TRUNCATE' AND NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.data_change (table_name, data_version)
    VALUES (TG_TABLE_NAME, nextval('public.data_version'))
    ON CONFLICT (table_name)
    DO UPDATE SET data_version = excluded.data_version, changed_at = excluded.changed_at;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE data_version")
    op.execute(RAISE_VERSION)
    op.execute(NOTE_CHANGE)
    op.execute("REVOKE ALL ON FUNCTION raise_version(), note_change() FROM PUBLIC")
    for table in VERSIONED:
        op.execute(
            f"CREATE TRIGGER raise_version BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION raise_version()"
        )
    for table in CHANGES_FINDINGS:
        for verb, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
            op.execute(
                f"CREATE TRIGGER note_{verb} AFTER {verb.upper()} ON {table} "
                f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_change()"
            )
        op.execute(
            f"CREATE TRIGGER note_truncate AFTER TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_change()"
        )


def downgrade() -> None:
    op.execute("DROP FUNCTION raise_version(), note_change() CASCADE")
    op.execute("DROP SEQUENCE data_version")
