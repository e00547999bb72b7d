"""The list of open hazards; of the chosen one its photos, and the word of a second person on its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from data.importers.unplaced import ROUGH
from data.storage import audit
from data.storage.verification import verify_hazard
from pages.emergency import view
from pages.shell import frames, grids, photographs, saving
from pages.shell.blocks import empty, facts, remark, said
from pages.shell.clock import today

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from pages.door.desk import Viewer

VERIFY: Final = saving.Act(
    dataset="hazards",
    verb="verify",
    name=audit.Action.VERIFY_HAZARDS,
    kind="hazard",
    said="已核实这处隐患的位置；次日起显示其周边儿童情况。",
)
UNVERIFY: Final = saving.Act(
    dataset="hazards",
    verb="verify",
    name=audit.Action.UNVERIFY_HAZARDS,
    kind="hazard",
    said="已撤回对这处隐患位置的核实；不再显示其周边儿童情况。",
)
WHY: Final = (
    "核实是指：到过现场或对照图件，确认隐患就在图上的位置。"
    "登记、导入或改动过位置的人不能自己核实；位置再改动，核实即失效。"
)


def opened(viewer: Viewer) -> gpd.GeoDataFrame:
    """Return the open hazards with what the viewer may know of the children near each."""
    return view.with_children(frames.open_hazards(viewer), frames.hazard_exposure(viewer), today())


def draw(viewer: Viewer, hazards: gpd.GeoDataFrame, names: Mapping[str, str]) -> None:
    """Draw open hazards; a chosen one shows what was photographed of it."""
    if hazards.empty:
        st.html(empty("没有未销号的隐患", "复查合格并销号的隐患不在此列。"))
        return
    table = view.hazard_table(hazards, names, today())
    picked = grids.chosen(table, view.labels(table), "查看隐患", key="emergency-hazards")
    if picked is None:
        return
    number = int(table.index[picked])
    hazard = hazards.loc[number]
    found = frames.assessment(viewer)
    radius_m = float(str(found.parameters["exposure_m.home"])) if found else None
    st.html(facts(view.facts(hazard, radius_m)))
    _verification(viewer, number, hazard)
    photographs.show(viewer, {"hazard": {number: str(hazard["title"])}})
    photographs.manage(viewer, "hazard", number)


def _verification(viewer: Viewer, number: int, hazard: Any) -> None:  # noqa: ANN401 - a row of the frame
    """Offer to confirm the place of a hazard, or to take that back."""
    if not viewer.may("hazards", "verify"):
        return
    holds = bool(pd.isna(hazard["verified_at"]))
    if holds and hazard["position_method"] in ROUGH:
        st.html(remark("这处隐患只知道所在的村或水域，图上位置是推定的：请先在“导入—待落点”中落点，再核实。"))
        return
    own = pd.notna(hazard["drawn_by"]) and int(hazard["drawn_by"]) == viewer.account_id
    if holds and own:
        st.html(remark("这处隐患的位置由本人登记或导入，须由他人核实。"))
        return
    label = "核实位置" if holds else "撤回核实"
    if st.button(label, key=f"verify-hazard-{number}", help=WHY):
        version = int(hazard["version"])
        act = VERIFY if holds else UNVERIFY
        conflict = saving.done(
            viewer, act, lambda connection: verify_hazard(connection, number, version=version, holds=holds)
        )
        if conflict is not None:
            frames.forget()
            st.html(said("这处隐患刚被他人修改，没有核实：请再看一遍修改后的内容。", "bad"))
            return
        st.rerun()
