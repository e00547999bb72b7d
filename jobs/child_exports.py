"""An approved export of children, made in memory at the moment it is taken, and taken once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from sqlalchemy import text

from data import rights
from data.engine import Login, connect
from data.identity_fields import TITLES
from data.keyring import keyring
from data.storage import child_exports as stored
from data.storage import children
from data.storage import deployment as stored_deployment
from data.storage.faults import RefusedError
from data.storage.identities import Access, read_identities
from layers import child_exports as drawn
from layers import geofile, workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from sqlalchemy import Connection

    from data.engine import Scope
    from data.settings import Settings
    from data.storage.child_exports import Opened
    from layers.handouts import Handout

WRITERS: Final[dict[str, Callable[[Handout], bytes]]] = {
    "xlsx": workbook.to_xlsx,
    "gpkg": geofile.to_gpkg,
}
"""Both write in memory alone."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A file in memory."""

    content: bytes
    format: str
    area_name: str


def take(settings: Settings, actor: Scope, number: int) -> Taken:
    """Return the file of one's approved and started export, with what `actor` may see of children now.

    One transaction checks, reads, records and marks it as taken; where anything fails, it is not taken and
    may be tried again until the ten minutes are over.

    Raises
    ------
    RefusedError
        Where it may not be taken (`data.storage.child_exports.opened`), or holds too many children.
    KeyringError
        If an identity cannot be opened.
    """
    with connect(settings, rights.login_of(actor.role), actor) as connection:
        held = stored.opened(connection, number)
        frame = children.children_for_export(connection, held.area_code)
        if len(frame) > stored.MOST:
            raise RefusedError(f"超过 {stored.MOST:,} 名儿童：请按县（市、区）或乡镇分别申请。")
        frame = _with_identities(settings, connection, actor, held, frame)
        mark = _mark(connection, number, held)
        content = WRITERS[held.format](drawn.handout(frame, held.fields, mark, shapes=held.format == "gpkg"))
        stored.take(connection, number, len(frame))
    return Taken(content=content, format=held.format, area_name=held.area_name)


def lapse(settings: Settings) -> int:
    """Put on record what ran out unused and return how many."""
    with connect(settings, Login.WORKER) as connection:
        return stored.lapse(connection)


def _with_identities(
    settings: Settings, connection: Connection, actor: Scope, held: Opened, frame: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    wanted = [name for name in held.fields if name in TITLES]
    if not wanted:
        return frame
    access = Access(keys=keyring(settings), actor=actor, purpose=held.purpose)
    found = read_identities(connection, access, frame.index.tolist(), wanted)
    known = pd.DataFrame.from_dict(found, orient="index", columns=wanted, dtype=object)
    added: Any = known.reindex(frame.index).fillna("")
    return frame.assign(**{name: added[name] for name in wanted})


def _mark(connection: Connection, number: int, held: Opened) -> drawn.Mark:
    reasons = (
        ("名册理由", held.list_reason),
        ("住址点位理由", held.home_reason),
        ("身份信息理由", held.identity_reason),
    )
    now = connection.execute(text("SELECT now()")).scalar_one()
    return drawn.Mark(
        number=number,
        area=f"{held.area_name}（{held.area_code}）",
        asked=f"{held.asked_by}　{drawn.when(pd.Timestamp(held.asked_at))}",
        approved=f"{held.decided_by}　{drawn.when(pd.Timestamp(held.decided_at))}　意见：{held.decision}",
        purpose=held.purpose,
        reasons=tuple((word, said) for word, said in reasons if said),
        made_at=drawn.when(pd.Timestamp(now)),
        sample=stored_deployment.holds_sample(connection),
    )
