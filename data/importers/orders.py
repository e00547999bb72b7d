"""What is to be taken in: which file as what, from whom, and where its giver may write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from data.engine import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.importers.osm import Extract
    from data.settings import Settings

ROLE: Final = "importer"
"""What the audit says where no account stands behind an import on the command line."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be taken in, from whom, and how: kind, file, reference system, all or nothing."""

    kind: str
    path: Path
    crs: str | None = None
    extract: Extract | None = None
    all_or_nothing: bool = False
    account_id: int | None = None
    role: str = ROLE
    area_code: str | None = None
    """Where the giver may write; none is the whole deployment."""
    despite: bool = False
    """Whether the reference system that was named stands against the evidence, as its giver insists."""
    learned: Mapping[str, str] = field(default_factory=dict)
    """What this giver's headers mean beside the words that everybody uses."""


def scope_of(settings: Settings, order: Order) -> Scope:
    """Return whose transaction an import is, and where it may write."""
    root = order.area_code or settings.area_code
    if order.extract and order.extract.area_code:
        root = order.extract.area_code
    return Scope(root, order.account_id, order.role)
