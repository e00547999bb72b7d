"""What the section of unplaced records shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from data.importers.matching import LIKE_MIN, bare
from layers.maps import Layer, features
from layers.palette import UNPLACED
from pages.shell.places import township_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

KINDS: Final = {"station": "点位", "institution": "机构", "hazard": "隐患", "camera": "摄像头"}
PRECISIONS: Final = {"village": "村级", "derived": "组级（水边）"}
METRES_A_DEGREE: Final = 111_320.0
CANDIDATES: Final = 5
"""Waters that are offered for one record."""


def table(found: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the work list under Chinese headings."""
    return pd.DataFrame(
        {
            "编号": found["code"],
            "名称": found["name"],
            "乡镇": township_names(found["area_code"], names),
            "精度": found["position_method"].map(PRECISIONS),
            "文件所写": found["raw_position"].map(origin),
        }
    )


def told(row: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a row of the list
    """Return what is known of a chosen record, for whoever points it out."""
    return [
        ("落点", f"{row['code']}　{row['name']}".strip()),
        ("现精度", PRECISIONS[str(row["position_method"])]),
        ("文件所写", origin(row["raw_position"]) or "—"),
    ]


def layers(chosen: gpd.GeoDataFrame) -> list[Layer]:
    """Return the layer of the place that stands for now."""
    drawn = features(chosen.assign(k="now"), key="k", lines=_lines)
    return [Layer(name="暂定位置", styles=UNPLACED, features=drawn)]


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return f"{row.code}　{row.name}", "暂定位置，待落点"


def origin(raw_position: object) -> str:
    """Return what the file said instead of coordinates, empty where nothing is known of it."""
    said = raw_position if isinstance(raw_position, str) else ""
    return said.removeprefix("（无坐标：").removesuffix("）")


def candidates(around: gpd.GeoDataFrame, raw_position: object) -> gpd.GeoDataFrame:
    """Return the few waters that a record may mean: those named alike first, then the nearest.

    `around` is ordered by distance; the answer tells of each in `told`.
    """
    said = [bare(word.removeprefix("水域 "), "water") for word in origin(raw_position).split("，")]
    likeness = np.array(
        [max((fuzz.ratio(bare(name, "water"), word) for word in said), default=0.0) if name else 0.0
         for name in around["name"]]
    )  # fmt: skip
    likeness = np.where(likeness >= LIKE_MIN, likeness, 0.0)
    first = around.iloc[np.argsort(-likeness, kind="stable")[:CANDIDATES]]
    alike = likeness[np.argsort(-likeness, kind="stable")[:CANDIDATES]] > 0
    told = [
        f"{row.name or row.code}（{'名称相近，' if like else ''}离暂定位置 {row.distance_m:,.0f} 米）"
        for row, like in zip(first.itertuples(index=False), alike, strict=True)
    ]
    return first.assign(told=told)


def metres(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Return about how far two places are apart [m], for a sentence and not for a judgement."""
    wide = float(np.cos(np.radians((lat0 + lat1) / 2)))
    return float(np.hypot((lon1 - lon0) * wide, lat1 - lat0)) * METRES_A_DEGREE
