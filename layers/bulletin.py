"""The monthly bulletin as a bureau hands it in: rows, a paragraph, and the tables of its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from layers import words
from layers.handouts import titled, with_sum

if TYPE_CHECKING:
    import datetime as dt

    from layers.periods import Period

TOWNSHIP_DIGITS: Final = 9
TITLE: Final = "水域防护月通报"
PARTS: Final = (
    ("表一　岸线覆盖", ("暴露岸线（米）", "已覆盖（米）", "缺口（米）", "覆盖率（%）")),
    (
        "表二　三层防护（暴露岸线中，米）",
        ("物防（米）", "技防（米）", "人防（米）", "仅物防（米）", "仅技防（米）", "仅人防（米）"),
    ),
    (
        "表三　点位与器材",
        (
            "点位",
            "完整有效套数",
            "不完整点位",
            "核查逾期点位",
            *(f"现有完好{words.ITEMS[kind]}" for kind in words.REQUIRED),
        ),
    ),
    (
        "表四　缺口增减（净增减 = 新增 − 销号 + 延长 − 缩短）",
        (
            "期末缺口（段）",
            "期末缺口（米）",
            "新增（段）",
            "新增（米）",
            "销号（段）",
            "销号（米）",
            "延长（米）",
            "缩短（米）",
            "净增减（米）",
        ),
    ),
)
"""Four tables of a page's width; together they hold every figure."""
LISTED: Final = (
    "表四按台账逐段相加：短于参数“短于此值的缺口不列出”的不列入台账，故期末缺口的米数可能略少于表一的缺口。"
)
"""Why two figures of one thing differ."""


def rows(found: pd.DataFrame) -> pd.DataFrame:
    """Return the areas with their names in full, a last row of sums, and the share of each row."""
    codes = [str(code) for code in found.index]
    pairs = zip(codes, found["name"], found["county_name"], strict=True)
    several = len({code[:6] for code in codes}) > 1
    by_township = any(len(code) == TOWNSHIP_DIGITS for code in codes)
    names = [
        _name(code, str(name), str(county), several=several, by_township=by_township)
        for code, name, county in pairs
    ]
    numbers = found.drop(columns=["name", "county_name"]).reset_index(drop=True)
    framed = pd.concat([pd.DataFrame({"place": names, "code": codes}), numbers], axis=1)
    summed = with_sum(framed, label="合计")
    share = 100.0 * summed["covered_m"] / summed["exposed_m"].where(summed["exposed_m"] > 0)
    return summed.assign(covered_share=share)


def table(summed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows under their headings."""
    return titled("bulletin", summed)


def lead(summed: pd.DataFrame, area: str, period: Period, stand: dt.date) -> str:
    """Return the figures as the paragraph that opens a bulletin; `stand` is the day whose end it tells of."""
    if summed.empty:
        return f"{area}在统计期内没有水域和点位记录。"
    total = summed.iloc[-1]
    exposed = float(total["exposed_m"])
    share = f"（{total['covered_m'] / exposed:.1%}）" if exposed else ""
    items = "、".join(f"{words.ITEMS[kind]} {total[f'good_{kind}']:.0f}" for kind in words.REQUIRED)
    bank = (
        f"截至 {stand:%Y年%m月%d日}，{area}暴露岸线 {words.kilometres(exposed)} 公里，已覆盖 "
        f"{words.kilometres(float(total['covered_m']))} 公里{share}，缺口 "
        f"{words.kilometres(float(total['gap_m']))} 公里。"
    )
    sets = (
        f"点位 {total['stations']:.0f} 处，其中四件齐全、完好且在核查期内的 {total['valid']:.0f} 处，"
        f"核查逾期 {total['overdue']:.0f} 处；现有完好器材：{items}（件数不等于套数）。"
    )
    moved = (
        f"统计期（{said(period)}）内新增缺口 {total['opened']:.0f} 段 {total['opened_m']:.0f} 米，"
        f"销号 {total['closed']:.0f} 段 {total['closed_m']:.0f} 米，期末在册 {total['gaps']:.0f} 段。"
    )
    return bank + sets + moved


def said(period: Period) -> str:
    """Return the days that a period counts, in words."""
    begin = period.first + ONE_DAY if period.first < period.last else period.last
    return f"{begin:%Y年%m月%d日}至{period.last:%m月%d日}"


ONE_DAY: Final = pd.Timedelta(days=1).to_pytimedelta()


def _name(code: str, name: str, county: str, *, several: bool, by_township: bool) -> str:
    if not by_township:
        return name or code
    if len(code) < TOWNSHIP_DIGITS:
        return f"{name or code}（未落到乡镇）"
    return f"{county}　{name}".strip() if several else name or code
