"""The one seam between pages and storage: every cache key holds role, area and data version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from data import rights
from data.engine import Scope, connect
from data.storage import areas as stored_areas
from data.storage import (
    assessments,
    audit,
    child_tables,
    children,
    findings,
    gap_ledger,
    hazards,
    inspections,
    institutions,
    water_edits,
    water_strips,
)
from data.storage import bulletin as stored_bulletin
from data.storage import devices as stored_devices
from data.storage import outlook as stored_outlook
from data.storage import parameters as stored_parameters
from data.storage import photos as stored_photos
from data.storage import shopping as stored_shopping
from data.storage import stations as stored_stations
from data.storage import villages as stored_villages
from data.storage import waters as stored_waters
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import geopandas as gpd
    import pandas as pd

    from data.storage.child_tables import Told
    from data.storage.findings import Assessment
    from data.storage.outlook import Outlook
    from data.storage.stations import StationCard
    from data.storage.water_strips import AlongBanks
    from data.storage.waters import WaterCard
    from layers.periods import Period
    from pages.door.desk import Viewer

READERS: dict[str, Callable[..., Any]] = {
    "tree": stored_areas.tree,
    "gaps": findings.gaps,
    "bank_findings": findings.bank_findings,
    "headline": findings.headline,
    "stations": stored_stations.stations,
    "shopping": stored_shopping.shopping,
    "items": stored_stations.items,
    "devices": stored_devices.devices,
    "villages": stored_villages.villages,
    "waters": stored_waters.waters,
    "institutions": institutions.institutions,
    "routes": institutions.routes,
    "rounds": inspections.rounds,
    "in_round": inspections.institutions_with_round_state,
    "hazards": hazards.hazards,
    "hazard_exposure": lambda connection, within, band: findings.hazard_exposure(
        connection, within, band=bool(band)
    ),
    "bulletin": lambda connection, within, first, last, level: stored_bulletin.bulletin(
        connection, within, first=first, last=last, level=level
    ),
    "outlook": lambda connection, within, _number: stored_outlook.stations_with_outlook(connection, within),
    "ledger": lambda connection, within, first, last: gap_ledger.changes(connection, first, last, within),
}
"""Readings that take an area; everyone with the role and the area gets the same answer."""


class NoRightError(Exception):
    """A page asked for what its viewer may not read: a fault of the page, whatever the browser sent."""


def version(viewer: Viewer) -> str:
    """Return what changes when data or findings change."""
    return _version(viewer.role, viewer.area_code)


def forget() -> None:
    """Make the next reading ask for the version again: after a save of this process."""
    _version.clear()


def assessment(viewer: Viewer) -> Assessment | None:
    """Return the newest assessment, None before the first."""
    with opened(viewer) as connection:
        return findings.latest_assessment(connection)


def stale(viewer: Viewer) -> bool:
    """Return whether the data changed after the newest assessment."""
    with opened(viewer) as connection:
        found = findings.latest_assessment(connection)
        return found is None or found.data_version < findings.data_version(connection)


def gaps(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return the gaps of the viewer's area, first to close first."""
    return _of(viewer, "gaps")


