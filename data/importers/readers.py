"""The parsers of the confined child: workbooks, GeoJSON, GeoPackage and shapefiles into plain JSON."""

from __future__ import annotations

import json
import math
import tempfile
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from data.importers.guards import SHAPE_MEMBERS

CELL_MAX: Final = 4000
"""Characters of a cell; a longer one is no ledger entry."""
ROWS_MAX: Final = 1_048_576
LAYERS_MAX: Final = 1
ENCODINGS: Final = ("UTF-8", "GB18030")


class ReadError(Exception):
    """The file is not what a keeper meant to hand in; the message says why and what to do."""


def sheets(path: Path) -> list[dict[str, Any]]:
    """Return name, visibility, first row and cells of every sheet of a workbook.

    Cells travel as text, number, boolean, none, or `{"day": "2024-03-05"}`.
    """
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            return [_sheet(book, meta) for meta in book.sheets_metadata]
    except python_calamine.PasswordError:
        raise ReadError("工作簿有密码：请去掉密码后再导入。") from None
    except python_calamine.CalamineError:
        raise ReadError("不是完好的工作簿：请用表格软件另存为 .xlsx 后再导入。") from None


def _sheet(book: Any, meta: Any) -> dict[str, Any]:  # noqa: ANN401 - a parser without types
    visible = str(meta.visible).rsplit(".", 1)[-1] == "Visible"
    cells: list[list[Any]] = []
    first = 1
    if visible and str(meta.typ).rsplit(".", 1)[-1] == "WorkSheet":
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.start is not None:
            # Rows above the first filled one are not handed out: remember how many there were.
            first = int(sheet.start[0]) + 1
            cells = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=True)]
    return {"name": str(meta.name), "visible": visible, "first_row": first, "cells": cells}


def whole_book(path: Path) -> list[dict[str, Any]]:
    """Return every sheet of a workbook, hidden ones too, with its merged ranges.

    A range is ((top, left), (bottom, right)), rows and columns of the sheet counted from 0.
    """
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            return [_whole_sheet(book, meta) for meta in book.sheets_metadata]
    except python_calamine.PasswordError:
        raise ReadError("工作簿有密码：请去掉密码后再交回。") from None
    except python_calamine.CalamineError:
        raise ReadError("不是完好的工作簿：请用表格软件另存为 .xlsx 后再交回。") from None


def _whole_sheet(book: Any, meta: Any) -> dict[str, Any]:  # noqa: ANN401 - a parser without types
    sheet = book.get_sheet_by_name(meta.name)
    start = sheet.start or (0, 0)
    return {
        "name": str(meta.name),
        "visible": str(meta.visible).rsplit(".", 1)[-1] == "Visible",
        "first_row": int(start[0]) + 1,
        "first_column": int(start[1]),
        "cells": [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=True)],
        "merged": [[list(corner) for corner in merged] for merged in sheet.merged_cell_ranges or ()],
    }


def _cell(value: Any) -> Any:  # noqa: ANN401
    if value is None or value == "":
        return None
    if isinstance(value, datetime | date):
        timed = isinstance(value, datetime) and value.time() != time()
        return {"day": str(value)[:19] if timed else value.isoformat()[:10]}
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bool | int):
        return value
    return str(value)[: CELL_MAX + 1]


def geojson(path: Path) -> list[dict[str, Any]]:
    """Return the one layer of a GeoJSON file, read by `json` and shapely alone."""
    import shapely
    from shapely.geometry import shape

    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ReadError("GeoJSON 须为 UTF-8 编码（RFC 7946）：请另存为 UTF-8。") from None
    except ValueError:
        raise ReadError("不是完好的 JSON：文件可能被截断，请重新导出。") from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ReadError("须为 GeoJSON 的 FeatureCollection：请用要素集合重新导出。")
    features = document.get("features")
    if not isinstance(features, list):
        raise ReadError("缺少 features：请重新导出。")
    found = []
    for number, feature in enumerate(features, start=1):
        given = feature if isinstance(feature, dict) else {}
        properties = given.get("properties")
        wkb, fault = None, None
        geometry = given.get("geometry")
        if geometry is not None:
            try:
                wkb = shapely.to_wkb(shape(geometry), hex=True, flavor="iso")
            except Exception:  # noqa: BLE001 - shapely raises anything on malformed coordinates
                fault = "坐标的写法不合 GeoJSON"
        found.append(
            {
                "number": number,
                "cells": _plain(properties if isinstance(properties, dict) else {}),
                "wkb": wkb,
                "fault": fault,
            }
        )
    return [{"name": path.stem, "crs": _named_crs(document.get("crs")), "features": found}]


