"""The table of children by township as it is read and handed out: a mark where a cell is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layers import words
from layers.handouts import titled

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

NAME: Final = "children-by-township"
WITHHELD: Final = "*"
LEVELS: Final = {4: "全市合计", 6: "县（市、区）合计", 9: "乡镇（街道）"}


def rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Return one row an area, a column each of `words.COUNTED`, `WITHHELD` in place of a withheld count."""
    told = cells.assign(shown=cells["children"].astype(object).where(cells["children"].notna(), WITHHELD))
    wide = told.pivot_table(index="area_code", columns="name", values="shown", aggfunc="first")
    places = told.drop_duplicates("area_code").set_index("area_code")[["area_name", "since"]]
    found = places.join(wide.reindex(columns=list(words.COUNTED))).reset_index()
    return found.assign(level=found["area_code"].str.len().map(LEVELS))


def table(found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows under their headings."""
    return titled(NAME, found)


def legend(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the marks mean and what is counted."""
    least, width = parameters["tables.children_at_least"], parameters["tables.width"]
    changed = parameters["tables.changes_at_least"]
    return (
        f"“{WITHHELD}”：不公布。少于 {least} 名（含 0）的格，以及为防止推算而一并隐去的格。",
        f"据其余各格和历次公布推算，每个“{WITHHELD}”的上下限至少相差 {width}。",
        f"每季公布一次，公布后不改；每种分类变动不足 {changed} 名的乡镇，沿用上次公布的一行。",
        f"在册不足 {least} 名的县（市、区）不列入，也不计入合计。",
        "只计住址已定位到乡镇的在册儿童，不含封存的（公布后封存的，随该乡镇下次更新移出）；距水按已经第二人核实的水域计算。",
    )
