"""Typed positions: four kinds of numbers, one place; and the likely cause of a fault by name."""

from __future__ import annotations

import pytest

from pages.shell.positions import PositionError, from_numbers

SHAOYANG = (109.83, 25.95, 112.09, 27.67)
WUGANG = {
    "cgcs2000": (110.63, 26.73),
    "gcj02": (110.634604, 26.726375),
    "bd09": (110.641008, 26.732689),
    "metric": (463188.24, 2957767.38),
}


@pytest.mark.parametrize("datum", WUGANG)
def test_four_ways_to_write_wugang_are_one_place(datum: str) -> None:
    place = from_numbers(*WUGANG[datum], datum, metric_crs="EPSG:4546", area=SHAOYANG)
    assert (place.lon, place.lat) == pytest.approx((110.63, 26.73), abs=2e-6)


def test_a_shift_is_told_in_metres() -> None:
    place = from_numbers(*WUGANG["gcj02"], "gcj02", metric_crs="EPSG:4546", area=SHAOYANG)
    assert place.method == "converted"
    assert 590 < place.moved_m < 670
    assert "移动" in place.told


@pytest.mark.parametrize(
    ("pair", "datum", "cause"),
    [
        ((26.73, 110.63), "cgcs2000", "写反"),
        ((463188.24, 2957767.38), "cgcs2000", "平面坐标"),
        ((110.63, 26.73), "metric", "经纬度"),
        ((2957767.38, 463188.24), "metric", "写反"),
        ((116.4, 39.9), "cgcs2000", "不在本辖区"),
        ((float("nan"), 26.73), "cgcs2000", "数字"),
    ],
)
def test_a_pair_outside_the_area_names_its_likely_cause(
    pair: tuple[float, float], datum: str, cause: str
) -> None:
    with pytest.raises(PositionError, match=cause):
        from_numbers(*pair, datum, metric_crs="EPSG:4546", area=SHAOYANG)
