"""What a township must buy so that its stations are complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.reading import area_range, read

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection


def shopping(connection: Connection, within: str | None = None) -> pd.DataFrame:
    """Return one row a township (a county where a station knows no township), by its code.

    `stations`, `valid`, `incomplete` (something is missing, wherever it stands) and `expired` count
    stations; `good_<kind>` items in good state; `lacks_<kind>` items that the assessment found missing, a
    cover or fence as well.
    """
    return read(
        connection,
        "SELECT t.code, coalesce(a.name, '') AS name, coalesce(c.name, '') AS county_name, t.stations, "
        "t.valid, t.incomplete, t.expired, t.good_sign, t.good_lifebuoy, t.good_rope, t.good_pole, "
        "t.lacks_sign, t.lacks_lifebuoy, t.lacks_rope, t.lacks_pole, t.lacks_cover FROM ("
        "SELECT left(s.area_code, 9) AS code, count(*) AS stations, "
        "count(*) FILTER (WHERE f.status = 'valid') AS valid, "
        "count(*) FILTER (WHERE cardinality(f.missing) > 0) AS incomplete, "
        "count(*) FILTER (WHERE f.status = 'expired') AS expired, "
        "count(*) FILTER (WHERE 'sign' = ANY (i.good)) AS good_sign, "
        "count(*) FILTER (WHERE 'lifebuoy' = ANY (i.good)) AS good_lifebuoy, "
        "count(*) FILTER (WHERE 'rope' = ANY (i.good)) AS good_rope, "
        "count(*) FILTER (WHERE 'pole' = ANY (i.good)) AS good_pole, "
        "count(*) FILTER (WHERE 'sign' = ANY (f.missing)) AS lacks_sign, "
        "count(*) FILTER (WHERE 'lifebuoy' = ANY (f.missing)) AS lacks_lifebuoy, "
        "count(*) FILTER (WHERE 'rope' = ANY (f.missing)) AS lacks_rope, "
        "count(*) FILTER (WHERE 'pole' = ANY (f.missing)) AS lacks_pole, "
        "count(*) FILTER (WHERE 'cover' = ANY (f.missing)) AS lacks_cover "
        "FROM station s LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN ("
        "SELECT station_id, array_agg(kind) AS good FROM station_item WHERE state = 'good' "
        "GROUP BY station_id) i ON i.station_id = s.id "
        "WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high GROUP BY 1) t "
        "LEFT JOIN area a ON a.code = t.code LEFT JOIN area c ON c.code = left(t.code, 6) ORDER BY t.code",
        area_range(within),
        index="code",
    )
