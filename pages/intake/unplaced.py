"""The section of records without a place of their own: choose one, click where it stands, or take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.storage.audit import Action
from data.storage.unplaced import KINDS, Move, move, waters_around
from data.storage.unplaced import unplaced as stored
from layers import words
from layers.legend import legend
from layers.maps import bounds_of
from layers.palette import UNPLACED
from layers.text import plain_label
from pages.intake import unplaced_view
from pages.shell import frames, grids, ground, placing, saving, territory
from pages.shell.blocks import empty, facts, remark

if TYPE_CHECKING:
    import geopandas as gpd

    from pages.door.desk import Viewer

DATASETS: Final = {
    "station": "stations",
    "institution": "institutions",
    "hazard": "hazards",
    "camera": "stations",
}
ROUGH: Final = "derived"
LAST: Final = "unplaced-last"
SPOT: Final = "unplaced-spot"
SEEN: Final = "unplaced-seen"
AROUND_DEG: Final = 0.02
LONGEST_NAME: Final = 40


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a record was pointed out: degrees in EPSG:4490, how it is known, and what is told of it."""

    key: str
    lon: float
    lat: float
    method: str
    told: str = ""


def draw(viewer: Viewer) -> None:
    """Draw the work list, and the map of the chosen record."""
    saving.outcome()
    _back(viewer)
    offered = [kind for kind in KINDS if viewer.may(DATASETS[kind], "write")]
    if not offered:
        st.html(empty("这个岗位不能修改位置", "落点由水利、应急等有写权限的岗位办理。"))
        return
    kind = str(
        st.segmented_control(
            "种类",
            offered,
            default=offered[0],
            required=True,
            format_func=words.of(unplaced_view.KINDS),
            key="unplaced-kind",
        )
    )
    with frames.opened(viewer) as connection:
        found = stored(connection, kind, viewer.area_code)
    table = unplaced_view.table(found, territory.area_names(viewer))
    picked = grids.show(
        table,
        "没有待落点的记录",
        "导入时没有坐标、按村或水域暂定位置的记录会列在这里。",
        key=f"unplaced-{kind}",
    )
    if picked is None or picked >= len(found):
        if len(found):
            st.html(remark("点选一行（最左边的方框），再在地图上点出它的实际位置。"))
        return
    _place(viewer, kind, found.iloc[[picked]])


def _place(viewer: Viewer, kind: str, chosen: gpd.GeoDataFrame) -> None:
    row = chosen.iloc[0]
    key = f"{kind}:{row['id']}:{row['version']}"
    st.html(facts(unplaced_view.told(row)))
    spot: Spot | None = st.session_state.get(SPOT)
    spot = spot if spot is not None and spot.key == key else None
    over, look = grids.spotted(spot.lon, spot.lat) if spot else (None, None)
    said = ground.show(
        viewer,
        unplaced_view.layers(chosen),
        key=f"unplaced-map-{key}",
        returned=["last_clicked"],
        around=bounds_of(chosen, margin_deg=AROUND_DEG) or ground.bounds(viewer),
        # A click moves no map under the hand; what was typed may lie elsewhere.
        look=look if spot and spot.method != "clicked" else None,
        over=over,
    )
    st.html(legend(UNPLACED.values()))
    clicked = said.get("last_clicked")
    if clicked and st.session_state.get(SEEN) != (key, str(clicked)):
        st.session_state[SEEN] = (key, str(clicked))
        _point(Spot(key=key, lon=round(clicked["lng"], 7), lat=round(clicked["lat"], 7), method="clicked"))
    _save_or_hint(viewer, kind, row, spot)
    with st.expander("有坐标？直接输入"):
        typed = placing.typed(viewer, f"unplaced-typed-{key}", "定位到这个坐标")
    if typed is not None:
        _point(Spot(key=key, lon=typed.lon, lat=typed.lat, method=typed.method, told=typed.told))
    _waters(viewer, kind, row, key)


