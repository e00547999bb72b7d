"""Everything invented for one county: a frame for each table, in the order in which they may be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.sample.children import children
from data.sample.inspections import inspections
from data.sample.institutions import institutions
from data.sample.loop import hazards
from data.sample.protection import protection
from data.sample.routes import routes
from data.sample.stations import stations
from data.sample.waters import waters
from geo.crs import DEFAULT_METRIC, to_geographic

if TYPE_CHECKING:
    import datetime as dt

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

INCIDENT_DAYS = (60, 2_400)
VERIFIED_DAYS = (15, 300)


def county_frames(
    ground: Basin, people: Settlements, as_of: dt.date, *, thin: float = 1.0
) -> dict[str, pd.DataFrame]:
    """Return the tables of one county (EPSG:4490), the same at every scale.

    Ids begin at 1 in each table, `round_id` counts the rounds of the prefecture. `thin` divides the number
    of people and waters: for tests.
    """
    county = people.county
    water = _verified(waters(ground, people, thin), as_of)
    frames: dict[str, pd.DataFrame] = {}
    frames["institution"] = institutions(ground, people, water)
    frames["pupil_route"] = routes(ground, people, frames["institution"])
    frames["water"] = water
    frames["water_incident"] = _incidents(water, as_of)
    young = children(ground, people, water, frames["institution"], as_of, thin)
    homes = shapely.get_coordinates(young["home"]["geom"].to_numpy())
    frames |= stations(ground, people, water, homes, as_of)
    frames |= protection(ground, people, water, as_of, thin)
    frames |= inspections(ground, county, frames["institution"], as_of)
    frames |= hazards(ground, people, frames["institution"], frames, frames, as_of, thin)
    frames |= young
    return {table: in_degrees(frame) for table, frame in frames.items()}


def in_degrees(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose `geom` is in metres with it in EPSG:4490; one without comes back as it is."""
    if "geom" not in frame.columns:
        return frame
    degrees: pd.DataFrame = to_geographic(gpd.GeoDataFrame(frame, geometry="geom", crs=DEFAULT_METRIC))
    return degrees


def _verified(water: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return the waters with the day on which a second person confirmed them; one in five still waits."""
    number = water["id"].to_numpy()
    day = np.datetime64(as_of, "D") - (VERIFIED_DAYS[0] + number * 37 % VERIFIED_DAYS[1])
    return water.assign(verified_at=np.where(number % 5 == 0, np.datetime64("NaT", "D"), day))


def _incidents(water: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return a dated row for each past incident that the waters count; spaced so that no day repeats."""
    times = water["incidents"].to_numpy()
    row = np.repeat(np.arange(len(water)), times)
    order = np.arange(len(row))
    days = INCIDENT_DAYS[0] + (order * 397) % (INCIDENT_DAYS[1] - INCIDENT_DAYS[0])
    return pd.DataFrame(
        {
            "id": order + 1,
            "water_id": water["id"].to_numpy()[row],
            "happened_on": np.datetime64(as_of, "D") - days,
            "note": "历史溺水事件（演示数据，非真实事件）",
        }
    )
