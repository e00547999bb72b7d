"""Keep what each layer protects, what closes a gap, and by whom it is weighed; find the banks of youths."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEAR = """(SELECT greatest(coalesce(max((value #>> '{}')::float8), 0), 500) FROM parameter
    WHERE key IN ('exposure_m.home', 'class_distance_m.home', 'profile_p.distance_m'))"""
FAR = """(SELECT coalesce(max((value #>> '{}')::float8), 2000) FROM parameter
    WHERE key = 'profile_y.distance_m')"""
"""Beyond NEAR only the waters of the Y profile are touched; reach_m marks them."""
DEGREES = "(109000 * cos(radians(ST_YMax(r.geom))))"
ROWS = f"""
SELECT 'child', child_id, NULL, NULL::geometry, NULL::float8 FROM {{rows}}
UNION ALL
SELECT 'water', b.water_id, NULL, NULL::geometry,
    CASE WHEN bool_or(ST_DWithin(b.geom, r.geom, n.near_m / {DEGREES})) THEN NULL ELSE 1 END
FROM {{rows}} AS r CROSS JOIN (SELECT {NEAR} AS near_m, {FAR} AS far_m) AS n
JOIN bank AS b ON ST_DWithin(b.geom, r.geom, greatest(n.near_m, n.far_m) / {DEGREES})
JOIN water AS w ON w.id = b.water_id
WHERE w.kind IN ('reach', 'reservoir', 'wharf', 'ferry') OR w.incidents > 0
    OR ST_DWithin(b.geom, r.geom, n.near_m / {DEGREES})
GROUP BY b.water_id
"""  # noqa: S608 - our own text
MAY_BE_YOUTH = """
SELECT 'child', id, NULL, NULL::geometry,
    CASE WHEN birth_month < current_date - interval '11 years' THEN 1::float8 END FROM {rows}
"""
OLD_CHILD = "SELECT 'child', id, NULL, NULL::geometry, NULL::float8 FROM {rows}"
OLD_HOME = """
SELECT 'child', child_id, NULL, NULL::geometry, NULL::float8 FROM {rows}
UNION ALL
SELECT DISTINCT 'water', b.water_id, NULL, NULL::geometry, NULL::float8 FROM {rows} AS r JOIN bank AS b
ON ST_DWithin(b.geom, r.geom, 500 / (109000 * cos(radians(ST_YMax(r.geom)))))
"""
BULK = 200
FUNCTION = """
CREATE OR REPLACE FUNCTION queue_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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


def upgrade() -> None:
    bind = op.get_bind()
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            bind.exec_driver_sql(statement)
    _replace(home=ROWS, child=MAY_BE_YOUTH)


def downgrade() -> None:
    _replace(home=OLD_HOME, child=OLD_CHILD)
    op.execute("DROP TABLE gap_weight")
    op.execute("ALTER TABLE bank DROP COLUMN start_m")
    op.execute("DELETE FROM covered_stretch")
    op.execute("ALTER TABLE covered_stretch DROP COLUMN layer")
    op.execute(
        "ALTER TABLE bank_finding DROP COLUMN physical_m, DROP COLUMN technical_m, DROP COLUMN personal_m, "
        "DROP COLUMN physical_only_m, DROP COLUMN technical_only_m, DROP COLUMN personal_only_m"
    )
    op.execute(
        "ALTER TABLE gap DROP COLUMN what_closes, DROP COLUMN new_sets, DROP COLUMN beyond_rope, "
        "DROP COLUMN barrier_advised"
    )


def _replace(**tables: str) -> None:
    for table, rows in tables.items():
        body = FUNCTION.format(
            table=table, bulk=BULK, fresh=rows.replace("{rows}", "fresh"), gone=rows.replace("{rows}", "gone")
        )
        op.get_bind().exec_driver_sql(body.replace("%", "%%"))
