"""Sealed values of every table by the key that sealed them, and their sealing anew with the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data import totp
from data.keyring import KeyringError
from data.storage.identities import place, search_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.keyring import Keyring

# The number that the sealed value itself states, not a column beside it that could be wrong.
_KEY_OF: Final = "('x' || encode(substring({0} from 2 for 4), 'hex'))::bit(32)::bigint"
_IDENTITY: Final = _KEY_OF.format("sealed_value")
_USE: Final = text(
    "SELECT kind, number, count(*) FROM ("  # noqa: S608 - our own text
    f"SELECT 'identities' AS kind, {_IDENTITY} AS number FROM child_identity "
    f"UNION ALL SELECT 'factors', {_KEY_OF.format('totp_secret')} FROM account WHERE totp_secret IS NOT NULL "
    f"UNION ALL SELECT 'factors', {_KEY_OF.format('totp_draft')} FROM account WHERE totp_draft IS NOT NULL "
    ") AS sealed GROUP BY kind, number"
)
_BATCH: Final = text(
    "SELECT child_id, field, sealed_value FROM child_identity "  # noqa: S608 - our own text
    f"WHERE (child_id, field) > (:child, :field) AND {_IDENTITY} <> :newest "
    "ORDER BY child_id, field LIMIT :most FOR UPDATE"
)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one transaction sealed anew, what it could not open, and where the next one goes on."""

    sealed: int
    unopened: tuple[str, ...]
    last: tuple[int, str] | None


def key_use(connection: Connection) -> dict[tuple[str, int], int]:
    """Return how many values each key seals, by kind (identities, factors) and number (importer login)."""
    return {(kind, number): count for kind, number, count in connection.execute(_USE)}


def hold_still(connection: Connection) -> None:
    """Wait until nobody writes sealed values and let nobody begin until this transaction ends."""
    connection.execute(text("LOCK TABLE child_identity, account IN SHARE MODE"))


def reseal_identities(connection: Connection, keys: Keyring, after: tuple[int, str], most: int) -> Batch:
    """Seal the next identity fields after a key of the table anew, search keys too (importer login)."""
    asked = {"child": after[0], "field": after[1], "newest": keys.newest, "most": most}
    rows = connection.execute(_BATCH, asked).all()
    written, unopened = [], []
    for child_id, field, sealed in rows:
        try:
            value = keys.open(bytes(sealed), place(child_id, field))
        except KeyringError:
            unopened.append(f"child_identity {child_id} {field}")
            continue
        written.append(
            {
                "child": child_id,
                "field": field,
                "sealed": keys.seal(value, place(child_id, field)),
                "search": search_key(keys, keys.newest, field, value.decode()),
                "number": keys.newest,
            }
        )
    if written:
        connection.execute(
            text(
                "UPDATE child_identity "
                "SET sealed_value = :sealed, search_key = :search, key_number = :number "
                "WHERE child_id = :child AND field = :field"
            ),
            written,
        )
    last = (int(rows[-1][0]), str(rows[-1][1])) if rows else None
    return Batch(sealed=len(written), unopened=tuple(unopened), last=last)


def reseal_factors(connection: Connection, keys: Keyring) -> Batch:
    """Seal the second factors of accounts anew, all at once: they are few (importer login)."""
    done, unopened = 0, []
    for column in ("totp_secret", "totp_draft"):
        rows = connection.execute(
            text(
                f"SELECT id, {column} FROM account WHERE {column} IS NOT NULL "  # noqa: S608 - our own text
                f"AND {_KEY_OF.format(column)} <> :newest ORDER BY id FOR UPDATE"
            ),
            {"newest": keys.newest},
        ).all()
        for number, sealed in rows:
            try:
                value = keys.open(bytes(sealed), totp.place(number))
            except KeyringError:
                unopened.append(f"account {number} {column}")
                continue
            connection.execute(
                text(f"UPDATE account SET {column} = :sealed WHERE id = :id"),  # noqa: S608 - our own text
                {"id": number, "sealed": keys.seal(value, totp.place(number))},
            )
            done += 1
    return Batch(sealed=done, unopened=tuple(unopened), last=None)
