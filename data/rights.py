"""The one table of rights, read: which role may do what with which data, and which login its pages use."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from data.engine import Login
from data.schema.accounts import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).with_name("rights.toml")
VERBS: Final = ("select", "insert", "update", "delete")
ROWS: Final = ("open", "written_by_area", "written_by_role", "own", "record", "child", "passing")
RULES: Final = ("below", "village", "school", "own", "bureau")
"""Rules of area: the node and all below, the own village, pupils of schools there, oneself, the bureau."""
NEEDED: Final = {
    "select": ("read",),
    "insert": ("write",),
    "update": ("write", "verify"),
    "delete": ("write",),
}
"""Which right at a data set lets a page do what with the rows of its tables."""
GRANTED: Final[tuple[Login, ...]] = tuple(login for login in Login if login is not Login.OWNER)
"""Logins that hold what the file says; the owner needs no entry."""
NARROW: Final = frozenset({Login.ACCOUNTS, Login.FIELD, Login.SCHOOL, Login.URGENT})
"""Logins named only where they hold something, or something else than the login they are like; all others are
named at every table."""


class RightsError(Exception):
    """The table of rights is incomplete or names something unknown."""


@dataclass(frozen=True, kw_only=True)
class TableRights:
    """What the logins may do with one table, and which rows a page's login reaches."""

    name: str
    set: str
    rows: str
    of: str | None
    verbs: Mapping[Login, tuple[str, ...]]
    columns: Mapping[tuple[Login, str], tuple[str, ...]]
    """Where a verb of a login holds on some columns alone."""
    also: Mapping[str, str]
    """For rows of a `subject_kind`: the data set whose writers write such rows as well."""


