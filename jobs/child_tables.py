"""The tables of children by township: told once a quarter, from the homes that findings for others count."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from data.engine import Login, connect
from data.storage import areas, child_tables, waters
from data.storage.child_tables import Told
from data.storage.shared_homes import quarter_of
from geo.crs import to_metric
from geo.frames import as_dates, as_day
from hazards.parameters import to_mapping
from hazards.profiles import age_profiles
from hazards.suppression import SuppressionError
from hazards.tallies import NEAR_M, counted, drawn_up
from jobs.seen import parameters_of

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection

    from data.settings import Settings


LATE: Final = "本季度尚未发布"
log = logging.getLogger(__name__)


def told_or_logged(settings: Settings) -> bool:
    """Tell the table that is due; return False where none could be drawn up, which is logged.

    What was told before stays, and whoever called goes on.
    """
    try:
        tell(settings)
    except SuppressionError:
        log.exception("the table of children by township was not drawn up; what was told before stays")
        return False
    return True


def is_late(connection: Connection, day: dt.date) -> bool:
    """Return whether the table of the quarter of a day could be told and is not (worker login)."""
    return child_tables.is_due(connection, quarter_of(day))


def tell(settings: Settings, *, as_of: dt.date | None = None) -> dt.date | None:
    """Tell the table of the quarter and return its first day; None where it was told or is not due.

    Due once the homes that others may know of were renewed for the quarter. Counting, withholding and storing
    are one transaction of the worker; a second worker waits for it and finds nothing to do.

    Raises
    ------
    SuppressionError
        If no table can be drawn up that is safe; nothing is stored.
    """
    as_of = as_of or settings.today()
    period = quarter_of(as_of)
    with connect(settings, Login.WORKER) as connection:
        if not child_tables.is_due(connection, period):
            return None
        parameters = parameters_of(connection)
        used = {name: value for name, value in to_mapping(parameters).items() if name.startswith("tables.")}
        if not child_tables.begin(connection, Told(period=period, as_of=as_of, parameters=used)):
            return None
        now = _counts(connection, settings.metric_crs, as_of)
        kept, told = child_tables.tallies(connection), child_tables.told(connection)
        fresh, added = drawn_up(now, kept, told, period, parameters.tables)
        if added.empty:
            connection.rollback()
            return None
        child_tables.store(connection, fresh, added)
    return period


def _counts(connection: Connection, metric_crs: str, as_of: dt.date) -> pd.DataFrame:
    """Return the counts of every township that is in the code tree."""
    children = to_metric(child_tables.shared_children(connection), metric_crs)
    stored = to_metric(waters.waters(connection), metric_crs)
    children = children.assign(
        profile=age_profiles(as_dates(children["birth_month"]), as_of),
        # As everywhere: a water tells of homes from the day after a second person verified it.
        water_m=_to_water(children, stored[as_dates(stored["verified_at"]) < as_day(as_of)]),
    )
    tree = areas.tree(connection)
    return counted(children, tree.index[tree["level"] == "township"].tolist())


def _to_water(
    children: gpd.GeoDataFrame, known: gpd.GeoDataFrame
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the metres from each home to the nearest water that tells of homes, NaN beyond the last limit.

    Of a line half of its width is taken off.
    """
    found = np.full(len(children), np.nan)
    if known.empty:
        return found
    shapes, homes = known.geometry.to_numpy(), children.geometry.to_numpy()
    half = np.where(
        shapely.get_dimensions(shapes) == 1, known["width_m"].fillna(0.0).to_numpy(np.float64) / 2, 0
    )
    pairs = shapely.STRtree(shapes).query(homes, predicate="dwithin", distance=NEAR_M[-1] + half.max())
    away = np.maximum(shapely.distance(homes[pairs[0]], shapes[pairs[1]]) - half[pairs[1]], 0.0)
    np.fmin.at(found, pairs[0], np.where(away <= NEAR_M[-1], away, np.nan))
    return found
