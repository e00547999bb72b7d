"""The four places of domain.md §5 in all four systems."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from geo.crs import to_metric
from geo.datum import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

WGS = np.array([[111.4677, 27.2389], [110.63, 26.73], [110.32, 26.38], [111.74, 27.26]])
GCJ = np.array(
    [[111.473264, 27.235655], [110.634604, 26.726375], [110.324718, 26.376674], [111.745522, 27.256669]]
)
BD = np.array(
    [[111.479683, 27.241968], [110.641008, 26.732689], [110.331254, 26.382439], [111.752018, 27.262750]]
)
METRIC = np.array(
    [[546323.31, 3014188.24], [463188.24, 2957767.38], [432139.51, 2919114.05], [573280.13, 3016656.50]]
)
MICRON_DEG = 1e-6 / 111_320.0


def test_gcj02_agrees_with_the_published_places() -> None:
    np.testing.assert_allclose(np.column_stack(wgs84_to_gcj02(*WGS.T)), GCJ, atol=6e-7)


def test_bd09_agrees_with_the_published_places() -> None:
    np.testing.assert_allclose(np.column_stack(wgs84_to_bd09(*WGS.T)), BD, atol=6e-7)


def test_the_metric_system_agrees_with_the_published_places() -> None:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*WGS.T), crs="EPSG:4490")
    metric = to_metric(frame, "EPSG:4546")
    np.testing.assert_allclose(np.column_stack([metric.geometry.x, metric.geometry.y]), METRIC, atol=0.006)


def test_the_way_back_from_gcj02_is_exact_to_a_micron() -> None:
    lon, lat = np.meshgrid(np.linspace(109.8, 112.1, 60), np.linspace(25.9, 27.7, 60))
    back_lon, back_lat = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert np.abs(back_lon - lon).max() < MICRON_DEG
    assert np.abs(back_lat - lat).max() < MICRON_DEG
    assert back_lon.shape == lon.shape


def test_the_way_back_from_bd09_is_exact_to_a_micron() -> None:
    lon, lat = np.meshgrid(np.linspace(109.8, 112.1, 60), np.linspace(25.9, 27.7, 60))
    back_lon, back_lat = bd09_to_wgs84(*wgs84_to_bd09(lon, lat))
    assert np.abs(back_lon - lon).max() < MICRON_DEG
    assert np.abs(back_lat - lat).max() < MICRON_DEG


@pytest.mark.parametrize(("lon", "lat"), [(2.35, 48.86), (-71.06, 42.36)])
def test_a_place_outside_china_is_not_shifted(lon: float, lat: float) -> None:
    assert tuple(map(float, wgs84_to_gcj02(lon, lat))) == (lon, lat)
