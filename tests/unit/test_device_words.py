"""Barriers and cameras in words and shapes."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from geo.crs import to_geographic, to_metric
from pages.water import device_words

CRS = "EPSG:4546"


def _cameras(bearing: float, view: float, state: str = "good") -> gpd.GeoDataFrame:
    placed = gpd.GeoDataFrame(
        {"code": ["C"], "state": [state], "bearing_deg": [bearing], "view_deg": [view], "reach_m": [100.0]},
        geometry=[Point(500_000.0, 3_000_000.0)],
        crs=CRS,
    )
    return to_geographic(placed)


@pytest.mark.parametrize(
    ("bearing", "seen"), [(90.0, (50.0, 0.0)), (0.0, (0.0, 50.0)), (225.0, (-30.0, -30.0))]
)
def test_the_drawn_sector_looks_where_the_camera_looks(bearing: float, seen: tuple[float, float]) -> None:
    (shape,) = to_metric(device_words.sectors(_cameras(bearing, 60.0), CRS), CRS).geometry
    assert shape.contains(Point(500_000.0 + seen[0], 3_000_000.0 + seen[1]))
    assert not shape.contains(Point(500_000.0 - seen[0], 3_000_000.0 - seen[1]))


def test_a_camera_that_sees_all_around_is_a_disc_and_a_broken_one_sees_nothing() -> None:
    (disc,) = to_metric(device_words.sectors(_cameras(0.0, 360.0), CRS), CRS).geometry
    assert disc.area == pytest.approx(31_416, rel=0.01)
    assert device_words.sectors(_cameras(0.0, 360.0, "damaged"), CRS).empty


@pytest.mark.parametrize(
    ("table", "points", "placed", "said"),
    [
        ("barrier", 1, True, "至少点两处"),
        ("camera", 0, True, "摄像头的位置"),
        ("barrier", 2, False, "所属水域"),
    ],
)
def test_what_keeps_a_device_from_being_saved_is_said(
    table: str,
    points: int,
    placed: bool,  # noqa: FBT001 - of pytest
    said: str,
) -> None:
    assert said in "；".join(device_words.faults("B1", points, table, placed=placed))
    assert device_words.faults(" ", 2, "barrier", placed=True) == ["请填写编号"]
