"""The chain over the record of acts, as it is read to be verified."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.storage.audit import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

PIECE: Final = 5000
"""Links fetched at once."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last link of the chain: how many acts there are, and the hash over all of them."""

    position: int
    hash: bytes


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link: its place, its hash as stored, and the act as it stands now (None: it is gone)."""

    position: int
    audit_id: int
    hash: bytes
    fields: Sequence[str | None] | None

    def expected(self, previous: bytes) -> bytes | None:
        """Return the hash of this link after `previous`, or None where the act is gone.

        SHA-256 over the hash before and each field as `octets:text` (a missing one as `-`), so that no two
        acts are written alike.
        """
        if self.fields is None:
            return None
        written = "".join(_field(value) for value in (str(self.position), *self.fields))
        return hashlib.sha256(previous + written.encode()).digest()


def head(connection: Connection) -> Head | None:
    """Return the last link, None before the first act."""
    row = connection.execute(
        text("SELECT position, hash FROM audit_chain ORDER BY position DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else Head(position=row.position, hash=bytes(row.hash))


def links(connection: Connection) -> Iterator[Link]:
    """Yield every link in its order, a piece at a time: ten million fit in no memory."""
    rows = connection.execution_options(stream_results=True, yield_per=PIECE).execute(
        text(
            "SELECT c.position, c.audit_id, c.hash, u.id, "
            "((extract(epoch FROM u.happened_at) * 1000000)::bigint)::text AS micros, u.action, "
            "u.account_id::text AS account, u.role, u.area_code, u.purpose, u.object_kind, u.object_ids, "
            "u.row_count FROM audit_chain c LEFT JOIN audit u ON u.id = c.audit_id ORDER BY c.position"
        )
    )
    for row in rows:
        fields = None
        if row.id is not None:
            fields = (
                str(row.id),
                row.micros,
                *(row.action, row.account, row.role, row.area_code, row.purpose, row.object_kind),
                str(len(row.object_ids)),
                *row.object_ids,
                str(row.row_count),
            )
        yield Link(position=row.position, audit_id=row.audit_id, hash=bytes(row.hash), fields=fields)


def unchained(connection: Connection) -> list[int]:
    """Return acts that no link holds, at most a hundred: written past the trigger."""
    found = connection.scalars(
        text(
            "SELECT u.id FROM audit u WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = u.id) "
            "ORDER BY u.id LIMIT 100"
        )
    )
    return [int(number) for number in found]


def told_lately(connection: Connection, account_id: int | None, faults: int) -> bool:
    """Return whether an act of this hour tells already that this account found so many faults."""
    found = connection.execute(
        text(
            "SELECT FROM audit WHERE action = :action AND account_id IS NOT DISTINCT FROM :account "
            "AND row_count = :faults AND happened_at > now() - interval '1 hour' LIMIT 1"
        ),
        {"action": Action.FAIL_VERIFICATION.value, "account": account_id, "faults": faults},
    )
    return found.first() is not None


def _field(value: str | None) -> str:
    return "-" if value is None else f"{len(value.encode())}:{value}"
