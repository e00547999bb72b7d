"""The list of open hazards, and the photos of the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.emergency import view
from pages.shell import grids, photographs
from pages.shell.clock import today

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from pages.door.desk import Viewer


def draw(viewer: Viewer, hazards: gpd.GeoDataFrame, names: Mapping[str, str]) -> None:
    """Draw open hazards; a chosen one shows what was photographed of it."""
    table = view.hazard_table(hazards, names, today())
    picked = grids.show(table, "没有未销号的隐患", "复查合格并销号的隐患不在此列。", key="emergency-hazards")
    if picked is None or picked >= len(table):
        return
    number = int(table.index[picked])
    photographs.show(viewer, {"hazard": {number: str(hazards.loc[number, "title"])}})
    photographs.manage(viewer, "hazard", number)
