"""What lies along the banks of one water, and the village it is nearest to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import text

from data.reading import area_range, read

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class AlongBanks:
    """Banks by id, and by `bank_id` the covered stretches, gaps and stations with their measures [m]."""

    banks: pd.DataFrame
    covered: pd.DataFrame
    gaps: pd.DataFrame
    stations: pd.DataFrame
    village: str | None
    village_m: float | None


def water_id(connection: Connection, code: str, within: str) -> int | None:
    """Return the id of the water `code` inside an area; None where it lies elsewhere, as where it is not."""
    found = connection.scalar(
        text("SELECT id FROM water WHERE code = :code AND area_code >= :low AND area_code < :high"),
        area_range(within) | {"code": code},
    )
    return cast("int | None", found)


def along_banks(connection: Connection, number: int) -> AlongBanks:
    """Return what stands along the banks of one water."""
    one = {"id": number}
    nearest = connection.execute(
        text(
            "SELECT a.name, ST_Distance(v.geom::geography, w.geom::geography) AS distance_m "
            "FROM water w, village v JOIN area a ON a.code = v.code WHERE w.id = :id "
            "ORDER BY v.geom <-> w.geom LIMIT 1"
        ),
        one,
    ).one_or_none()
    return AlongBanks(
        banks=read(
            connection,
            "SELECT id, side, part, length_m FROM bank WHERE water_id = :id ORDER BY side, part",
            one,
        ),
        covered=read(
            connection,
            "SELECT c.bank_id, c.from_m, c.to_m FROM covered_stretch c JOIN bank b ON b.id = c.bank_id "
            "WHERE b.water_id = :id ORDER BY c.bank_id, c.from_m",
            one,
        ),
        gaps=read(
            connection,
            "SELECT g.id, g.bank_id, g.from_m, g.to_m, g.nearest_village_m, a.name AS nearest_village "
            "FROM gap g LEFT JOIN area a ON a.code = g.nearest_village_code WHERE g.water_id = :id "
            "ORDER BY g.bank_id, g.from_m",
            one,
        ),
        stations=read(
            connection,
            "SELECT s.id, f.bank_id, f.m, f.status, max(i.verified_on) AS verified_on FROM station s "
            "LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN bank b ON b.id = f.bank_id "
            "LEFT JOIN station_item i ON i.station_id = s.id "
            "WHERE (s.water_id = :id OR b.water_id = :id) AND s.retired_on IS NULL "
            "GROUP BY s.id, f.bank_id, f.m, f.status ORDER BY f.m, s.id",
            one,
        ),
        village=nearest.name if nearest else None,
        village_m=nearest.distance_m if nearest else None,
    )
