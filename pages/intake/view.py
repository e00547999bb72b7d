"""What the screen of imports shows: words, figures, tables and map layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from data.importers import synonyms
from data.importers.kinds import TITLES
from data.importers.receipts import TABLE_TITLES
from geo.crs import GEOGRAPHIC
from layers import verdicts
from layers.maps import Layer, bounds_of, features
from layers.palette import INTAKE
from pages.shell.blocks import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.maps import Bounds

UPLOAD: Final = "导入文件"
HISTORY: Final = "导入记录"
UNPLACED: Final = "待落点"
TWINS: Final = "疑似重复"
SECTIONS: Final = (UPLOAD, UNPLACED, TWINS, HISTORY)
AUTOMATIC: Final = ""
SYSTEMS: Final = {
    "EPSG:4490": "国家 2000 经纬度（CGCS2000，EPSG:4490）",
    "wgs84": "WGS84 经纬度（手机 GPS、奥维）",
    "gcj02": "GCJ-02（微信、高德、腾讯地图）",
    "bd09": "BD-09（百度地图）",
    "EPSG:4546": "国家 2000 平面，3 度带 111°（EPSG:4546）",
    "EPSG:4525": "国家 2000 平面，带号 37（EPSG:4525）",
    "EPSG:4547": "国家 2000 平面，3 度带 114°（EPSG:4547）",
    "doctor": "按坐标诊断逐行判定",
}
STATES: Final = {
    "waiting": "排队中",
    "reading": "正在检查",
    "ready": "待确认",
    "confirmed": "等待写入",
    "storing": "正在写入",
    "done": "已完成",
    "failed": "未能读取",
    "cancelled": "已放弃",
}
BATCH_STATES: Final = {"applied": "已生效", "undone": "已撤销"}
UNSAID: Final = "（暂不处理）"
UNUSED: Final = "不用这一列"
FORMS: Final = {
    "workbook": "Excel 工作簿",
    "csv": "CSV 表格",
    "geojson": "GeoJSON",
    "geopackage": "GeoPackage",
    "shapefile": "Shapefile 压缩包",
    "kml": "KML 图形",
    "kmz": "KMZ 图形",
    "gpx": "GPX 轨迹",
    "osm": "OpenStreetMap",
}
PARTS: Final = frozenset({"station_item", "home"})
UTC8: Final = "Asia/Shanghai"


def kind_title(kind: str) -> str:
    """Return the name of a kind of record; none is: to be recognised."""
    return (
        {**TITLES, "sample": "演示数据", "ledger": "交回的点位台账"}.get(kind, kind) if kind else "自动识别"
    )


def system_title(name: str) -> str:
    """Return the name of a reference system."""
    if name.startswith("doctor:"):
        found = (verdicts.system(key) for key in name.removeprefix("doctor:").split("+"))
        return f"坐标诊断：{'、'.join(found)}"
    return SYSTEMS.get(name, name) if name else "文件自带，或检查后再定"


def figures(preview: Mapping[str, Any]) -> list[Figure]:
    """Return how many rows would go in, stay, and be refused."""
    counts = _counted(preview["tables"])
    refused = int(preview["refused"])
    return [
        Figure(label="文件中的行", value=f"{preview['total']:,}"),
        Figure(
            label="将新增", value=f"{counts['inserted']:,}", tone="good" if counts["inserted"] else "plain"
        ),
        Figure(label="将更新", value=f"{counts['updated']:,}", tone="warn" if counts["updated"] else "plain"),
        Figure(label="与已有相同", value=f"{counts['unchanged']:,}"),
        Figure(label="有问题，不写入", value=f"{refused:,}", tone="bad" if refused else "plain"),
    ]


def _counted(tables: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    # Items and homes go with their station or child: counted with it they would be rows twice.
    words = ("inserted", "updated", "unchanged")
    return {word: sum(tally[word] for name, tally in tables.items() if name not in PARTS) for word in words}


def receipt_figures(receipt: Mapping[str, Any]) -> list[Figure]:
    """Return what became of a file."""
    refused, counts = len(receipt["refused"]), _counted(receipt["tables"])
    return [
        Figure(label="新增", value=f"{counts['inserted']:,}", tone="good" if counts["inserted"] else "plain"),
        Figure(label="更新", value=f"{counts['updated']:,}"),
        Figure(label="与已有相同", value=f"{counts['unchanged']:,}"),
        Figure(label="拒收的行", value=f"{refused:,}", tone="bad" if refused else "plain"),
    ]


def receipt_words(receipt: Mapping[str, Any]) -> str:
    """Return the sentence above a receipt."""
    if receipt["already_applied_as"] is not None:
        return f"同一文件已作为第 {receipt['already_applied_as']} 批导入，没有重复写入。"
    if not receipt["applied"]:
        return "有行被拒，按您的选择整份未写入。"
    if receipt["batch"] is None:
        return "没有可写入的行，未写入任何内容。"
    return f"已写入，回执编号：第 {receipt['batch']} 批。"


def tally_rows(tables: Mapping[str, Mapping[str, int]]) -> list[tuple[str, ...]]:
    """Return counts by kind of record."""
    return [
        (
            TABLE_TITLES.get(name, name),
            f"{tally['inserted']:,}",
            f"{tally['updated']:,}",
            f"{tally['unchanged']:,}",
        )
        for name, tally in tables.items()
    ]


def layout_rows(preview: Mapping[str, Any], kind: str) -> list[tuple[str, ...]]:
    """Return how each sheet was understood."""
    names = synonyms.fields(kind)
    return [
        (
            layout["name"] or "（单表）",
            _standing(layout),
            f"{layout['rows']:,}",
            "、".join(
                word if word == names.get(column, column) else f"{word}→{names.get(column, column)}"
                for word, column in layout["columns"]
            )
            or "—",
            "、".join(layout["unknown"]) or "—",
        )
        for layout in preview["layouts"]
    ]


def _standing(layout: Mapping[str, Any]) -> str:
    if not layout["visible"]:
        return "隐藏的表，未读取"
    if layout["header_row"] is None:
        return layout["encoding"] or "没有可识别的表头"
    encoding = f"，{layout['encoding']}" if layout["encoding"] else ""
    return f"表头在第 {layout['header_row']} 行{encoding}"


def unknown_words(preview: Mapping[str, Any]) -> list[str]:
    """Return the headers that nobody has explained yet."""
    return list(dict.fromkeys(word for layout in preview["layouts"] for word in layout["unknown"]))


def field_choices(kind: str, preview: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns of a kind that the file has not filled yet, with our own headers."""
    filled = {column for layout in preview["layouts"] for _, column in layout["columns"]}
    return {name: word for name, word in synonyms.fields(kind).items() if name not in filled}


