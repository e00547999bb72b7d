"""The assessment at its border: frames of waters, stations, places and rules in, frames of findings out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.crs import CrsError
from geo.frames import BARRIERS, CAMERAS, ITEMS, PATROLS, PLACES, ROUTES, STATIONS, WATERS
from geo.tables import Table
from hazards.assessment import World, found_of

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import pandas as pd

    from geo.frames import FrameContract
    from hazards.parameters import Parameters, Sharing


@dataclass(frozen=True)
class Findings:
    """What the assessment decided: the tables of `hazards.assessment.Found` as frames, ids as their index."""

    banks: gpd.GeoDataFrame
    station_findings: pd.DataFrame
    bank_findings: pd.DataFrame
    gaps: gpd.GeoDataFrame
    covered: gpd.GeoDataFrame
    water_classes: pd.DataFrame


def assess(  # noqa: PLR0913, PLR0917 - the inputs of the question
    waters: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    items: pd.DataFrame,
    places: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    parameters: Parameters,
    as_of: dt.date,
    *,
    cameras: gpd.GeoDataFrame | None = None,
    patrols: gpd.GeoDataFrame | None = None,
    routes: gpd.GeoDataFrame | None = None,
    sharing: Sharing | None = None,
) -> Findings:
    """Return the findings of the given state of the world as of a date; no argument is changed.

    Parameters
    ----------
    waters, stations, items, places, barriers, cameras, patrols, routes
        Frames as `geo.frames` describes them, all in one metric CRS. Barriers are those in good state;
        cameras and patrols are judged here; routes are the ways to school.
    waters
        Where it has a column `trusted`, the others tell of no home.
    sharing
        How homes count in findings that readers without child rights see; None: each home, exactly.

    Raises
    ------
    FrameError, CrsError
        Where a frame breaks its contract or the coordinate systems differ.
    """
    shapes = (
        (WATERS, waters),
        (STATIONS, stations),
        (PLACES, places),
        (BARRIERS, barriers),
        (CAMERAS, cameras),
        (PATROLS, patrols),
        (ROUTES, routes),
    )
    for contract, frame in shapes:
        if frame is not None:
            _check(contract, frame, waters)
    ITEMS.check(items)
    found = found_of(
        World(
            waters=Table.of(waters),
            stations=Table.of(stations),
            items=Table.of(items),
            places=Table.of(places),
            barriers=Table.of(barriers),
            cameras=None if cameras is None else Table.of(cameras),
            patrols=None if patrols is None else Table.of(patrols),
            routes=None if routes is None else Table.of(routes),
        ),
        parameters,
        as_of,
        sharing=sharing,
    )
    standing = found.station_findings.frame(stations.index.name)
    return Findings(
        banks=found.banks.frame("bank"),
        station_findings=standing.assign(bank=standing["bank"].astype("Int64").mask(standing["bank"] < 0)),
        bank_findings=found.bank_findings.frame("bank"),
        gaps=found.gaps.frame(),
        covered=found.covered.frame(),
        water_classes=found.water_classes.frame(waters.index.name),
    )


def _check(contract: FrameContract, frame: gpd.GeoDataFrame, waters: gpd.GeoDataFrame) -> None:
    contract.check(frame)
    if frame.crs is not waters.crs and frame.crs != waters.crs:
        raise CrsError(f"{contract.name} and waters are in different coordinate systems; bring all to one.")
