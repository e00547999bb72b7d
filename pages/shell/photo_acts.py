"""Keeping and withdrawing photos: one transaction of the viewer's own login each, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data import rights
from data.engine import connect
from data.storage import audit, photos
from jobs import photo_places
from pages.shell.deployment import deployment
from pages.shell.frames import NoRightError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.importers.pictures import Picture
    from jobs.photo_places import Placed
    from pages.door.desk import Viewer


def keep(viewer: Viewer, kind: str, subject: int, pictures: Sequence[Picture]) -> int:
    """Keep photos of a subject and return how many are new."""
    _require(viewer, kind)
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        new = photos.keep(connection, deployment().photos, (kind, subject), pictures, viewer.account_id)
        audit.record(
            connection,
            audit.Action.SAVE_PHOTO,
            viewer.scope,
            object_kind=kind,
            object_ids=[subject],
            row_count=new,
        )
    return new


def keep_walk(viewer: Viewer, found: Sequence[Placed]) -> int:
    """Keep the photos of a walk, each at its station, and return how many are new."""
    _require(viewer, "station")
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        return photo_places.keep(connection, deployment(), found, viewer.scope)


def withdraw(viewer: Viewer, kind: str, number: int, *, back: bool) -> None:
    """Take a photo of a kind of subject out of sight, or put it back."""
    _require(viewer, kind)
    act = audit.Action.RESTORE_PHOTO if back else audit.Action.WITHDRAW_PHOTO
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        photos.withdraw(connection, number, viewer.account_id, back=back)
        audit.record(connection, act, viewer.scope, object_kind="photo", object_ids=[number], row_count=1)


def may_keep(viewer: Viewer, kind: str) -> bool:
    """Return whether the viewer may add and withdraw photos of a kind of subject."""
    table = rights.tables()["photo"]
    sets = [table.set, *([table.also[kind]] if kind in table.also else [])]
    return any(viewer.may(one, "write") for one in sets)


def _require(viewer: Viewer, kind: str) -> None:
    # Whatever the browser sent: the database asks the same of the row itself.
    if not may_keep(viewer, kind):
        raise NoRightError(f"role {viewer.role} may not write photos of a {kind}")
