"""Acts recorded a second, chained and not, by one writer and by several: `anlan bench audit --json`.

The peer is the same table without the chain: what the chain costs is the ratio. Writes into tables of its own
making, which are dropped; no act of the deployment is touched.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from typing import TYPE_CHECKING

from data.server import cluster
from data.settings import DATABASE, load_settings

if TYPE_CHECKING:
    from data.settings import Settings

MAKE = """
DROP TABLE IF EXISTS bench_chained, bench_plain CASCADE;
DROP TABLE IF EXISTS bench_chain;
CREATE TABLE bench_plain (LIKE audit INCLUDING ALL);
CREATE TABLE bench_chain (LIKE audit_chain INCLUDING ALL);
CREATE TABLE bench_chained (LIKE audit INCLUDING ALL);
CREATE OR REPLACE FUNCTION bench_chain_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last bench_chain; act audit;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('anlan.bench'));
    SELECT * INTO last FROM bench_chain ORDER BY position DESC LIMIT 1;
    act := jsonb_populate_record(NULL::audit, to_jsonb(NEW));
    INSERT INTO bench_chain VALUES (
        coalesce(last.position, 0) + 1, NEW.id,
        audit_hash(coalesce(last.position, 0) + 1, coalesce(last.hash, ''), act));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON bench_chained DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION bench_chain_act();
"""
DROP = "DROP TABLE bench_chained, bench_plain, bench_chain; DROP FUNCTION bench_chain_act()"
ACT = (
    "INSERT INTO {} (action, role, area_code, purpose, object_kind, object_ids, row_count) "
    "VALUES ('read.homes', 'civil', '430502', '走访', 'child', %s, 200)"
)
NAMED = [f"ET{number:08d}" for number in range(200)]
"""Of a township: two hundred children."""


def rate(settings: Settings, table: str, writers: int, each: int) -> float:
    """Return acts a second of some writers at once, a transaction each."""

    def write() -> None:
        with cluster.superuser_connection(settings, DATABASE) as connection:
            for _ in range(each):
                connection.execute(ACT.format(table), [NAMED])

    threads = [threading.Thread(target=write) for _ in range(writers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return writers * each / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="anlan bench audit", description=__doc__)
    parser.add_argument("--acts", type=int, default=300, help="acts of each writer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    cluster.ensure_running(settings)
    report = {}
    with cluster.superuser_connection(settings, DATABASE) as connection:
        connection.execute(MAKE)
        try:
            for writers in (1, 4, 8):
                rates: dict[str, list[float]] = {"bench_plain": [], "bench_chained": []}
                for _ in range(options.rounds):
                    for table, found in rates.items():
                        found.append(rate(settings, table, writers, options.acts))
                plain, chained = (statistics.median(found) for found in rates.values())
                report[f"{writers} writers"] = {
                    "plain_per_s": round(plain),
                    "chained_per_s": round(chained),
                    "ratio": round(chained / plain, 2),
                }
        finally:
            connection.execute(DROP)
    report["settings"] = {"durable": settings.durable}
    if options.json:
        print(json.dumps(report))
        return
    for name, row in report.items():
        print(name, row)


if __name__ == "__main__":
    main()
