"""Removing children whose time in the register is over, and catching up with the findings after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import rights
from data.engine import Login, connect
from data.storage import retention
from data.storage.retention import Term
from jobs.assess import catch_up

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from data.engine import Scope
    from data.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a purge would remove: counts by township and reason, and the children that `actor` may see."""

    townships: pd.DataFrame
    named: pd.DataFrame | None
    """By id: code, area_code, sealed, reason; None for the machine's owner, who sees no child."""

    @property
    def children(self) -> int:
        """How many are due."""
        return int(self.townships["children"].sum())


def foresee(settings: Settings, actor: Scope, day: dt.date | None = None) -> Outlook:
    """Return what `purge` would remove for `actor` as of a day; nothing is written.

    Raises
    ------
    RetentionError
        If the actor may not remove children.
    """
    term = _term(settings, day)
    with connect(settings, Login.IMPORTER, actor, readonly=True) as connection:
        townships = retention.due_by_township(connection, term)
    if actor.account_id is None:
        return Outlook(townships=townships, named=None)
    # The row policies of the role's own pages decide which children it may be told of.
    with connect(settings, rights.login_of(actor.role), actor, readonly=True) as connection:
        named = retention.due(connection, term)
    # A sealed child is no account's to purge, not even of those who are named on its seal.
    return Outlook(townships=townships, named=named[~named["sealed"]])


def purge(settings: Settings, actor: Scope, day: dt.date | None = None) -> dict[str, int]:
    """Remove every child due in the actor's area, assess what that changes, and return the counts by table.

    Raises
    ------
    RetentionError
        If the actor may not remove children; nothing was written.
    """
    with connect(settings, Login.IMPORTER, actor) as connection:
        done = retention.purge(connection, _term(settings, day))
    if done:
        catch_up(settings)
    return done


def _term(settings: Settings, day: dt.date | None) -> Term:
    return Term(day=day or settings.today(), months=settings.child_retention_months)
