"""What the panel of the coordinate doctor shows: the verdict in words, its evidence, rows and map layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point

from geo.crs import GEOGRAPHIC
from layers import verdicts
from layers.maps import Layer, bounds_of, features
from layers.palette import DOCTOR
from pages.shell.blocks import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.maps import Bounds

NOTATIONS: Final = {
    "plain": "照原样",
    "swapped": "两列对调",
    "lost_point": "补小数点",
    "lost_point_swapped": "补小数点并对调",
    "kilometres": "公里换成米",
    "kilometres_swapped": "公里换成米并对调",
}
COLUMNS: Final = (
    "sheet", "number", "label", "raw", "system", "notation", "confidence", "misfit", "overridden",
    "lon0", "lat0", "lon", "lat", "moved_m",
)  # fmt: skip
HEADINGS: Final = ("如果坐标系是", "距所填水域（中位）", "距所填村（中位）", "落在所填县乡内", "与最佳相差")
FEW: Final = 10.0


def cautions(found: Mapping[str, Any]) -> list[str]:
    """Return what the keeper must know beside the verdict."""
    said = []
    if found["drift"] is not None:
        east, north = found["drift"]
        length = (east * east + north * north) ** 0.5
        said.append(
            f"基准存疑：整份文件与所填水域一致地相差约 {length:.0f} 米（东 {east:+.0f}、北 {north:+.0f}），"
            "像是北京 54 或西安 80 坐标。没有公开的准确转换参数，系统不会自行平移，请向测绘部门核实。"
        )
    elif (
        found["verdict"] not in {"insufficient", "outside", "gcj02", "bd09", "mixed"}
        and not found["datum_proven"]
    ):
        said.append("没有足够精确的水域可对照，不能排除北京 54、西安 80 等相差几十米的旧坐标。")
    forms = {key: count for key, count in found["notations"].items() if key != "plain"}
    if forms:
        said.append(
            "写法修正：" + "，".join(f"{NOTATIONS[key]} {count:,} 行" for key, count in forms.items()) + "。"
        )
    if found["misfit"]:
        said.append(f"{found['misfit']:,} 行离所填的水域或区划太远，请逐行核对（表中标“远”）。")
    return said


def figures(found: Mapping[str, Any]) -> list[Figure]:
    """Return how many rows are decided, open and outside."""
    counts = dict(found["counts"])
    open_rows, outside = int(counts.pop("", 0)), int(counts.pop("outside", 0))
    decided = sum(int(count) for count in counts.values())
    return [
        Figure(label="已判定的行", value=f"{decided:,}", tone="good" if decided else "plain"),
        Figure(label="待定或无坐标", value=f"{open_rows:,}", tone="warn" if open_rows else "plain"),
        Figure(label="不在本区域", value=f"{outside:,}", tone="bad" if outside else "plain"),
        Figure(label="人工指定", value=f"{found['overridden']:,}"),
    ]


def evidence_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the evidence for each system: distances to what rows state, and how far behind the best."""
    return [
        (
            verdicts.system(line["system"]),
            _distance(line, "water"),
            _distance(line, "village"),
            f"{line['area_fit']:,} / {line['area_rows']:,}" if line["area_rows"] else "—",
            _behind(line["score"]),
        )
        for line in found["table"]
    ]


def _distance(line: Mapping[str, Any], kind: str) -> str:
    if not line[f"{kind}_rows"]:
        return "—"
    return f"{line[f'{kind}_median_m']:,.0f} 米（{line[f'{kind}_rows']:,} 行）"


def _behind(score: float) -> str:
    if score == 0:
        return "最佳"
    return "相差甚远" if score < -FEW else f"可能性约为最佳的 1/{2.718281828**-score:,.0f}"


def frame(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return the shown rows of a diagnosis."""
    return pd.DataFrame(found["rows"], columns=list(COLUMNS))


def row_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows under Chinese headings, those that need a look first."""
    table = pd.DataFrame(
        {
            "表": rows["sheet"],
            "行": rows["number"].astype("Int64"),
            "名称": rows["label"],
            "原数字": rows["raw"],
            "判定": rows["system"].map(verdicts.system),
            "写法": rows["notation"].map(lambda key: NOTATIONS.get(key, "")),
            "把握": [
                "人工" if own else "—" if not key else f"{sure:.0%}"
                for own, sure, key in zip(rows["overridden"], rows["confidence"], rows["system"], strict=True)
            ],
            "移动 (米)": rows["moved_m"].astype("Float64"),
            "核对": rows["misfit"].map({True: "远", False: ""}),
        }
    )
    return table if table["表"].any() else table.drop(columns="表")


def layers(rows: pd.DataFrame) -> tuple[list[Layer], Bounds | None]:
    """Return the layers of the map before and after, and what holds them."""
    before = rows.dropna(subset=["lon0", "lat0"])
    after = rows.dropna(subset=["lon", "lat"])
    both = after.dropna(subset=["lon0", "lat0"])
    both = both[both["moved_m"].astype(float) > 1.0]
    frames = (
        _drawn(both, [LineString(pair) for pair in _pairs(both)], "move"),
        _drawn(before, [Point(x, y) for x, y in zip(before["lon0"], before["lat0"], strict=True)], "before"),
        _drawn(after, [Point(x, y) for x, y in zip(after["lon"], after["lat"], strict=True)], "after"),
    )
    names = ("移动", "原位置", "诊断后")
    made = [
        Layer(name=name, styles=DOCTOR, features=features(shape, key="k", lines=_lines))
        for name, shape in zip(names, frames, strict=True)
        if len(shape)
    ]
    return made, bounds_of(frames[2]) or bounds_of(frames[1])


def _pairs(rows: pd.DataFrame) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return [
        ((x0, y0), (x1, y1))
        for x0, y0, x1, y1 in zip(rows["lon0"], rows["lat0"], rows["lon"], rows["lat"], strict=True)
    ]


def _drawn(rows: pd.DataFrame, shapes: Sequence[Any], key: str) -> gpd.GeoDataFrame:
    kinds = [("odd" if key == "after" and far else key) for far in rows["misfit"]]
    made = rows[["number", "label", "system", "moved_m"]].assign(k=kinds)
    return gpd.GeoDataFrame(made, geometry=list(shapes), crs=GEOGRAPHIC)


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    moved = "" if pd.isna(row.moved_m) else f"移动 {row.moved_m:,.0f} 米"
    return f"第 {row.number} 行　{row.label}", verdicts.system(row.system), moved
