"""The card of one station as words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from layers import words

if TYPE_CHECKING:
    from data.storage.stations import StationCard

HISTORY = 6


def station(card: StationCard | None) -> list[tuple[str, str]]:
    """Return what is known of a station: status and why, items with their days, source, latest checks."""
    if card is None:
        return [("点位", "已不存在，请刷新页面。")]
    at = card.facts
    status = words.STATUSES[str(at["status"] or "unassessed")]
    missing = words.missing(at["missing"])
    pairs = [
        ("点位", f"{at['code']}　{at['name']}".strip()),
        ("状态", f"{status}（缺项或损坏：{missing}）" if missing else status),
        ("水域", str(at["water_name"] or "未关联")),
        ("乡镇、村", str(at["area_name"])),
        ("坐标", f"{at['lon']:.6f}, {at['lat']:.6f}（{words.METHODS.get(str(at['position_method']), '')}）"),
        ("责任单位", str(at["responsible_unit"] or "未填")),
    ]
    pairs += [(words.ITEMS[str(kind)], _item(row)) for kind, row in card.items.iterrows()]
    if at["source_sheet"] or at["source_row"]:
        pairs.append(("台账来源", f"工作表 {at['source_sheet'] or '—'}，第 {at['source_row'] or '—'} 行"))
    checks = [
        f"{row.checked_on:%Y-%m-%d} {words.ITEMS[str(row.kind)]}{words.ITEM_STATES[str(row.state)]}"
        for row in card.history.head(HISTORY).itertuples()
    ]
    return [*pairs, ("近期核查", "；".join(checks) or "无记录")]


def _item(row: pd.Series[Any]) -> str:
    day = pd.Timestamp(str(row["verified_on"])) if pd.notna(row["verified_on"]) else None
    state = words.ITEM_STATES[str(row["state"])]
    note = f"，{row['note']}" if row["note"] else ""
    return f"{state}（{day:%Y-%m-%d} 核查{note}）" if day is not None else f"{state}（未核查{note}）"
