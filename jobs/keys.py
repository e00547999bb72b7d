"""Keys outside the database: what each seals, a new one for all, old ones dropped once unused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import key_file
from data.engine import Login, Scope, connect
from data.keyring import keyring
from data.storage import audit, sealed_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """One key: whether it seals, whether the file has it, and how many values it sealed."""

    number: int
    current: bool
    present: bool
    identities: int
    factors: int


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """What a rotation did; `resumed` if it went on with one that had not ended."""

    number: int
    resumed: bool
    sealed: int
    unopened: tuple[str, ...]


def status(settings: Settings) -> list[KeyUse]:
    """Return every key that the file has or a value needs, by number."""
    with connect(settings, Login.IMPORTER, _operator(settings), readonly=True) as connection:
        used = sealed_rows.key_use(connection)
    keys = keyring(settings)
    numbers = sorted({*keys.keys, *(number for _, number in used)})
    return [
        KeyUse(
            number=number,
            current=number == keys.newest,
            present=number in keys.keys,
            identities=used.get(("identities", number), 0),
            factors=used.get(("factors", number), 0),
        )
        for number in numbers
    ]


def rotate(settings: Settings, told: Callable[[int, int], None], most: int = 1000) -> Rotated:
    """Make a new key the current one and seal everything anew, `most` values a transaction.

    Killed at any moment, every value opens with a key of the file, and the next call goes on where it was
    instead of making another key. `told` hears how many of how many are done.
    """
    with key_file.alone(settings):
        before = status(settings)
        resumed = any(use.identities + use.factors for use in before if use.present and not use.current)
        number = keyring(settings).newest if resumed else key_file.add_key(settings)
        total = sum(use.identities + use.factors for use in before if use.number != number)
        with connect(settings, Login.IMPORTER, _operator(settings)) as connection:
            factors = sealed_rows.reseal_factors(connection, keyring(settings))
            _record(connection, settings, audit.Action.ROTATE_KEYS, [number], total)
        sealed, unopened = factors.sealed, list(factors.unopened)
        told(sealed, total)
        after: tuple[int, str] | None = (0, "")
        while after is not None:
            with connect(settings, Login.IMPORTER, _operator(settings)) as connection:
                batch = sealed_rows.reseal_identities(connection, keyring(settings), after, most)
            sealed, after = sealed + batch.sealed, batch.last
            unopened += batch.unopened
            told(sealed, total)
    return Rotated(number=number, resumed=resumed, sealed=sealed, unopened=tuple(unopened))


def drop(settings: Settings) -> list[int]:
    """Take every older key that seals nothing out of the file and return their numbers."""
    with key_file.alone(settings), connect(settings, Login.IMPORTER, _operator(settings)) as connection:
        sealed_rows.hold_still(connection)
        needed = {number for _, number in sealed_rows.key_use(connection)}
        keys = keyring(settings)
        dropped = sorted(set(keys.keys) - needed - {keys.newest})
        if dropped:
            _record(connection, settings, audit.Action.DROP_KEYS, dropped, len(dropped))
            key_file.drop_keys(settings, set(dropped))
    return dropped


def _operator(settings: Settings) -> Scope:
    return Scope(settings.area_code, None, "operator")


def _record(
    connection: Connection, settings: Settings, action: audit.Action, numbers: list[int], count: int
) -> None:
    audit.record(
        connection, action, _operator(settings), object_kind="key", object_ids=numbers, row_count=count
    )
