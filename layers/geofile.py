"""Results as files for a map program: GeoJSON (RFC 7946) and GeoPackage, in EPSG:4490."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import math
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import shapely

from geo.crs import require_geographic

if TYPE_CHECKING:
    from layers.handouts import Handout

DECIMALS: Final = 7
"""Of a degree: about a centimetre."""
_NOTES: Final = (
    'CREATE TABLE "说明" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "项目" TEXT, "内容" TEXT)'
)
_CONTENTS: Final = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('说明', 'attributes', '说明')"
)
NO_CRS: Final = "坐标为 CGCS2000（EPSG:4490）经度、纬度，与 WGS84 相差在厘米级；按 RFC 7946 文件不写 crs。"


class NoShapesError(ValueError):
    """A hand-out has no geometry, on purpose or for want of any."""


def to_geojson(handout: Handout) -> bytes:
    """Return a FeatureCollection without a `crs` member; facts stand in a member of their own."""
    shapes = _shapes(handout)
    rounded = shapely.set_precision(shapes.to_numpy(), 10.0**-DECIMALS, mode="pointwise")
    columns = [str(column) for column in handout.table.columns]
    features = [
        {
            "type": "Feature",
            "properties": {name: _plain(value) for name, value in zip(columns, row, strict=True)},
            "geometry": None if shape is None else json.loads(text),
        }
        for row, shape, text in zip(
            handout.table.to_numpy(dtype=object).tolist(), rounded, shapely.to_geojson(rounded), strict=True
        )
    ]
    document = {
        "type": "FeatureCollection",
        "name": handout.name,
        "说明": {**dict(handout.facts), "坐标": NO_CRS},
        "features": features,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def to_gpkg(handout: Handout) -> bytes:
    """Return a GeoPackage with the layer and a table 说明, made in memory."""
    import pyogrio

    shapes = _shapes(handout)
    table = handout.table.map(_plain).infer_objects()
    frame = gpd.GeoDataFrame(table.reset_index(drop=True), geometry=shapes.reset_index(drop=True))
    made = io.BytesIO()
    pyogrio.write_dataframe(frame, made, layer=handout.name, driver="GPKG")
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(made.getvalue())
        database.execute("PRAGMA journal_mode = MEMORY")
        with database:
            database.execute(_NOTES)
            database.executemany('INSERT INTO "说明" ("项目", "内容") VALUES (?, ?)', handout.facts)
            database.execute(_CONTENTS)
        return database.serialize()


def _shapes(handout: Handout) -> gpd.GeoSeries:
    if handout.shapes is None:
        raise NoShapesError(f"{handout.name} carries no geometry: hand it out as a table")
    require_geographic(gpd.GeoDataFrame(geometry=handout.shapes), handout.name)
    return handout.shapes


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of any table
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
