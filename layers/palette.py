"""Colours, dashes and shapes of everything that is drawn: distinguishable without seeing colour."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, Literal

Shape = Literal["circle", "square", "diamond", "triangle", "cross", "ring"]

GAP: Final = "#c62f1d"
COVERED: Final = "#1f6fb2"
WATER: Final = "#8fa3ad"
INK: Final = "#1d2b33"
PRIMARY: Final = "#0d5c75"


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one kind of thing is drawn; the second sign beside colour is `dash`, `shape` or `weight`."""

    label: str
    color: str
    weight: float = 1.5
    dash: str = ""
    fill: str = ""
    fill_opacity: float = 0.0
    opacity: float = 1.0
    radius: float = 5.0
    shape: Shape = "circle"

    def drawn(self) -> dict[str, object]:
        """Return the part that the browser needs."""
        return {name: value for name, value in asdict(self).items() if name != "label"}


AREA: Final = {
    "area": Style(
        label="行政区界", color="#6f7d84", weight=1.6, dash="6 4", fill="#fbfaf5", fill_opacity=1.0
    ),
    "part": Style(label="下级区界", color="#b9c1c4", weight=0.8, dash="3 4"),
}
WATERS: Final = {
    "line": Style(label="河流、水渠", color=WATER, weight=1.4),
    "polygon": Style(label="湖库、山塘", color=WATER, weight=1.0, fill="#cfdde3", fill_opacity=0.85),
    "point": Style(label="公用水井", color="#5f7480", weight=1.2, fill="#cfdde3", fill_opacity=1.0, radius=3),
}
PROTECTION: Final = {
    "gap": Style(label="暴露且未覆盖的岸线（缺口）", color=GAP, weight=5.0),
    "covered": Style(label="已覆盖的岸线", color=COVERED, weight=3.0, dash="7 3"),
}
DEVICES: Final = {
    "good": Style(label="完好的护栏、盖板", color="#0b4f8a", weight=5.0),
    "other": Style(label="损坏、缺失或未核的护栏", color="#8a5a00", weight=4.0, dash="3 5"),
}
CAMERAS: Final = {
    "good": Style(
        label="完好的摄像头",
        color="#ffffff",
        fill="#0b4f8a",
        fill_opacity=1.0,
        weight=1,
        radius=6,
        shape="square",
    ),
    "other": Style(label="损坏、缺失或未核的摄像头", color="#8a5a00", weight=2, radius=6, shape="cross"),
    "seen": Style(
        label="摄像头可视范围", color="#0b4f8a", weight=1.0, dash="2 3", fill="#0b4f8a", fill_opacity=0.12
    ),
}
PATROLS: Final = {
    "counts": Style(label="有效巡查轨迹", color="#1b7f5c", weight=4.0),
    "aged": Style(label="已过期、不计入的轨迹", color="#6b6b6b", weight=2.0, dash="2 4"),
    "refused": Style(label="不收的轨迹", color="#7a3b9a", weight=3.0, dash="8 5"),
}
PHOTOS: Final = {
    "kept": Style(
        label="有归处的照片",
        color="#ffffff",
        fill="#1b7f5c",
        fill_opacity=1.0,
        weight=1,
        radius=6,
        shape="square",
    ),
    "left": Style(label="不收或待选定的照片", color="#7a3b9a", weight=2.5, radius=6, shape="cross"),
}
SELECTED: Final = Style(label="选中", color="#f2a900", weight=9.0, opacity=0.75, radius=11, shape="ring")
STATIONS: Final = {
    "valid": Style(label="有效", color="#ffffff", fill=COVERED, fill_opacity=1.0, weight=1, radius=5),
    "incomplete": Style(
        label="不完整", color="#ffffff", fill=GAP, fill_opacity=1.0, weight=1, radius=6, shape="triangle"
    ),
    "expired": Style(
        label="过期未核",
        color="#ffffff",
        fill="#e08a00",
        fill_opacity=1.0,
        weight=1,
        radius=6,
        shape="diamond",
    ),
    "off_bank": Style(label="远离岸线", color="#5b5b5b", weight=2, radius=5, shape="cross"),
    "unplaced": Style(label="位置待定", color="#5b5b5b", weight=2, radius=5, shape="ring"),
    "unassessed": Style(
        label="待核算",
        color="#5b5b5b",
        fill="#ffffff",
        fill_opacity=1.0,
        weight=1.5,
        radius=5,
        shape="square",
    ),
}
OUTLOOK: Final = {
    "verify": Style(
        label="须复核", color="#ffffff", fill="#e08a00", fill_opacity=1.0, weight=1, radius=5, shape="diamond"
    ),
    "repeated": Style(
        label="多次丢失、损坏",
        color="#ffffff",
        fill=GAP,
        fill_opacity=1.0,
        weight=1,
        radius=7,
        shape="triangle",
    ),
}
PLACES: Final = {
    "village": Style(
        label="村（居）",
        color="#8d8577",
        fill="#b5ac9d",
        fill_opacity=0.75,
        opacity=0.5,
        weight=0.5,
        radius=2,
    ),
    "school": Style(
        label="学校、幼儿园等",
        color="#ffffff",
        fill="#6a3d9a",
        fill_opacity=1.0,
        weight=1,
        radius=5,
        shape="square",
    ),
}
WAYS: Final = {"route": Style(label="上学路线", color="#6a3d9a", weight=2.5, dash="1 5")}
ROUNDS: Final = {
    "done": Style(
        label="本轮已查",
        color="#ffffff",
        fill="#1b7f5c",
        fill_opacity=1.0,
        weight=1,
        radius=6,
        shape="square",
    ),
    "planned": Style(
        label="待查", color="#ffffff", fill="#e08a00", fill_opacity=1.0, weight=1, radius=6, shape="diamond"
    ),
    "missed": Style(
        label="漏查", color="#ffffff", fill=GAP, fill_opacity=1.0, weight=1, radius=7, shape="triangle"
    ),
    "none": Style(label="未列入", color="#5b5b5b", fill="#ffffff", fill_opacity=1.0, radius=5),
}
HAZARDS: Final = {
    "major": Style(
        label="重大隐患",
        color="#7a0f0f",
        fill="#ffffff",
        fill_opacity=1.0,
        weight=3,
        radius=8,
        shape="triangle",
    ),
    "general": Style(
        label="一般隐患",
        color="#b06a00",
        fill="#ffffff",
        fill_opacity=1.0,
        weight=2,
        radius=6,
        shape="triangle",
    ),
}
HOMES: Final = {
    "near": Style(
        label="100 米以内", color="#ffffff", fill=GAP, fill_opacity=1.0, weight=1, radius=6, shape="diamond"
    ),
    "mid": Style(label="100—200 米", color="#ffffff", fill="#e08a00", fill_opacity=1.0, weight=1, radius=5),
    "far": Style(label="200—500 米", color="#ffffff", fill="#3f7fb5", fill_opacity=1.0, weight=1, radius=4),
}
URGENT: Final = {
    "young": Style(
        label="0—4 岁", color="#ffffff", fill=GAP, fill_opacity=1.0, weight=1, radius=6, shape="diamond"
    ),
    "middle": Style(label="5—11 岁", color="#ffffff", fill="#e08a00", fill_opacity=1.0, weight=1, radius=5),
    "older": Style(
        label="12 岁及以上", color="#ffffff", fill="#3f7fb5", fill_opacity=1.0, weight=1, radius=4
    ),
}
INTAKE: Final = {
    "good": Style(label="可写入的行", color="#ffffff", fill=COVERED, fill_opacity=1.0, weight=1.5, radius=5),
    "bad": Style(
        label="有问题的行",
        color="#ffffff",
        fill=GAP,
        fill_opacity=1.0,
        weight=1.5,
        radius=7,
        shape="triangle",
    ),
    "good-line": Style(label="可写入的行", color=COVERED, weight=2.5, fill=COVERED, fill_opacity=0.15),
    "bad-line": Style(label="有问题的行", color=GAP, weight=4.0, dash="6 3", fill=GAP, fill_opacity=0.15),
}
UNPLACED: Final = {
    "now": Style(label="暂定位置", color="#5b5b5b", fill="#ffffff", fill_opacity=1.0, weight=2, radius=7),
    "chosen": SELECTED,
}
TWINS: Final = {
    "first": Style(label="甲", color="#ffffff", fill=COVERED, fill_opacity=1.0, weight=1.5, radius=7),
    "second": Style(
        label="乙", color="#ffffff", fill="#e08a00", fill_opacity=1.0, weight=1.5, radius=7, shape="diamond"
    ),
}
DOCTOR: Final = {
    "before": Style(
        label="照原数字直接画的位置", color="#5b5b5b", fill="#ffffff", fill_opacity=1.0, radius=4
    ),
    "move": Style(label="移动", color="#5b5b5b", weight=1.0, dash="3 3", opacity=0.8),
    "after": Style(
        label="诊断后的位置",
        color="#ffffff",
        fill=COVERED,
        fill_opacity=1.0,
        weight=1.0,
        radius=5,
        shape="diamond",
    ),
    "odd": Style(
        label="离所填水域或区划太远",
        color="#ffffff",
        fill=GAP,
        fill_opacity=1.0,
        weight=1.0,
        radius=6,
        shape="triangle",
    ),
}
