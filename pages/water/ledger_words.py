"""The ledger of gaps in figures and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.storage.gap_ledger import summary
from layers import words
from pages.shell.blocks import Figure
from pages.shell.places import township_names

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


def amounts(found: pd.DataFrame, last: dt.date) -> list[Figure]:
    """Return what is open on the last day, then each sort of change with its metres."""
    stands = found[found["change"] != "closed"]
    counted = summary(found)
    figures = [
        Figure(
            label=f"{last:%Y-%m-%d} 在册缺口",
            value=f"{len(stands):,}",
            unit="段",
            note=f"共 {words.kilometres(float(stands['after_m'].sum()))} 公里",
        )
    ]
    tones = {"opened": "bad", "closed": "good", "grown": "warn", "shrunk": "good"}
    for kind, tone in tones.items():
        at = counted[kind]
        figures.append(
            Figure(
                label=words.CHANGES[kind],
                value=f"{at['gaps']:,}",
                unit="段",
                note=f"{at['metres']:+,.0f} 米",
                tone=tone if at["gaps"] else "plain",  # type: ignore[arg-type] # one of the tones above
            )
        )
    return figures


def table(found: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the ledger under Chinese headings, what changed most on top."""
    moved = found["after_m"] - found["before_m"]
    ordered = found.assign(moved=moved).sort_values("moved", key=abs, ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "编号": ordered.index.astype(str),
            "变化": ordered["change"].map(words.CHANGES),
            "水域": ordered["water_name"].where(ordered["water_name"] != "", "（水域已删除）"),
            "岸别": ordered["side"].map(words.SIDES),
            "起点桩号": ordered["from_m"].map(words.chainage),
            "止点桩号": ordered["to_m"].map(words.chainage),
            "期初 (米)": ordered["before_m"].round(),
            "期末 (米)": ordered["after_m"].round(),
            "增减 (米)": ordered["moved"].round(),
            "原因": ordered["reason"].map(words.REASONS),
            "列入": ordered["opened_on"],
            "销号": ordered["closed_on"],
            "乡镇": township_names(ordered["area_code"], names),
        }
    )
