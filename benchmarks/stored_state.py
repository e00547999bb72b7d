# ruff: noqa: S608 - our own words
"""What an assessment left behind, by natural keys: two ways of computing it must leave the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from data.engine import Login, connect
from data.storage.findings_figures import figures_of

if TYPE_CHECKING:
    from data.settings import Settings

Rows = dict[str, dict[Any, tuple[Any, ...]]]

ON_BANK = "JOIN bank b ON b.id = f.bank_id"
STATE = {
    "bank": "SELECT (b.water_id, b.side, b.part)::text, b.length_m, b.start_m, f.water_class, f.exposed_m, "
    f"f.covered_m, f.gap_m, f.physical_m, f.technical_m, f.personal_m FROM bank_finding f {ON_BANK}",
    "stretch": "SELECT (b.water_id, b.side, b.part, f.layer, round(f.from_m::numeric, 3))::text, f.from_m, "
    f"f.to_m FROM covered_stretch f {ON_BANK}",
    "gap": "SELECT (b.water_id, b.side, b.part, round(f.from_m::numeric, 3))::text, f.from_m, f.to_m, "
    "f.reason, "
    "f.water_class, f.nearest_village_code, f.nearest_village_m, f.weight, f.what_closes, f.new_sets, "
    f"f.barrier_advised, p.weight_t, p.weight_p, p.weight_y FROM gap f {ON_BANK} "
    "JOIN gap_weight p ON p.gap_id = f.id",
    "station": "SELECT f.station_id, b.water_id, b.side, b.part, f.m, f.distance_m, f.status, f.missing, "
    f"f.expires_on FROM station_finding f LEFT {ON_BANK}",
    "exposure": "SELECT water_id, grade, children_band FROM water_exposure",
    "hazards": "SELECT hazard_id, grade, children_band FROM hazard_exposure",
    "schools": "SELECT (institution_id, target_kind, target_id)::text, distance_m FROM institution_proximity",
    "homes": "SELECT (child_id, target_kind, target_id)::text, distance_m FROM proximity",
}


def state(settings: Settings) -> Rows:
    """Return the stored findings: by table, key and values; and the sums kept with the last run."""
    with connect(settings, Login.WORKER, readonly=True) as connection:
        found: Rows = {
            name: {row[0]: tuple(row[1:]) for row in connection.execute(text(query))}
            for name, query in STATE.items()
        }
        kept = connection.execute(text("SELECT figures FROM assessment ORDER BY id DESC LIMIT 1"))
        found["kept sums"] = {name: (float(value),) for name, value in kept.scalar_one().items()}
        found["sums"] = {name: (value,) for name, value in figures_of(connection).items()}
    return found


def digests(settings: Settings) -> dict[str, tuple[int, int]]:
    """Return of each part of the stored findings how many rows it has, and a sum over the hashes of all.

    Reads nothing into this process: a province has more rows than its memory holds.
    """
    with connect(settings, Login.WORKER, readonly=True) as connection:
        found = {}
        for name, query in STATE.items():
            asked = (
                f"SELECT count(*), coalesce(sum(hashtextextended(s::text, 0)::numeric), 0) FROM ({query}) s"
            )
            count, total = connection.execute(text(asked)).one()
            found[name] = (int(count), int(total))
        return found


def differences(mine: Rows, other: Rows) -> list[str]:
    """Return what differs by more than a micrometre, or 1e-9 of its value."""
    return [
        f"{name} {key}"
        for name, rows in other.items()
        for key in rows.keys() | mine[name].keys()
        if key not in rows or key not in mine[name] or not all(map(_alike, rows[key], mine[name][key]))
    ]


def _alike(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)
    return a == b
