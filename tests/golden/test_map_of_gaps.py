"""A whole map as the browser receives it, with the ids made stable."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
from shapely.geometry import LineString, Point, box
from streamlit_folium import generate_leaflet_string

from geo.crs import GEOGRAPHIC
from layers.maps import Layer, Picture, compose, features
from layers.palette import AREA, PROTECTION, STATIONS

GOLDEN = Path(__file__).with_name("map_of_gaps.js")


def _frame(shapes: list[object], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=GEOGRAPHIC)


def _picture() -> Picture:
    area = _frame([box(110.6, 26.7, 110.7, 26.8)], k=["area"])
    gaps = _frame([LineString([(110.61, 26.71), (110.62, 26.72)])], k=["gap"], name=["李家塘 {{1}}"])
    stations = _frame(
        [Point(110.63, 26.73), Point(110.64, 26.74)], k=["valid", "expired"], name=["甲", "<乙>"]
    )
    return Picture(
        bounds=(110.6, 26.7, 110.7, 26.8),
        layers=[
            Layer(
                name="行政区", styles=AREA, features=features(area, key="k", lines=lambda _: ()), told=False
            ),
            Layer(name="水域", styles=PROTECTION, url="/layer/waters?v=1-1"),
            Layer(
                name="缺口",
                styles=PROTECTION,
                features=features(gaps, key="k", lines=lambda row: (row.name,)),
            ),
            Layer(
                name="点位",
                styles=STATIONS,
                features=features(stations, key="k", lines=lambda row: (row.name,)),
            ),
        ],
        notes=["内部使用 · 演示数据"],
    )


def test_a_map_is_handed_over_as_it_was_when_somebody_last_looked_at_it() -> None:
    drawn = compose(_picture())
    drawn.get_root().render()
    script = re.sub(r"[ \t]+$", "", generate_leaflet_string(drawn), flags=re.MULTILINE).strip() + "\n"
    if not GOLDEN.exists():
        GOLDEN.write_text(script, "utf-8")
    assert script == GOLDEN.read_text("utf-8")
