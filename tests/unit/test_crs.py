"""Lengths are measured in metres only."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString

from geo.crs import CrsError, require_geographic, require_metric, to_geographic, to_metric


def frame(crs: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[LineString([(111, 27), (111.1, 27)])], crs=crs)


@pytest.mark.parametrize("crs", [None, "EPSG:4490", "EPSG:4326", "EPSG:3857", "EPSG:2263", "EPSG:900913"])
def test_a_system_without_true_metres_is_refused(crs: str | None) -> None:
    with pytest.raises(CrsError, match="rivers"):
        require_metric(frame(crs), "rivers")


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4547", "EPSG:32649", "EPSG:2154"])
def test_any_projected_system_in_metres_is_taken(crs: str) -> None:
    require_metric(frame(crs), "rivers")


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:4546"])
def test_only_the_system_of_storage_is_geographic(crs: str | None) -> None:
    with pytest.raises(CrsError, match="rivers"):
        require_geographic(frame(crs), "rivers")


def test_there_and_back_is_the_same_place() -> None:
    start = frame("EPSG:4490")
    back = to_geographic(to_metric(start))
    require_geographic(back, "back")
    assert back.geometry.iloc[0].equals_exact(start.geometry.iloc[0], 1e-9)


def test_web_mercator_is_refused_as_a_target() -> None:
    with pytest.raises(CrsError, match="Web Mercator"):
        to_metric(frame("EPSG:4490"), "EPSG:3857")


def test_an_undeclared_system_is_never_guessed() -> None:
    with pytest.raises(CrsError, match="declares no"):
        to_metric(frame(None))
