"""Where the viewer's area lies and what it is called, read once a data version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.storage import areas
from data.storage import deployment as stored_deployment
from layers.maps import bounds_of
from pages.shell.deployment import deployment
from pages.shell.frames import opened_as, read, version

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from layers.maps import Bounds
    from pages.door.desk import Viewer


def area_names(viewer: Viewer) -> Mapping[str, str]:
    """Return the name of every area of the deployment, by code."""
    tree: pd.DataFrame = read("tree", viewer.role, deployment().area_code[:2], version(viewer))
    return dict(zip(tree.index, tree["name"], strict=True))


def outline(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return the outline of the viewer's area, or of the smallest area above it that has one."""
    return _outline(viewer.role, viewer.area_code, version(viewer))


def parts(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return the outlines one level below the viewer's area that are stored; often none below counties."""
    return _parts(viewer.role, viewer.area_code, version(viewer))


def extent(viewer: Viewer) -> Bounds | None:
    """Return what holds the stored waters, else the outline, of the viewer's area; None where nothing is."""
    return _extent(viewer.role, viewer.area_code, version(viewer))


def is_sample(viewer: Viewer) -> bool:
    """Return whether what is shown is the invented sample."""
    return _is_sample(viewer.role, viewer.area_code, version(viewer))


@st.cache_data(show_spinner=False, max_entries=32, ttl=3600)
def _is_sample(role: str, area_code: str, version: str) -> bool:
    del version
    with opened_as(role, area_code) as connection:
        return stored_deployment.holds_sample(connection)


@st.cache_data(show_spinner=False, max_entries=32, ttl=3600)
def _extent(role: str, area_code: str, version: str) -> Bounds | None:
    waters: gpd.GeoDataFrame = read("waters", role, area_code, version)
    return bounds_of(waters) or bounds_of(_outline(role, area_code, version))


@st.cache_data(show_spinner=False, max_entries=32, ttl=3600)
def _outline(role: str, area_code: str, version: str) -> gpd.GeoDataFrame:
    del version
    with opened_as(role, area_code) as connection:
        for level, digits in (
            ("village", 12),
            ("township", 9),
            ("county", 6),
            ("prefecture", 4),
            ("province", 2),
        ):
            if len(area_code) >= digits:
                found = areas.outlines(connection, level, area_code[:digits])
                if not found.empty:
                    return found
        return areas.outlines(connection, "prefecture", area_code)


@st.cache_data(show_spinner=False, max_entries=32, ttl=3600)
def _parts(role: str, area_code: str, version: str) -> gpd.GeoDataFrame:
    del version
    below = {2: "prefecture", 4: "county", 6: "township"}.get(len(area_code))
    with opened_as(role, area_code) as connection:
        return areas.outlines(connection, below or "village", area_code)
