"""The chainage strip: what lies where, rings over their start, and no text that acts."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from layers.palette import STATIONS
from layers.strip import Mark, Strip, key, pieces, said, strip, ticks


def drawn(name: str = "左岸", *, ring: bool = False, gap: tuple[float, float] = (100.0, 300.0)) -> Strip:
    return Strip(
        name=name,
        length_m=1000.0,
        ring=ring,
        covered=[(400.0, 500.0)],
        gaps=[gap],
        marks=[Mark(at_m=50.0 * k, status=status) for k, status in enumerate(STATIONS)],
    )


def picture(made: str) -> ET.Element:
    start = made.index("data:image/svg+xml,") + len("data:image/svg+xml,")
    return ET.fromstring(unquote(made[start : made.index('"', start)]))  # noqa: S314 - our own drawing


def bands(made: str, fill: str) -> list[tuple[float, float]]:
    found = [element for element in picture(made).iter() if element.get("fill") == fill]
    return [(float(str(e.get("x"))[:-1]), float(str(e.get("width"))[:-1])) for e in found]


def test_a_band_stands_where_its_metres_are() -> None:
    assert bands(strip(drawn()), "url(#g)") == [pytest.approx((3 + 9.4, 18.8))]
    assert bands(strip(drawn()), "url(#c)") == [pytest.approx((3 + 37.6, 9.4))]


def test_a_gap_over_the_start_of_a_ring_is_drawn_at_both_ends() -> None:
    assert pieces((900.0, 1100.0), 1000.0) == [(900.0, 1000.0), (0.0, 100.0)]
    made = strip(drawn(ring=True, gap=(900.0, 1100.0)))
    assert len(bands(made, "url(#g)")) == 2
    assert "首尾相接" in made
    assert "K0+900 至 K0+100" in said(drawn(ring=True, gap=(900.0, 1100.0)))


@pytest.mark.parametrize("length_m", [3.0, 55.0, 1000.0, 1040.0, 64_000.0])
def test_a_scale_begins_at_the_start_ends_at_the_end_and_fits_a_phone(length_m: float) -> None:
    found = ticks(length_m)
    assert (found[0], found[-1]) == (0.0, length_m)
    assert found == sorted(found)
    assert len(found) <= 6


def test_every_state_has_its_own_shape_and_every_band_its_pattern() -> None:
    shapes = [ET.tostring(next(iter(mark[0]))) for mark in picture(strip(drawn())) if mark.get("overflow")]
    assert len(set(shapes)) == len(STATIONS)
    assert all(fill in unquote(key()) for fill in ("url(#g)", "url(#c)"))


def test_a_name_is_text_in_caption_and_description() -> None:
    made = strip(drawn('"><img src=x onerror=alert(1)>{{7*7}}'))
    assert "<img src=x" not in made
    assert "{{" not in made
