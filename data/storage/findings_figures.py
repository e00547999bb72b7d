"""The sums that an assessment leaves behind, kept right by a single change without adding everything up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from data.storage.findings_stored import Rows

BANK_SUMS: Final = ("exposed_m", "covered_m", "gap_m")
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


@dataclass(frozen=True, kw_only=True)
class Summed:
    """The rows whose sums are kept."""

    banks: Rows
    bank_findings: Rows
    gaps: Rows
    stations: Rows

    @property
    def figures(self) -> dict[str, float]:
        """The sums, under the names of FIGURES."""
        status = self.stations.column("status")
        return {
            "bank_m": math.fsum(self.banks.column("length_m")),
            **{name: math.fsum(self.bank_findings.column(name)) for name in BANK_SUMS},
            "gaps": float(len(self.gaps.rows)),
            "stations": float(len(status)),
            "valid_stations": float(status.count("valid")),
        }


def exchanged(last: Mapping[str, object], before: Summed, after: Summed) -> dict[str, float]:
    """Return the sums of a run with those of a part exchanged: in a province as soon as in a county."""
    old, new = before.figures, after.figures
    return {name: float(str(last[name])) + new[name] - old[name] for name in new}
