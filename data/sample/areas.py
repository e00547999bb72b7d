"""The code tree of one prefecture: every county, township and village, whatever the scale."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.sample.codes import SUCCESSIONS
from data.sample.dry import valid
from data.sample.outlines import outlines
from geo.crs import DEFAULT_METRIC, to_geographic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

LEVELS: Final = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
ABOVE: Final = {4: 2, 6: 4, 9: 6, 12: 9}


def province_frame(code: str, names: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the one area row of a province; `names` (code, name) lists at least it."""
    return _areas(names[names["code"] == code], dict(outlines((code,)).items()), root=code)


def area_frames(
    ground: Basin, places: Iterable[Settlements], names: pd.DataFrame, *, root: str
) -> dict[str, pd.DataFrame]:
    """Return area, area_succession and village of one prefecture (EPSG:4490); `root` has no parent."""
    places = list(places)
    shapes = {ground.code: ground.outline} | dict(ground.counties.items())
    for one in places:
        shapes |= dict(zip(one.townships["code"], one.townships["geom"], strict=True))
    listed = names[names["code"].str.startswith(ground.code)]
    listed = listed[listed["code"].str[:6].isin([*ground.counties.index, ground.code])]
    return {
        "area": _areas(listed, shapes, root=root),
        "area_succession": _successions(ground.code),
        "village": _villages(places),
    }


def _areas(names: pd.DataFrame, shapes: dict[str, BaseGeometry], *, root: str) -> gpd.GeoDataFrame:
    code = names["code"]
    length = code.str.len()
    parent = [None if one == root else one[: ABOVE[len(one)]] for one in code]
    frame = gpd.GeoDataFrame(
        {
            "code": code.to_numpy(),
            "name": names["name"].to_numpy(),
            "level": length.map(LEVELS).to_numpy(),
            "parent_code": parent,
            "position_method": np.where(length <= 6, "converted", "invented"),  # noqa: PLR2004 - digits of a county
        },
        geometry=[shapes.get(one) for one in code],
        crs=DEFAULT_METRIC,
    )
    degrees = to_geographic(frame.rename_geometry("geom"))
    degrees["geom"] = _multi(degrees["geom"].to_numpy())
    return degrees.set_crs(degrees.crs)


def _multi(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    made = np.empty(len(shapes), dtype=object)
    for number, shape in enumerate(valid(shapes)):
        if shape is not None:
            parts = shapely.get_parts(shape)
            made[number] = shapely.multipolygons(
                shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
            )
    return made


def _successions(prefecture: str) -> pd.DataFrame:
    rows = [
        (old, new, dt.date.fromisoformat(since), note)
        for old, new, since, note in SUCCESSIONS
        if new.startswith(prefecture)
    ]
    return pd.DataFrame(rows, columns=["old_code", "new_code", "since", "note"])


def _villages(places: Iterable[Settlements]) -> gpd.GeoDataFrame:
    columns = ["code", "geom", "children_expected", "child_directors", "has_children_home"]
    frame = pd.concat([one.villages[columns] for one in places], ignore_index=True)
    frame["position_method"] = "invented"
    return to_geographic(gpd.GeoDataFrame(frame, geometry="geom", crs=DEFAULT_METRIC))
