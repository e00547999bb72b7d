"""Identity fields of a child: sealed on the way in, opened on the way out, and every reading on record.

The act is written in the transaction of the reading: where it cannot be recorded, nothing is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.identity_fields import TITLES, IdentityError, normal
from data.keyring import KeyringError, Place
from data.storage import audit
from data.storage.faults import RecordNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from data.engine import Scope
    from data.keyring import Keyring

TABLE: Final = "child_identity"
_WRITE: Final = text(
    # The area is the child's own; a child out of reach is no row, and so writes nothing.
    "INSERT INTO child_identity (child_id, area_code, field, sealed_value, search_key, key_number) "
    "SELECT id, area_code, :field, :sealed, :search, :number FROM child WHERE id = :child "
    "ON CONFLICT (child_id, field) DO UPDATE SET area_code = excluded.area_code, "
    "sealed_value = excluded.sealed_value, search_key = excluded.search_key, "
    "key_number = excluded.key_number RETURNING child_id"
)


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who handles identities, for what purpose, and the keys that open them.

    Raises
    ------
    IdentityError
        If no purpose is given.
    """

    keys: Keyring
    actor: Scope
    purpose: str

    def __post_init__(self) -> None:  # noqa: D105 - the class says what is refused
        if not self.purpose.strip():
            raise IdentityError("查看或登记身份信息须写明用途。")


def place(child_id: int, field: str) -> Place:
    """Return where a sealed identity field stands."""
    return Place(table=TABLE, record=child_id, column=field)


def search_key(keys: Keyring, number: int, field: str, value: str) -> bytes:
    """Return the keyed hash by which a value in its normal form is found."""
    return keys.digest(value.encode(), f"{TABLE}|{field}|search", number)


def write_identities(
    connection: Connection, access: Access, child_id: int, values: Mapping[str, str]
) -> None:
    """Seal and store fields of one child; an empty value removes its field. All of them or none.

    Raises
    ------
    IdentityError
        If a value cannot be kept; before anything is written.
    RecordNotFoundError
        If there is no such child within reach.
    """
    kept = {field: normal(field, value) for field, value in values.items()}
    keys = access.keys
    with connection.begin_nested():
        if connection.scalar(text("SELECT id FROM child WHERE id = :child"), {"child": child_id}) is None:
            raise RecordNotFoundError
        for field, value in kept.items():
            if not value:
                connection.execute(
                    text("DELETE FROM child_identity WHERE child_id = :child AND field = :field"),
                    {"child": child_id, "field": field},
                )
                continue
            given = {
                "child": child_id,
                "field": field,
                "sealed": keys.seal(value.encode(), place(child_id, field)),
                "search": search_key(keys, keys.newest, field, value),
                "number": keys.newest,
            }
            connection.execute(_WRITE, given).one()
        _record(connection, audit.Action.SAVE_IDENTITIES, access, [child_id])


def read_identities(
    connection: Connection, access: Access, child_ids: Iterable[int], fields: Iterable[str] = tuple(TITLES)
) -> dict[int, dict[str, str]]:
    """Return what this login may see of identity fields of children, by child and field; recorded.

    Raises
    ------
    KeyringError
        If a value was moved, changed, or its key is gone; the message names child and field.
    """
    rows = connection.execute(
        text(
            "SELECT child_id, field, sealed_value FROM child_identity WHERE child_id = ANY(:ids) "
            "AND field = ANY(:fields) ORDER BY child_id, field"
        ),
        {"ids": list(child_ids), "fields": list(fields)},
    )
    found: dict[int, dict[str, str]] = {}
    for child_id, field, sealed in rows:
        found.setdefault(child_id, {})[field] = _opened(access.keys, child_id, field, sealed)
    _record(connection, audit.Action.READ_IDENTITIES, access, list(found))
    return found


def find_child(connection: Connection, access: Access, field: str, value: str) -> list[int]:
    """Return the ids of children within reach whose `field` is exactly `value`; recorded, also if none."""
    wanted, keys = normal(field, value), access.keys
    if not wanted:
        raise IdentityError(f"请填写要查找的{TITLES[field]}。")
    # While keys are changed, rows stand under the old and under the new one.
    hashes = [search_key(keys, number, field, wanted) for number in keys.keys]
    rows = connection.scalars(
        text(
            "SELECT child_id FROM child_identity WHERE field = :field AND search_key = ANY(:hashes) "
            "ORDER BY child_id"
        ),
        {"field": field, "hashes": hashes},
    )
    found = [int(number) for number in rows]
    _record(connection, audit.Action.FIND_CHILD, access, found)
    return found


def _opened(keys: Keyring, child_id: int, field: str, sealed: bytes) -> str:
    try:
        return keys.open(bytes(sealed), place(child_id, field)).decode()
    except KeyringError as fault:
        raise KeyringError(f"儿童记录 {child_id} 的{TITLES[field]}：{fault}") from None


def _record(connection: Connection, action: audit.Action, access: Access, ids: list[int]) -> None:
    audit.record(
        connection,
        action,
        access.actor,
        object_kind="child",
        object_ids=ids,
        row_count=len(ids),
        purpose=access.purpose,
    )
