"""The card of one water in words and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pandas as pd

from layers import words
from layers.strip import Mark, Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.storage.water_strips import AlongBanks
    from data.storage.waters import WaterCard

BANK_HEADINGS: Final = (
    "岸别",
    "岸线长 (米)",
    "暴露 (米)",
    "已覆盖 (米)",
    "缺口 (米)",
    "物防 / 技防 / 人防 (米)",
)
STATION_HEADINGS: Final = ("点位", "状态", "桩号", "缺项或损坏", "最近核查", "核查有效至")
GAP_HEADINGS: Final = ("岸别与桩号", "长度 (米)", "原因", "最近村（居）", "次序", "编号")
DUTY: Final = {"owner": "所有人", "user_unit": "使用人", "manager": "管理人"}
LAYERS: Final = ("physical_m", "technical_m", "personal_m")


def address(code: str) -> str:
    """Return the address of the card of a water."""
    return f"/water?water={quote(code, safe='')}"


def heading(card: WaterCard) -> tuple[str, str]:
    """Return the name and the kind."""
    return str(card.facts["name"]), words.WATERS.get(str(card.facts["kind"]), "")


def record(card: WaterCard, along: AlongBanks) -> list[tuple[str, str]]:
    """Return what is known of a water, what is not filled in said so."""
    at = card.facts
    near = "—" if along.village is None else f"{along.village}（{along.village_m:,.0f} 米）"
    days = [f"{row.happened_on:%Y-%m-%d}" for row in card.incidents.itertuples()]
    incidents = f"{at['incidents']} 起" + (f"（{'、'.join(days)}）" if days else "")
    valid = int((card.stations["status"] == "valid").sum())
    return [
        ("编号", str(at["code"])),
        ("所在地", str(at["area_name"])),
        ("类别", water_class(card)),
        ("宽 / 深", f"{_metres(at['width_m'])} / {_metres(at['depth_m'])}"),
        ("河长", str(at["river_chief"] or "未填")),
        *((heading, str(at[name] or "未填")) for name, heading in DUTY.items()),
        ("溺水事故", incidents),
        ("最近村（居）", near),
        ("点位", f"{len(card.stations)} 处，其中完整有效 {valid} 处"),
        ("最近核实", _day(at["verified_at"]) or "未核实"),
    ]


def water_class(card: WaterCard) -> str:
    """Return the class of a water and why it is that."""
    classes = sorted({str(name) for name in card.banks["water_class"].dropna()})
    if card.facts["class_override"]:
        return f"{card.facts['class_override']} 类（人工认定：{card.facts['class_reason']}）"
    if not classes:
        return "待核算"
    why = "曾发生溺水事故" if card.facts["incidents"] else "按与学校、村（居）、住处的距离判定"
    return f"{classes[0]} 类（{why}）"


def strips(along: AlongBanks) -> Iterator[Strip]:
    """Return one strip a bank."""
    for row in _rows(along.banks):
        on = along.stations[(along.stations["bank_id"] == row.Index).fillna(value=False).astype(bool)]
        yield Strip(
            name=_bank(row),
            length_m=float(row.length_m),
            ring=row.side == "ring",
            covered=_stretches(along.covered, row.Index),
            gaps=_stretches(along.gaps, row.Index),
            marks=[Mark(at_m=mark.m, status=mark.status) for mark in _rows(on) if pd.notna(mark.m)],
        )


def bank_rows(banks: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return one row a bank with its metres; the three layers where they were assessed."""
    return [
        (
            _bank(row),
            *(_whole(getattr(row, name)) for name in ("length_m", "exposed_m", "covered_m", "gap_m")),
            " / ".join(_whole(getattr(row, name, None)) for name in LAYERS),
        )
        for row in _rows(banks)
    ]


def station_rows(card: WaterCard, along: AlongBanks) -> list[tuple[str, ...]]:
    """Return one row a station, in the order of the chainage."""
    checked = along.stations["verified_on"]
    return [
        (
            f"{row.code}　{row.name}".strip(),
            words.STATUSES[str(row.status) if pd.notna(row.status) else "unassessed"],
            words.chainage(row.m) if pd.notna(row.m) else "—",
            words.missing(row.missing) or "—",
            _day(checked.get(row.Index)) or "未核查",
            _day(row.expires_on) or "—",
        )
        for row in _rows(card.stations)
    ]


def gap_rows(card: WaterCard, along: AlongBanks) -> list[tuple[str, ...]]:
    """Return one row a gap, the first to close on top; over the start of a ring the chainage begins anew."""
    placed = along.gaps.join(along.banks["length_m"].rename("bank_m"), on="bank_id")
    return [
        (
            f"{words.SIDES[str(row.side)]}　{chainages(row.from_m, row.to_m, at.bank_m)}",
            _whole(row.length_m),
            words.REASONS[str(row.reason)],
            _village(at),
            f"第 {row.priority} 位",
            str(row.number),
        )
        for row, at in zip(_rows(card.gaps), _rows(placed.loc[card.gaps.index]), strict=True)
    ]


def chainages(from_m: float, to_m: float, bank_m: float) -> str:
    """Return where a stretch lies; `to_m` above the length of the bank means over the start."""
    start = words.chainage(from_m)
    if to_m <= bank_m:
        return f"{start} 至 {words.chainage(to_m)}"
    return f"{start} 经起点至 {words.chainage(to_m - bank_m)}"


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples())


def _bank(row: Any) -> str:  # noqa: ANN401 - a row of the frame
    part = f"第 {row.part + 1} 段" if row.part else ""
    return f"{words.SIDES[str(row.side)]}{part}"


def _stretches(frame: pd.DataFrame, bank: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - an id of the index
    chosen = frame[frame["bank_id"] == bank]
    return [(float(row.from_m), float(row.to_m)) for row in _rows(chosen)]


def _village(row: Any) -> str:  # noqa: ANN401 - a row of the frame
    return (
        "—" if pd.isna(row.nearest_village) else f"{row.nearest_village}（{row.nearest_village_m:,.0f} 米）"
    )


def _whole(metres: Any) -> str:  # noqa: ANN401 - a number, or nothing
    return "—" if metres is None or pd.isna(metres) else f"{metres:,.0f}"


def _metres(metres: Any) -> str:  # noqa: ANN401 - a number, or nothing
    return "未测" if metres is None else f"{metres:g} 米"


def _day(day: Any) -> str:  # noqa: ANN401 - a date, or nothing
    return "" if day is None or pd.isna(day) else f"{day:%Y-%m-%d}"