def bank_findings(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return banks with exposed, covered and gap metres."""
    return _of(viewer, "bank_findings")


def headline(viewer: Viewer) -> dict[str, float]:
    """Return the figures of the viewer's area."""
    figures: dict[str, float] = _of(viewer, "headline")
    return figures


def gap_changes(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Return what became of each gap between the ends of two days."""
    found: pd.DataFrame = _of(viewer, "ledger", first, last)
    return found


def bulletin(viewer: Viewer, period: Period) -> pd.DataFrame:
    """Return the figures of a period by county or township."""
    found: pd.DataFrame = _of(viewer, "bulletin", period.first, period.last, period.level)
    return found


def bulletin_run(viewer: Viewer, period: Period) -> Assessment | None:
    """Return the run that tells what stood at the end of a period; None before the first."""
    with opened(viewer) as connection:
        return stored_bulletin.run_of(connection, period.last)


def child_table(viewer: Viewer) -> tuple[Told, pd.DataFrame] | None:
    """Return the newest table of children by township and its cells; None before the first."""
    require(viewer, "statistics")
    with opened(viewer) as connection:
        told = child_tables.latest(connection)
        return None if told is None else (told, child_tables.cells(connection, viewer.area_code, told.period))


def outlook(viewer: Viewer) -> Outlook | None:
    """Return the newest estimate of what works, None before the first."""
    with opened(viewer) as connection:
        return stored_outlook.latest(connection)


def outlook_stations(viewer: Viewer, number: int) -> gpd.GeoDataFrame:
    """Return the stations with the estimate of that number, the first to verify first."""
    return _of(viewer, "outlook", number)


def data_version(viewer: Viewer) -> int:
    """Return the number of the last change of data."""
    with opened(viewer) as connection:
        return findings.data_version(connection)


def assessment_on(viewer: Viewer, day: dt.date) -> Assessment | None:
    """Return the run that a state of `day` comes from."""
    with opened(viewer) as connection:
        return assessments.assessment_on(connection, day)


def ledger_begins(viewer: Viewer) -> dt.date | None:
    """Return the first day of the ledger of gaps."""
    with opened(viewer) as connection:
        return assessments.ledger_begins(connection)


def stations(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return stations in use with their status."""
    return _of(viewer, "stations")


def items(viewer: Viewer) -> pd.DataFrame:
    """Return the items of stations in use."""
    found: pd.DataFrame = _of(viewer, "items")
    return found


def shopping(viewer: Viewer) -> pd.DataFrame:
    """Return what each township must buy, beside its complete sets."""
    found: pd.DataFrame = _of(viewer, "shopping")
    return found


def villages(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return villages with their township."""
    return _of(viewer, "villages")


def waters(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return waters."""
    return _of(viewer, "waters")


def schools(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return institutions."""
    return _of(viewer, "institutions")


def routes(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return the ways to school, those with most gaps beside them first."""
    require(viewer, "institutions")
    return _of(viewer, "routes")


def rounds(viewer: Viewer) -> pd.DataFrame:
    """Return rounds, newest first."""
    found: pd.DataFrame = _of(viewer, "rounds")
    return found


def institutions_in_round(viewer: Viewer, number: int) -> gpd.GeoDataFrame:
    """Return institutions with the state of one round."""
    return _of(viewer, "in_round", number)


def open_hazards(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return hazards that are not closed."""
    return _of(viewer, "hazards")


def hazard_exposure(viewer: Viewer) -> pd.DataFrame:
    """Return what the viewer may know of the children near each verified hazard: grade, or band as well."""
    band = viewer.may("exposure", "band")
    if not band:
        require(viewer, "exposure", "grade")
    found: pd.DataFrame = _of(viewer, "hazard_exposure", int(band))
    return found


def station_card(viewer: Viewer, number: int) -> StationCard | None:
    """Return one station as it stands now; never from the cache, since it may be edited."""
    with opened(viewer) as connection:
        return stored_stations.station_card(connection, number)


def water_card(viewer: Viewer, code: str) -> tuple[WaterCard, AlongBanks] | None:
    """Return one water with what lies along its banks; None outside the viewer's area."""
    with opened(viewer) as connection:
        number = water_strips.water_id(connection, code, viewer.area_code)
        card = None if number is None else stored_waters.water_card(connection, number)
        if number is None or card is None:
            return None
        return card, water_strips.along_banks(connection, number)


def devices(viewer: Viewer, table: str) -> gpd.GeoDataFrame:
    """Return barriers or cameras in every state."""
    return _of(viewer, "devices", table)


def device(viewer: Viewer, table: str, number: int) -> dict[str, Any] | None:
    """Return one barrier or camera as it stands now; never from the cache, since it may be edited."""
    with opened(viewer) as connection:
        return stored_devices.device(connection, table, number)


def water_changes(viewer: Viewer, number: int) -> pd.DataFrame:
    """Return what officers changed in the record of one water, newest first."""
    require(viewer, "waters")
    with opened(viewer) as connection:
        return water_edits.changes(connection, number)


def children_near_hazards(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return children near waters and record, in the same transaction, that this viewer saw them.

    Filtering what is on the screen is no new act: one reading serves one session for ten minutes.
    """
    require(viewer, "proximity")
    if not viewer.purpose:
        raise NoRightError("nothing of children is read before the session's purpose is said")
    return _children(viewer.session, viewer.scope, version(viewer), viewer.purpose)


@st.cache_data(show_spinner=False, max_entries=16, ttl=600, hash_funcs={Scope: str})
def _children(session: str, scope: Scope, version: str, purpose: str) -> gpd.GeoDataFrame:
    del session, version
    with connect(deployment(), rights.login_of(scope.role), scope) as connection:
        found = children.children_near_hazards(connection, scope.area_code)
        audit.record(
            connection,
            audit.Action.READ_HOMES,
            scope,
            object_kind="child",
            object_ids=found.loc[~found["sealed"], "code"],
            row_count=len(found),
            purpose=purpose,
        )
        if found["sealed"].any():
            # Colleagues read the record: it names a sealed child by no number that they know.
            ids = found.index[found["sealed"]]
            audit.record(
                connection,
                audit.Action.READ_SEALED,
                scope,
                object_kind="child",
                object_ids=ids,
                row_count=len(ids),
                purpose=purpose,
            )
    return found


def photos(viewer: Viewer, kind: str, subjects: Sequence[int]) -> pd.DataFrame:
    """Return the photos of some subjects, the newest first; never from the cache, since they come and go."""
    with opened(viewer) as connection:
        return stored_photos.photos_of(connection, kind, subjects)


def parameters(viewer: Viewer) -> pd.DataFrame:
    """Return parameters with sources; never from the cache, since they may be edited."""
    with opened(viewer) as connection:
        return stored_parameters.parameter_table(connection)


def require(viewer: Viewer, dataset: str, verb: str = "read") -> None:
    """Raise `NoRightError` where the table of rights does not let this viewer do `verb` with `dataset`."""
    if not viewer.may(dataset, verb):
        raise NoRightError(f"role {viewer.role} may not {verb} {dataset}")


def opened(viewer: Viewer) -> AbstractContextManager[Any]:
    """Open a read-only transaction of the viewer's own login and area."""
    return connect(deployment(), viewer.login_kind, viewer.scope, readonly=True)


@st.cache_data(show_spinner=False, max_entries=32, ttl=2)
def _version(role: str, area_code: str) -> str:
    with opened_as(role, area_code) as connection:
        found = findings.latest_assessment(connection)
        return f"{findings.data_version(connection)}-{found.id if found else 0}"


def _of(viewer: Viewer, name: str, *options: int | str | dt.date) -> Any:  # noqa: ANN401 - each public name above gives the type
    return read(name, viewer.role, viewer.area_code, version(viewer), *options)


@st.cache_data(show_spinner=False, max_entries=128, ttl=3600)
def read(name: str, role: str, area_code: str, version: str, *options: int | str | dt.date) -> Any:  # noqa: ANN401 - the callers name the type
    """Return one of `READERS`; `version` is there to make a new answer of new data."""
    del version
    with opened_as(role, area_code) as connection:
        return READERS[name](connection, area_code, *options)


def opened_as(role: str, area_code: str) -> AbstractContextManager[Any]:
    """Open a read-only transaction for an answer that everyone of a role and area shares."""
    return connect(deployment(), rights.login_of(role), Scope(area_code, None, role), readonly=True)
