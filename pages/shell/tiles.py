"""Heavy layers as bytes, made once a data version and handed to browsers by a route of their own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from data.engine import Scope, connect
from data.rights import login_of
from data.storage import findings, institutions, villages, waters
from layers import words
from layers.maps import Features, features, packed
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.door.desk import Viewer

LAYERS: Final = {
    "waters": ("waters", "read"),
    "gaps": ("gaps", "read"),
    "covered": ("gaps", "read"),
    "villages": ("waters", "read"),
    "schools": ("institutions", "read"),
    "routes": ("institutions", "read"),
}
"""Each layer with the right that it asks for."""


def layer(viewer: Viewer, name: str) -> tuple[str, bytes]:
    """Return the version and the bytes of one layer of the viewer's area."""
    with connect(deployment(), viewer.login_kind, viewer.scope, readonly=True) as connection:
        found = findings.latest_assessment(connection)
        version = f"{findings.data_version(connection)}-{found.id if found else 0}"
    return version, _made(name, viewer.role, viewer.area_code, version)


@lru_cache(maxsize=48)
def _made(name: str, role: str, area_code: str, version: str) -> bytes:
    del version
    scope = Scope(area_code, None, role)
    with connect(deployment(), login_of(role), scope, readonly=True) as connection:
        return packed(_MAKERS[name](connection, area_code))


def _waters(connection: Any, area_code: str) -> Features:  # noqa: ANN401 - a storage connection
    found = waters.waters(connection, area_code)
    kinds = found.geom_type.str.lower().str.replace("multi", "").str.replace("linestring", "line")
    return features(found.assign(k=kinds), key="k", lines=_water_lines)


def _gaps(connection: Any, area_code: str) -> Features:  # noqa: ANN401 - a storage connection
    return features(findings.gaps(connection, area_code).assign(k="gap"), key="k", lines=gap_lines)


def _covered(connection: Any, area_code: str) -> Features:  # noqa: ANN401 - a storage connection
    found = findings.covered(connection, area_code).assign(k="covered")
    return features(
        found,
        key="k",
        lines=lambda row: (
            "已覆盖岸线",
            f"{words.SIDES[row.side]}　{words.chainage(row.from_m)} 至 {words.chainage(row.to_m)}",
        ),
    )


def _villages(connection: Any, area_code: str) -> Features:  # noqa: ANN401 - a storage connection
    found = villages.villages(connection, area_code).assign(k="village")
    return features(found, key="k", lines=lambda row: (row.name, row.township_name))


def _schools(connection: Any, area_code: str) -> Features:  # noqa: ANN401 - a storage connection
    found = institutions.institutions(connection, area_code).assign(k="school")
    return features(
        found, key="k", lines=lambda row: (row.name, f"{words.INSTITUTIONS[row.kind]}　{row.headcount} 人")
    )


def _routes(connection: Any, area_code: str) -> Features:  # noqa: ANN401 - a storage connection
    found = institutions.routes(connection, area_code).assign(k="route")
    return features(found, key="k", lines=route_lines)


def route_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    """Return what is told of one way to school."""
    walked = f"步行学生 {row.pupils} 人" if row.pupils else ""
    return (
        f"上学路线：{row.name or row.code}",
        f"长 {row.length_m:,.0f} 米　沿途缺口 {row.gaps} 段",
        "　".join(word for word in (row.school, walked) if word),
    )


def gap_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    """Return what is told of one gap."""
    village = (
        ""
        if row.nearest_village is None or row.nearest_village != row.nearest_village
        else row.nearest_village
    )
    return (
        f"缺口：{row.water_name}（{words.SIDES[row.side]}）",
        f"{words.chainage(row.from_m)} 至 {words.chainage(row.to_m)}，长 {row.length_m:.0f} 米",
        f"{row.water_class} 类水域　原因：{words.REASONS[row.reason]}",
        f"最近村（居）：{village}（{row.nearest_village_m:.0f} 米）" if village else "",
        f"编号：{row.number}　优先次序：第 {row.priority} 位",
    )


def _water_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    lines = [row.name, words.WATERS.get(row.kind, row.kind)]
    if row.width_m == row.width_m:
        lines.append(f"宽约 {row.width_m:.0f} 米")
    if row.river_chief:
        lines.append(f"河长：{row.river_chief}")
    return tuple(lines)


_MAKERS: Final[dict[str, Callable[[Any, str], Features]]] = {
    "waters": _waters,
    "gaps": _gaps,
    "covered": _covered,
    "villages": _villages,
    "schools": _schools,
    "routes": _routes,
}
