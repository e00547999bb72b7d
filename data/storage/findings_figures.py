"""The sums that an assessment leaves behind, kept right by a single change without adding everything up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.storage.findings import latest_assessment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from data.storage.finding_part import Part
    from geo.tables import Table

FIGURES: Final = """
SELECT b.*, g.gaps, s.* FROM
    (SELECT coalesce(sum(b.length_m), 0) AS bank_m, coalesce(sum(f.exposed_m), 0) AS exposed_m,
            coalesce(sum(f.covered_m), 0) AS covered_m, coalesce(sum(f.gap_m), 0) AS gap_m
     FROM bank b JOIN bank_finding f ON f.bank_id = b.id) b,
    (SELECT count(*) AS gaps FROM gap) g,
    (SELECT count(*) AS stations, count(*) FILTER (WHERE status = 'valid') AS valid_stations
     FROM station_finding) s
"""


def figures_of(connection: Connection) -> dict[str, float]:
    """Return the sums of all that is stored: metres of bank, gaps, stations."""
    row = connection.execute(text(FIGURES)).mappings().one()
    return {name: float(value) for name, value in row.items()}


PART_FIGURES: Final = """
SELECT b.*, g.gaps, s.* FROM
    (SELECT coalesce(sum(b.length_m), 0) AS bank_m, coalesce(sum(f.exposed_m), 0) AS exposed_m,
            coalesce(sum(f.covered_m), 0) AS covered_m, coalesce(sum(f.gap_m), 0) AS gap_m
     FROM bank b JOIN bank_finding f ON f.bank_id = b.id WHERE b.water_id = ANY(:waters)) b,
    (SELECT count(*) AS gaps FROM gap WHERE water_id = ANY(:waters)) g,
    (SELECT count(*) AS stations, count(*) FILTER (WHERE status = 'valid') AS valid_stations
     FROM station_finding WHERE station_id = ANY(:stations)) s
"""
VANISHED: Final = """
SELECT EXISTS (SELECT FROM unnest(CAST(:stations AS bigint[])) AS s (id)
               WHERE NOT EXISTS (SELECT FROM station t WHERE t.id = s.id))
"""
"""What hung on a deleted record went with it, before anybody could subtract it."""


def sums_of_part(connection: Connection, stations: Table, part: Part) -> dict[str, float] | None:
    """Return the sums of what the part replaces; None where something of it is gone already.

    `stations` are the findings that take the place of the stored ones, by station id.
    """
    one = {"stations": list(part.stations)}
    if part.gone or connection.execute(text(VANISHED), one).scalar_one():
        return None
    return _part_figures(connection, stations, part)


def _part_figures(connection: Connection, stations: Table, part: Part) -> dict[str, float]:
    limits = {"waters": list(part.waters), "stations": [*part.stations, *stations.ids.tolist()]}
    row = connection.execute(text(PART_FIGURES), limits).mappings().one()
    return {name: float(value) for name, value in row.items()}


def figures_after(
    connection: Connection, stations: Table, part: Part | None, before: Mapping[str, float] | None
) -> dict[str, float]:
    """Return the sums of all that is stored: after a part the last ones with its own exchanged.

    So a single change takes as long in a province as in a county.
    """
    last = latest_assessment(connection)
    if part is None or before is None or last is None:
        return figures_of(connection)
    after = _part_figures(connection, stations, part)
    return {name: float(str(last.figures[name])) + after[name] - before[name] for name in after}
