"""The estimate of what works today, made from what every bureau may see, and stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from data.engine import Login, Scope, connect
from data.storage import findings, institutions, outlook, stations, villages
from geo.crs import to_metric
from hazards.availability import availability, weight_near
from hazards.parameters import to_mapping
from jobs.seen import parameters_of

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import Connection

    from data.settings import Settings
    from hazards.parameters import Parameters

BAND_FLOOR: Final = {"0": 0, "<5": 1, "5-9": 5, "10-19": 10, "20+": 20}
"""The fewest children of each band."""


def refresh_outlook(settings: Settings, *, as_of: dt.date | None = None) -> int:
    """Estimate what works on `as_of` (default today), store it and return its number.

    It reads as the login of a page that holds no right on children: what ranks the stations is schools,
    settlements and the shared bands, so that the order of a work list tells no home (decision 0008).
    """
    day = as_of or settings.today()
    scope = Scope(settings.area_code, None, "outlook")
    with connect(settings, Login.GENERAL, scope, readonly=True) as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        version, parameters = findings.data_version(connection), parameters_of(connection)
        judged = _stations(connection, parameters, settings.metric_crs)
        items, history = stations.items(connection), outlook.checks(connection)
    found = availability(judged, items, history, parameters.survival, day)
    rates = found.rates.reset_index()
    stored = found.stations[["works", "works_low", "works_high", "losses", "repeated", "risk"]]
    made: dict[str, Any] = {
        "as_of": day,
        "data_version": version,
        "parameters": to_mapping(parameters),
        "rates": rates.to_dict("records"),
    }
    with connect(settings, Login.WORKER) as connection:
        return outlook.store(connection, made, stored.rename_axis("station_id").reset_index())


def is_due(settings: Settings) -> bool:
    """Return whether the newest estimate is of another day than today."""
    with connect(settings, Login.WORKER, readonly=True) as connection:
        last = outlook.latest(connection)
    return last is None or last.as_of != settings.today()


def _stations(connection: Connection, parameters: Parameters, metric_crs: str) -> pd.DataFrame:
    """Return the stations with class, small ring, and what their failure would leave unprotected."""
    found = to_metric(outlook.stations_to_judge(connection), metric_crs)
    near = weight_near(found, _places(connection, parameters, metric_crs), parameters.exposure_m)
    children = found["children_band"].map(BAND_FLOOR).astype("float64") * parameters.place_weight.home
    return pd.DataFrame(
        {
            "water_class": found["water_class"],
            "small": found["ring_m"].lt(parameters.small_ring.perimeter_m),
            "weight": near + children,
        },
        index=found.index,
    )


def _places(connection: Connection, parameters: Parameters, metric_crs: str) -> gpd.GeoDataFrame:
    schools, settled = institutions.institutions(connection), villages.villages(connection)
    weights = parameters.place_weight
    pupils = np.maximum(schools["headcount"].to_numpy(np.float64) * weights.pupil, weights.home)
    joined = gpd.GeoDataFrame(
        {
            "kind": ["school"] * len(schools) + ["village"] * len(settled),
            "weight": np.concatenate([pupils, np.full(len(settled), weights.village)]),
        },
        geometry=np.concatenate([schools.geometry.array, settled.geometry.array]),
        crs=schools.crs,
    )
    return to_metric(joined, metric_crs)