def _save_or_hint(viewer: Viewer, kind: str, row: Any, spot: Spot | None) -> None:  # noqa: ANN401 - a row of a frame
    if spot is None:
        st.html(empty("在地图上点出实际位置", "可放大、拖动；也可在下面输入坐标，或选它所在的水域。"))
        return
    moved = unplaced_view.metres(float(row.geometry.x), float(row.geometry.y), spot.lon, spot.lat)
    where = spot.told or f"经度 {spot.lon:.6f}，纬度 {spot.lat:.6f}"
    st.html(facts([("新位置", f"{where}，离暂定位置 {moved:,.0f} 米")]))
    if spot.method == ROUGH:
        st.html(remark("只知道在哪处水域：保存后精度记为“组级（水边）”，仍留在待落点清单里。"))
    if st.button("保存这个位置", type="primary", key=f"unplaced-save-{spot.key}"):
        _save(viewer, kind, row, spot)


def _waters(viewer: Viewer, kind: str, row: Any, key: str) -> None:  # noqa: ANN401 - a row of a frame
    with frames.opened(viewer) as connection:
        around = waters_around(connection, kind, int(row["id"]))
    if around.empty:
        return
    offered = unplaced_view.candidates(around, row["raw_position"])
    with st.expander("只知道在哪处水域？从本乡镇的水域里选"):
        told = {str(number): plain_label(name, LONGEST_NAME) for number, name in offered["told"].items()}
        number = st.selectbox(
            "可能的水域（名称相近的在前，其次由近到远）",
            list(told),
            format_func=words.of(told),
            key=f"unplaced-water-{key}",
        )
        if number is not None and st.button("暂定到这处水域的岸边", key=f"unplaced-bank-{key}"):
            chosen = offered.loc[int(number)]
            at = chosen.geometry
            _point(
                Spot(
                    key=key,
                    lon=float(at.x),
                    lat=float(at.y),
                    method=ROUGH,
                    told=f"{chosen['name'] or chosen['code']}岸边",
                )
            )


def _point(spot: Spot) -> None:
    st.session_state[SPOT] = spot
    st.rerun()


def _save(viewer: Viewer, kind: str, row: Any, spot: Spot) -> None:  # noqa: ANN401 - a row of a frame
    made = Move(
        kind=kind,
        id=int(row["id"]),
        version=int(row["version"]),
        lon=spot.lon,
        lat=spot.lat,
        method=spot.method,
    )
    before = Move(
        kind=kind,
        id=made.id,
        version=made.version + 1,
        lon=float(row.geometry.x),
        lat=float(row.geometry.y),
        method=str(row["position_method"]),
    )
    if _done(viewer, made, f"已落点：{row['code']}。"):
        st.session_state[LAST] = (before, str(row["code"]))
    st.session_state.pop(SPOT, None)
    st.rerun()


def _back(viewer: Viewer) -> None:
    held: tuple[Move, str] | None = st.session_state.get(LAST)
    if held is None:
        return
    if st.button(f"撤回上一次落点（{plain_label(held[1], LONGEST_NAME)}）", key="unplaced-back"):
        del st.session_state[LAST]
        _done(viewer, held[0], f"已撤回：{held[1]} 回到原来的暂定位置。")
        st.rerun()


def _done(viewer: Viewer, made: Move, said: str) -> bool:
    act = saving.Act(
        dataset=DATASETS[made.kind], verb="write", name=Action.PLACE_RECORD, kind=made.kind, said=said
    )
    versions: list[int] = []

    def write(connection: Any) -> int:  # noqa: ANN401 - a page knows no SQLAlchemy
        versions.append(move(connection, made))
        return made.id

    conflict = saving.done(viewer, act, write)
    if conflict is not None:
        st.session_state[saving.TOLD] = ("bad", "这条记录刚被他人修改，没有保存：请重新点选后再落点。")
    return conflict is None and bool(versions)
