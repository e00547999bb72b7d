"""What the section of unplaced records shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from layers.maps import Layer, features
from layers.palette import UNPLACED
from pages.shell.places import township_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

KINDS: Final = {"station": "点位", "institution": "机构"}
PRECISIONS: Final = {"village": "村级", "derived": "组级（水边）"}
METRES_A_DEGREE: Final = 111_320.0


def table(found: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the work list under Chinese headings."""
    return pd.DataFrame(
        {
            "编号": found["code"],
            "名称": found["name"],
            "乡镇": township_names(found["area_code"], names),
            "精度": found["position_method"].map(PRECISIONS),
            "来源": found["raw_position"].fillna(""),
        }
    )


def layers(chosen: gpd.GeoDataFrame) -> list[Layer]:
    """Return the layer of the place that stands for now."""
    drawn = features(chosen.assign(k="now"), key="k", lines=_lines)
    return [Layer(name="暂定位置", styles=UNPLACED, features=drawn)]


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return f"{row.code}　{row.name}", "暂定位置，待落点"


def metres(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Return about how far two places are apart [m], for a sentence and not for a judgement."""
    wide = float(np.cos(np.radians((lat0 + lat1) / 2)))
    return float(np.hypot((lon1 - lon0) * wide, lat1 - lat0)) * METRES_A_DEGREE