def fault_table(faults: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return faults by row: where, what stands there, why, what to do."""
    titles = ["表", "行", "列", "内容", "问题", "怎样改"]
    table = pd.DataFrame([list(fault) for fault in faults], columns=titles)
    table["行"] = table["行"].astype("Int64")
    return table if table["表"].any() else table.drop(columns="表")


def receipt_faults(receipt: Mapping[str, Any]) -> list[list[Any]]:
    """Return the faults of a receipt in the form of `fault_table`."""
    return [
        [row["sheet"], row["row"], *(fault[name] for name in ("header", "value", "reason", "remedy"))]
        for row in receipt["refused"]
        for fault in row["faults"]
    ]


DOUBLES_HINT: Final = (
    "编号不同，但位置相近、名称相似或同在一处；不会自动合并。不勾选的分别保留，作为新记录写入；"
    "确属同一处的，勾选最左边的方框后按下面的按钮，改为更新已有记录（编号用已有的）。"
)
PHONE_FIRST: Final = ("名称", "已有名称", "相距 (米)", "处理", "编号", "已有编号", "行")
SAID_SAME: Final = 7
"""Where a proposal says whether the keeper said that it is the same."""


def is_same(line: Sequence[Any]) -> bool:
    """Return whether a proposal was said to be the same as what is stored."""
    return len(line) > SAID_SAME and bool(line[SAID_SAME])


def doubles_title(count: int, same: int) -> str:
    """Return the heading of the proposals."""
    decided = f"，其中 {same:d} 处已定为同一处" if same else ""
    return f"可能与已有记录重复：{count:d} 处{decided}"


def double_table(doubles: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows that may be stored under another code, the nearest first, with what becomes of them."""
    titles = ["表", "行", "编号", "名称", "已有编号", "已有名称", "相距 (米)"]
    table = pd.DataFrame([list(line[:SAID_SAME]) for line in doubles], columns=titles)
    table["处理"] = ["更新已有记录" if is_same(line) else "分别保留" for line in doubles]
    table["行"] = table["行"].astype("Int64")
    # A phone shows three columns at once: those first by which one knows a place.
    return table[[*PHONE_FIRST, *(["表"] if len(set(table["表"])) > 1 else [])]]


def row_table(preview: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows as the keeper wrote them, with what is wrong beside them."""
    held = preview["table"]
    titles = ["表", "行", "问题", *_distinct(held["headers"])]
    table = pd.DataFrame(held["rows"], columns=titles)
    table["行"] = table["行"].astype("Int64")
    table["问题"] = table["问题"].map(lambda text: f"✗ {text}" if text else "✓")
    return table if table["表"].any() else table.drop(columns="表")


def _distinct(words: Sequence[str]) -> list[str]:
    taken = {"表", "行", "问题"}
    found = []
    for word in words:
        name = word
        while name in taken:
            name += "′"
        taken.add(name)
        found.append(name)
    return found


def places(preview: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return what the map of a preview draws: shape, row number, whether it is at fault, its name."""
    held = preview["shapes"]
    shapes = shapely.from_wkb([shape for shape, *_ in held])
    frame = gpd.GeoDataFrame(
        {
            "number": [number for _, number, _, _ in held],
            "bad": [bad for _, _, bad, _ in held],
            "label": [label for *_, label in held],
        },
        geometry=list(shapes),
        crs=GEOGRAPHIC,
    )
    points = frame.geom_type.isin(["Point", "MultiPoint"])
    kinds = frame["bad"].map({True: "bad", False: "good"})
    return frame.assign(k=kinds.where(points, kinds + "-line"))


def layers(frame: gpd.GeoDataFrame) -> list[Layer]:
    """Return the layer of a preview's places."""
    drawn = features(
        frame,
        key="k",
        lines=lambda row: (f"第 {row.number} 行　{row.label}", "有问题，不写入" if row.bad else "可写入"),
    )
    return [Layer(name="文件中的位置", styles=INTAKE, features=drawn)]


def around(frame: gpd.GeoDataFrame) -> Bounds | None:
    """Return what holds the rows that may go in, else all of them: one slip far away moves no map."""
    return bounds_of(frame[~frame["bad"]]) or bounds_of(frame)


def job_table(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return the viewer's own uploads."""
    return pd.DataFrame(
        {
            "文件": jobs["file_name"],
            "种类": jobs["kind"].map(kind_title),
            "进展": jobs["state"].map(STATES),
            "回执": jobs["batch_id"].map(lambda number: "" if pd.isna(number) else f"第 {int(number)} 批"),
            "上传时间": jobs["created_at"].dt.tz_convert(UTC8).dt.strftime("%Y-%m-%d %H:%M"),
        }
    )


def batch_table(found: pd.DataFrame) -> pd.DataFrame:
    """Return the batches of an area."""
    return pd.DataFrame(
        {
            "批次": found.index,
            "种类": found["kind"].map(kind_title),
            "文件": found["file_name"],
            "状态": found["state"].map(BATCH_STATES),
            "写入": found["written"],
            "相同": found["unchanged"],
            "拒收": found["refused"],
            "坐标系": found["crs"],
            "导入人": found["applied_by"].fillna("命令行"),
            "时间": found["applied_at"].dt.tz_convert(UTC8).dt.strftime("%Y-%m-%d %H:%M"),
        }
    )


def undone_words(done: Mapping[str, int]) -> str:
    """Return what undoing did."""
    counted = "，".join(f"{TABLE_TITLES.get(name, name)} {count:,} 条" for name, count in done.items())
    return f"已撤销：{counted or '没有需要还原的记录'}。"
