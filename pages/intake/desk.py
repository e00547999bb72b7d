"""The seam between the screen of imports and storage: a viewer's own jobs, and the batches of their area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.engine import Scope, connect
from data.importers import kinds, synonyms
from data.importers.rows import PRIVATE
from data.storage import batch_undo, batches, intake_jobs
from data.storage.intake_jobs import Upload
from pages.shell import frames
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from data.storage.intake_jobs import Job
    from pages.door.desk import Viewer


def allowed(viewer: Viewer) -> list[str]:
    """Return the kinds of record that this viewer may bring, in the order of the table of kinds."""
    return [
        kind
        for kind in kinds.TITLES
        if kind != "osm" and all(viewer.may(*pair) for pair in kinds.needed(kind))
    ]


def leave(viewer: Viewer, name: str, content: bytes, *, kind: str, crs: str | None) -> int:
    """Keep a file for the worker, wake it, and return the number of the job."""
    upload = Upload(
        account_id=viewer.account_id,
        role=viewer.role,
        area_code=viewer.area_code,
        sender=sender(viewer),
        file_name=name,
        content=content,
        kind=kind,
        crs=crs,
    )
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        number = intake_jobs.leave(connection, upload)
    wake()
    return number


def wake() -> None:
    """Have a worker look for what waits."""
    from jobs import intake

    intake.wake(deployment())


def job(viewer: Viewer, number: int) -> Job | None:
    """Return one of the viewer's own jobs."""
    with frames.opened(viewer) as connection:
        return intake_jobs.job(connection, number)


def jobs(viewer: Viewer) -> pd.DataFrame:
    """Return the viewer's own jobs, newest first."""
    with frames.opened(viewer) as connection:
        return intake_jobs.jobs(connection, viewer.account_id)


def again(viewer: Viewer, number: int, kind: str, options: Mapping[str, Any]) -> None:
    """Have a file read again in another way."""
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        intake_jobs.change(connection, number, kind, options)
    wake()


def teach(viewer: Viewer, kind: str, words: Mapping[str, str]) -> None:
    """Remember what the headers of the viewer's bureau mean."""
    folded = {synonyms.folded(word): column for word, column in words.items()}
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        intake_jobs.learn(connection, sender(viewer), kind, folded, viewer.account_id)


def confirm(viewer: Viewer, number: int, *, whole: bool) -> None:
    """Have what was previewed stored."""
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        intake_jobs.confirm(connection, number, all_or_nothing=whole)
    wake()


def cancel(viewer: Viewer, number: int) -> None:
    """Give a job up."""
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        intake_jobs.cancel(connection, number)


def history(viewer: Viewer) -> pd.DataFrame:
    """Return the batches of the viewer's area that concern their role."""
    frames.require(viewer, "imports")
    with frames.opened(viewer) as connection:
        found = batches.batches(connection, viewer.area_code)
    if viewer.may("children", "read"):
        return found
    return found[~found["kind"].isin(PRIVATE)]


def refusals(viewer: Viewer, number: int) -> pd.DataFrame:
    """Return the refused cells of a batch of `history`."""
    frames.require(viewer, "imports")
    with frames.opened(viewer) as connection:
        return batches.refusals(connection, number)


def undo(viewer: Viewer, number: int) -> dict[str, int]:
    """Take a batch back; `UndoError` says what stands in the way."""
    from jobs import intake

    done = intake.undo(deployment(), number, Scope(viewer.area_code, viewer.account_id, viewer.role))
    frames.forget()
    return done


def sender(viewer: Viewer) -> str:
    """Return whose words the headers are: the bureau's, else the account's."""
    return viewer.bureau or viewer.login


UndoError = batch_undo.UndoError