def _named_crs(member: Any) -> str | None:  # noqa: ANN401
    if member is None:
        return None
    named = member.get("properties", {}).get("name") if isinstance(member, dict) else None
    if not isinstance(named, str):
        raise ReadError("crs 的写法无法识别：请删去该项，并在导入时说明坐标系。")
    return named


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        str(key): _cell(value) if not isinstance(value, dict | list) else json.dumps(value)[:CELL_MAX]
        for key, value in properties.items()
    }


def layers(path: Path) -> list[dict[str, Any]]:
    """Return the layers of a GeoPackage or of the one shapefile in an archive."""
    if path.suffix.lower() == ".gpkg":
        return _gdal_layers(path, ("UTF-8",), "GPKG")
    with tempfile.TemporaryDirectory(prefix="anlan-") as folder:
        source, declared = _unpack(path, Path(folder))
        return _gdal_layers(source, (declared,) if declared else ENCODINGS, "ESRI Shapefile", path.stem)


def _unpack(path: Path, folder: Path) -> tuple[Path, str | None]:
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if not n.startswith("__MACOSX/") and not n.endswith("/")]
        shapes = [n for n in names if n.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise ReadError(f"压缩包里有 {len(shapes)} 个 .shp，应恰有 1 个：请一个图层打一个包。")
        stem = shapes[0][: -len(".shp")].lower()
        for name in names:
            suffix = name[name.rfind(".") :].lower()
            if suffix in SHAPE_MEMBERS and name[: -len(suffix)].lower() == stem:
                # Under a name of ours: no path of the archive reaches the disk.
                (folder / f"layer{suffix}").write_bytes(archive.read(name))
    missing = [suffix for suffix in (".shx", ".dbf") if not (folder / f"layer{suffix}").exists()]
    if missing:
        raise ReadError(f"压缩包缺少 {'、'.join(missing)}：请把同名的 .shp .shx .dbf .prj 一起打包。")
    declared = folder / "layer.cpg"
    named = declared.read_text("ascii", "ignore").strip() if declared.exists() else ""
    declared.unlink(missing_ok=True)
    return folder / "layer.shp", _codec(named)


def _codec(named: str) -> str | None:
    import codecs

    names = {"65001": "UTF-8", "936": "GB18030", "gbk": "GB18030", "gb2312": "GB18030", "cp936": "GB18030"}
    candidate = names.get(named.lower(), named)
    try:
        return codecs.lookup(candidate).name if candidate else None
    except LookupError:
        return None


def _gdal_layers(
    path: Path, encodings: tuple[str, ...], driver: str, title: str = ""
) -> list[dict[str, Any]]:
    import pyogrio

    if driver not in pyogrio.list_drivers():
        raise ReadError("此安装不能读取这种文件：请改用 GeoJSON。")
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        if not names:
            raise ReadError("没有带图形的图层：请检查导出设置。")
        return [_gdal_layer(path, name, encodings, title) for name in names]
    except pyogrio.errors.DataSourceError:
        raise ReadError("不是完好的空间数据文件：请重新导出。") from None
    except (pyogrio.errors.DataLayerError, pyogrio.errors.GeometryError, pyogrio.errors.CRSError):
        raise ReadError("图层无法读取：请重新导出。") from None


def _gdal_layer(path: Path, layer: str, encodings: tuple[str, ...], title: str) -> dict[str, Any]:
    import pyogrio.raw

    for encoding in encodings:
        try:
            meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer, encoding=encoding)
        except UnicodeDecodeError:
            continue
        fields = [str(field) for field in meta["fields"]]
        features = [
            {
                "number": number + 1,
                "cells": {
                    field: _scalar(column[number]) for field, column in zip(fields, columns, strict=True)
                },
                "wkb": None if shapes[number] is None else bytes(shapes[number]).hex(),
                "fault": None,
            }
            for number in range(len(shapes))
        ]
        return {"name": title or layer, "crs": meta["crs"], "features": features, "encoding": encoding}
    raise ReadError("文字编码无法识别（既不是 UTF-8 也不是 GB18030）：请附 .cpg 文件说明编码。")


def _scalar(value: Any) -> Any:  # noqa: ANN401 - an element of a numpy array
    import numpy as np

    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else {"day": str(value)[:10]}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    return _cell(value) if not isinstance(value, bytes) else None