@dataclass(frozen=True, kw_only=True)
class RoleRights:
    """What a role may do with each data set, and the login of its pages."""

    login: Login
    may: Mapping[str, tuple[str, ...]]
    where: Mapping[str, str]
    """Rules of area other than "below", by data set."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """What rights are about: its title, and whether the database shows it by area."""

    name: str
    title: str
    reading: str
    inner: bool
    fields: Mapping[str, tuple[str, ...]]
    """Columns that a verb is about, where it is about some alone."""


def may(role: str, dataset: str, verb: str) -> bool:
    """Return whether `role` may do `verb` with `dataset`; an unknown cell is a fault, not a refusal."""
    try:
        return verb in roles()[role].may[dataset]
    except KeyError:
        raise RightsError(f"rights.toml has no cell for role {role!r} and data set {dataset!r}") from None


def rule(role: str, dataset: str) -> str:
    """Return the rule of area, one of `RULES`, under which `role` reaches `dataset`."""
    may(role, dataset, "read")
    return roles()[role].where.get(dataset, "below")


def roles_that_may(dataset: str, *verbs: str) -> tuple[str, ...]:
    """Return the roles that may do one of `verbs` with `dataset`, in the order of the file."""
    return tuple(role for role in roles() if any(may(role, dataset, verb) for verb in verbs))


def sees_children(role: str) -> bool:
    """Return whether `role` reads anything of single children: it signs in with a second factor."""
    return any(may(role, dataset, "read") for dataset in ("children", "homes", "proximity"))


def login_of(role: str) -> Login:
    """Return the database login that the pages of `role` use."""
    try:
        return roles()[role].login
    except KeyError:
        raise RightsError(f"rights.toml has no role {role!r}") from None


@lru_cache(maxsize=1)
def roles() -> Mapping[str, RoleRights]:
    """Return the rights of every role; each has the same data sets.

    Raises
    ------
    RightsError
        If a role or a cell is missing, so that nobody's right is a matter of forgetting.
    """
    listed = cast("dict[str, dict[str, object]]", _document()["roles"])
    if set(listed) != set(ROLES):
        raise RightsError(f"roles without an entry, or unknown ones: {sorted(set(listed) ^ set(ROLES))}")
    result = {
        name: RoleRights(
            login=Login(cast("str", entry["login"])),
            may=MappingProxyType(
                {key: tuple(verbs) for key, verbs in cast("dict[str, list[str]]", entry["may"]).items()}
            ),
            where=MappingProxyType(dict(cast("dict[str, str]", entry.get("where", {})))),
        )
        for name, entry in listed.items()
    }
    datasets = {name for name, dataset in sets().items() if not dataset.inner}
    for name, role in result.items():
        if wrong := datasets ^ set(role.may):
            raise RightsError(f"role {name}: no cell, or one of no data set: {sorted(wrong)}")
        if set(role.where) - datasets or set(role.where.values()) - set(RULES):
            raise RightsError(f"role {name}: unknown rule of area {dict(role.where)}")
    return MappingProxyType(result)


@lru_cache(maxsize=1)
def sets() -> Mapping[str, DataSet]:
    """Return the data sets, by name."""
    listed = cast("dict[str, dict[str, object]]", _document()["sets"])
    return MappingProxyType(
        {
            name: DataSet(
                name=name,
                title=str(entry["title"]),
                reading=str(entry["reading"]),
                inner=bool(entry.get("inner", False)),
                fields={
                    verb: tuple(columns)
                    for verb, columns in cast("dict[str, list[str]]", entry.get("fields", {})).items()
                },
            )
            for name, entry in listed.items()
        }
    )


@lru_cache(maxsize=1)
def tables() -> Mapping[str, TableRights]:
    """Return the rights at every table, by its name."""
    listed = cast("dict[str, dict[str, object]]", _document()["tables"])
    return MappingProxyType({name: _table(name, entry) for name, entry in listed.items()})


def functions() -> Mapping[Login, tuple[str, ...]]:
    """Return the functions of the database that each login may call; others are closed to all."""
    listed = cast("dict[str, list[str]]", _document()["functions"])
    return MappingProxyType({Login(name): tuple(called) for name, called in listed.items()})


def _table(name: str, entry: dict[str, object]) -> TableRights:
    expected = {"rows", "set", *(login.value for login in GRANTED if login not in NARROW)}
    given = set(entry) - {"of", "columns", "also", *(login.value for login in NARROW)}
    if given != expected:
        raise RightsError(f"table {name}: missing or unknown {sorted(given ^ expected)}")
    also = cast("dict[str, str]", entry.get("also", {}))
    if strange := {str(entry["set"]), *also.values()} - set(sets()):
        raise RightsError(f"table {name}: unknown data sets {sorted(strange)}")
    verbs = {login: tuple(cast("list[str]", entry[named])) for login, named in _named(entry).items()}
    verbs |= {login: () for login in GRANTED if login not in verbs}
    unknown = {verb for listed in verbs.values() for verb in listed} - set(VERBS)
    if unknown or entry["rows"] not in ROWS:
        raise RightsError(f"table {name}: unknown rule or verb {entry['rows']!r} {sorted(unknown)}")
    limited = cast("dict[str, dict[str, list[str]]]", entry.get("columns", {}))
    columns = {
        (login, verb): tuple(of)
        for login, named in _named(entry).items()
        for verb, of in limited.get(named, {}).items()
    }
    if loose := [pair for pair in columns if pair[1] not in verbs[pair[0]]]:
        raise RightsError(f"table {name}: columns of a verb that is not granted: {loose}")
    return TableRights(
        name=name,
        set=str(entry["set"]),
        rows=str(entry["rows"]),
        of=cast("str | None", entry.get("of")),
        verbs=MappingProxyType(verbs),
        columns=MappingProxyType(columns),
        also=MappingProxyType(also),
    )


def _named(entry: dict[str, object]) -> dict[Login, str]:
    """Return the name under which a table says what each login holds: its own, or the one it is like."""
    like = {
        Login(name): str(given["like"])
        for name, given in cast("dict[str, dict[str, object]]", _document()["logins"]).items()
    }
    result = {}
    for login in GRANTED:
        named = login.value
        while named not in entry and Login(named) in like:
            named = like[Login(named)]
        if named in entry:
            result[login] = named
    return result


@lru_cache(maxsize=1)
def _document() -> dict[str, object]:
    return tomllib.loads(FILE.read_text("utf-8"))
