"""The sections of the screen, each drawn by the module that is named for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages.water import (
    bulletin,
    devices,
    gaps,
    ledger,
    logging,
    outlook,
    patrols,
    photo_walk,
    routes,
    shopping,
    stations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pages.door.desk import Viewer

DRAWN: Final[Mapping[str, Callable[[Viewer], None]]] = {
    "缺口": gaps.draw,
    "点位": stations.draw,
    "采购清单": shopping.draw,
    "缺口台账": ledger.draw,
    "月通报": bulletin.draw,
    "可用估计": outlook.draw,
    "巡查轨迹": patrols.draw,
    "护栏与摄像头": devices.draw,
    "上学路线": routes.draw,
    "照片归位": photo_walk.draw,
    "登记与核查": logging.draw,
}
