"""Queue what a change touches, number the gaps, and keep their history."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BULK = 200
"""A statement that changes more rows than this asks for a full assessment."""

# For each table: what one changed row puts into the queue, as SELECT kind, target_id, code, geom, reach_m.
# {rows} is the transition table. A home's position stays under row security: the waters near it are named.
NEAR_HOME = """
SELECT 'child', child_id, NULL, NULL::geometry, NULL::float8 FROM {rows}
UNION ALL
SELECT DISTINCT 'water', b.water_id, NULL, NULL::geometry, NULL::float8 FROM {rows} AS r JOIN bank AS b
ON ST_DWithin(b.geom, r.geom, (SELECT greatest(
    coalesce(max((value #>> '{{}}')::float8), 0), 500) FROM parameter
    WHERE key IN ('exposure_m.home', 'class_distance_m.home')) / (109000 * cos(radians(ST_YMax(r.geom)))))
"""
ITEMS = """
SELECT 'station', id, NULL, geom, NULL::float8 FROM station
WHERE id IN (SELECT station_id FROM {rows})
"""
QUEUED = {
    "water": "SELECT 'water', id, NULL, geom, coalesce(width_m, 0) / 2 FROM {rows}",
    "station": (
        "SELECT 'station', id, NULL, geom, NULL::float8 FROM {rows} UNION ALL "
        "SELECT 'water', water_id, NULL, NULL, NULL FROM {rows} WHERE water_id IS NOT NULL"
    ),
    "station_item": ITEMS,
    "barrier": "SELECT 'water', water_id, NULL, NULL::geometry, NULL::float8 FROM {rows}",
    "camera": "SELECT 'device', id, NULL, geom, reach_m FROM {rows}",
    "patrol": (
        "SELECT 'device', id, NULL, geom, NULL::float8 FROM {rows} UNION ALL "
        "SELECT 'water', water_id, NULL, NULL, NULL FROM {rows} WHERE water_id IS NOT NULL"
    ),
    "home": NEAR_HOME,
    "child": "SELECT 'child', id, NULL, NULL::geometry, NULL::float8 FROM {rows}",
    "institution": "SELECT 'institution', id, NULL, geom, NULL::float8 FROM {rows}",
    "village": "SELECT 'village', NULL::bigint, code, geom, NULL::float8 FROM {rows}",
    "hazard": "SELECT 'hazard', id, NULL, geom, NULL::float8 FROM {rows}",
    "parameter": "SELECT 'everything', NULL::bigint, NULL, NULL::geometry, NULL::float8",
}
FUNCTION = """
CREATE FUNCTION queue_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed bigint := 0;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        changed := {bulk} + 1;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT count(*) INTO changed FROM fresh;
    ELSE
        SELECT count(*) INTO changed FROM gone;
    END IF;
    IF changed > {bulk} THEN
        INSERT INTO finding_queue (kind, why) VALUES ('everything', TG_TABLE_NAME);
        RETURN NULL;
    END IF;
    IF changed > 0 AND TG_OP <> 'DELETE' THEN
        INSERT INTO finding_queue (why, kind, target_id, code, geom, reach_m)
        SELECT '{table}', q.* FROM ({fresh}) AS q (kind, target_id, code, geom, reach_m);
    END IF;
    IF changed > 0 AND TG_OP <> 'INSERT' THEN
        INSERT INTO finding_queue (why, kind, target_id, code, geom, reach_m)
        SELECT '{table}', q.* FROM ({gone}) AS q (kind, target_id, code, geom, reach_m);
    END IF;
    RETURN NULL;
END $$
"""
TRANSITIONS = {
    "INSERT": "REFERENCING NEW TABLE AS fresh",
    "UPDATE": "REFERENCING OLD TABLE AS gone NEW TABLE AS fresh",
    "DELETE": "REFERENCING OLD TABLE AS gone",
    "TRUNCATE": "",
}


def upgrade() -> None:
    bind = op.get_bind()
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            bind.exec_driver_sql(statement)
    for table, rows in QUEUED.items():
        body = FUNCTION.format(
            table=table, bulk=BULK, fresh=rows.format(rows="fresh"), gone=rows.format(rows="gone")
        )
        bind.exec_driver_sql(body.replace("%", "%%"))
        bind.exec_driver_sql(f"REVOKE ALL ON FUNCTION queue_{table}() FROM PUBLIC")
        for verb, transition in TRANSITIONS.items():
            bind.exec_driver_sql(
                f"CREATE TRIGGER queue_{verb.lower()} AFTER {verb} ON {table} {transition} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION queue_{table}()"
            )


def downgrade() -> None:
    for table in QUEUED:
        op.execute(f"DROP FUNCTION queue_{table}() CASCADE")
    op.execute("DROP TABLE finding_queue, gap_counter, gap_history")
    op.execute("ALTER TABLE assessment DROP COLUMN kind, DROP COLUMN tables")
    op.execute("DELETE FROM gap")
    op.execute("ALTER TABLE gap DROP COLUMN number, ADD COLUMN priority bigint NOT NULL")
