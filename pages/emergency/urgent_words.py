"""What urgent sight of homes shows and says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words
from layers.maps import Layer, features
from layers.palette import URGENT
from pages.shell.blocks import Figure

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    import geopandas as gpd

RULE: Final = (
    "发生险情、须立即转移或搜救时，可自行启用，查看一个乡镇（街道）的儿童住址点位、年龄和是否寄宿，不含姓名、类别；"
    "封存的儿童不显示。启用即时生效，最长 24 小时，到时自动结束，不能延长，24 小时内最多两次。"
    "启用、查看、结束全部留痕，并即时通知民政和审计；"
    "民政须在三天内复核，认定理由不充分的，30 天内不能再启用。"
)
CONFIRM: Final = "险情属实，仅用于本次处置；我知道每次查看都有记录并须复核"
YOUNG: Final = {"young": 5, "middle": 12}


def grouped(homes: gpd.GeoDataFrame, today: dt.date) -> gpd.GeoDataFrame:
    """Return homes with `age` in full years and `group`: young (under 5), middle (under 12), older."""
    born = homes["birth_month"]
    age = today.year - born.dt.year - (born.dt.month > today.month).astype(int)
    group = pd.Series("older", index=homes.index).mask(age < YOUNG["middle"], "middle")
    return homes.assign(age=age, group=group.mask(age < YOUNG["young"], "young"))


def figures(homes: gpd.GeoDataFrame) -> list[Figure]:
    """Return how many children live there, how many are small or board."""
    young = int((homes["group"] == "young").sum())
    boarding = int(homes["boarding"].sum())
    return [
        Figure(label="登记住址的儿童", value=f"{len(homes):,}", unit="名", note="不含封存的儿童"),
        Figure(label="其中 0—4 岁", value=f"{young:,}", unit="名", tone="bad"),
        Figure(label="寄宿", value=f"{boarding:,}", unit="名", note="上学日在校，周末和假期在家"),
    ]


def table(homes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the list by village, the youngest first."""
    at = homes.sort_values(["area_code", "age", "code"], kind="stable")
    return pd.DataFrame(
        {
            "村（居）": at["area_name"],
            "儿童编号": at["code"],
            "年龄": at["age"],
            "寄宿": at["boarding"].map({True: "是", False: "否"}),
            "点位": at["precision"].map(words.PRECISIONS),
        }
    )


def layer(homes: gpd.GeoDataFrame) -> Layer:
    """Return homes as marks by age."""
    return Layer(name="儿童住址", styles=URGENT, features=features(homes, key="group", lines=_lines))


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return (f"儿童编号 {row.code}", f"{row.age} 岁　{'寄宿' if row.boarding else '在家'}", row.area_name)


def own_table(sights: pd.DataFrame, when: Callable[[Any], str]) -> pd.DataFrame:
    """Return one's own sights with what became of them."""
    return pd.DataFrame(
        {
            "启用": sights["opened_at"].map(when),
            "结束": sights["ended_at"].map(when),
            "乡镇（街道）": sights["area_name"],
            "险情": sights["incident"].map(words.INCIDENTS),
            "复核": [review_words(row) for row in sights.itertuples()],
            "复核意见": sights["review"],
        }
    )


def review_words(row: Any) -> str:  # noqa: ANN401 - a named tuple of the frame
    """Return how the review of a sight stands."""
    if pd.isna(row.reviewed_at):
        return "逾期未复核" if row.overdue else "待复核"
    return "理由充分" if row.justified else "理由不充分"


def townships(names: Mapping[str, str], without: str | None) -> dict[str, dict[str, str]]:
    """Return the townships by county, without those below `without`."""
    below = {
        code: name
        for code, name in names.items()
        if len(code) == 9 and not (without and code.startswith(without))  # noqa: PLR2004 - digits of a township
    }
    counties = sorted({code[:6] for code in below})
    return {
        county: {code: name for code, name in sorted(below.items()) if code[:6] == county}
        for county in counties
    }
