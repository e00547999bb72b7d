"""The table of rights, applied: GRANTs and row policies of every login, set whole or not at all."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data import rights
from data.engine import PAGES, Login

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from data.rights import TableRights

MARK: Final = "rights_applied"
IN_AREA: Final = (
    "{0}area_code >= nullif(current_setting('app.area', true), '') "
    "AND {0}area_code < current_setting('app.area', true) || '~'"
)
"""A range on the code, collated "C". Bare current_setting: inside a sub-select the planner cannot see it."""

BESIDE_CHILD: Final = (
    "area_code || '' >= nullif(current_setting('app.area', true), '') "
    "AND area_code || '' < current_setting('app.area', true) || '~'"
)
"""The same of what hangs on a child, told so that no index answers it. Pages come to such rows by the child's
key or ask for an area themselves; where the index of the area was offered beside the key, the planner, who
takes a village for one row because two ranges name it, read the whole village anew for each child of it."""
ACCOUNT: Final = "CAST(nullif(current_setting('app.account', true), '') AS bigint)"
OWN: Final = f"account_id = {ACCOUNT}"
CARERS: Final = ("civil", "child_director", "urgent")
"""Whose acts civil affairs oversee."""
ROLE: Final = "current_setting('app.role', true)"
NAMED: Final = (
    "id = ANY (ARRAY(SELECT child_seal_person.child_id FROM child_seal_person "  # noqa: S608 - our own text
    f"WHERE child_seal_person.account_id = {ACCOUNT} AND child_seal_person.ended_at IS NULL))"
)
"""Whether the actor is one of those for whom a sealed child exists. The list is made once a statement: as an
EXISTS for each row it made loops within loops of the joins over it (minutes for a county)."""
BEING_SEALED: Final = (
    "EXISTS (SELECT FROM child_seal WHERE child_seal.child_id = child.id "
    "AND child_seal.touched_in = txid_current())"
)
"""The one child that the function of this transaction seals or opens: all that the owner ever reaches."""
SIGHTED: Final = (
    "EXISTS (SELECT FROM account_grant WHERE account_grant.role = 'urgent' "
    f"AND account_grant.account_id = {ACCOUNT} "
    "AND account_grant.area_code = current_setting('app.area', true) "
    "AND account_grant.ended_at IS NULL AND account_grant.expires_at > now())"
)
"""Whether the actor's own urgent sight of this very area still stands, whatever the program believes."""
PUPIL: Final = (
    "left_on IS NULL AND institution_id IN (SELECT id FROM institution "  # noqa: S608 - our own text
    f"WHERE kind IN ('school', 'kindergarten') AND {IN_AREA.format('institution.')})"
)


class LoginsMissingError(Exception):
    """The server lacks logins of the program."""


def apply_rights(connection: Connection) -> bool:
    """Give every login exactly what rights.toml says; return whether anything had to be done.

    Needs the owner. What was applied is remembered by its digest, so that a warm start changes nothing and
    takes no lock; an older or newer set of tables has another digest.
    """
    present = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
    if "deployment" not in present:
        return False
    wanted = [table for name, table in rights.tables().items() if name in present]
    statements = [statement for table in wanted for statement in table_statements(table)]
    statements += function_statements(_functions_present(connection))
    digest = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    applied = text("SELECT value #>> '{}' FROM deployment WHERE key = :key")
    if connection.scalar(applied, {"key": MARK}) == digest:
        return False
    _require_logins(connection)
    for statement in (*_default_privileges(), *_dropped_policies(connection), *statements):
        connection.exec_driver_sql(statement)
    connection.execute(
        text(
            "INSERT INTO deployment (key, value) VALUES (:key, to_jsonb(CAST(:digest AS text))) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
        {"key": MARK, "digest": digest},
    )
    return True


def table_statements(table: TableRights) -> Iterator[str]:
    """Yield the SQL that sets the rights at one table, given that it has no policy yet."""
    yield f"REVOKE ALL ON TABLE {table.name} FROM PUBLIC, {_names(rights.GRANTED)}"
    for login, verbs in table.verbs.items():
        granted = [
            f"{verb.upper()} ({', '.join(table.columns[login, verb])})"
            if (login, verb) in table.columns
            else verb.upper()
            for verb in verbs
        ]
        if granted:
            yield f"GRANT {', '.join(granted)} ON TABLE {table.name} TO {login.value}"
    if table.rows == "open":
        yield f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
        return
    force = "FORCE" if table.rows == "child" else "NO FORCE"
    yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY, {force} ROW LEVEL SECURITY"
    yield from _POLICIES[table.rows](table)


def function_statements(present: frozenset[str]) -> Iterator[str]:
    """Yield the SQL that lets each login call its functions, of those that are there, and no others."""
    if listed := sorted(present):
        yield f"REVOKE EXECUTE ON FUNCTION {', '.join(listed)} FROM PUBLIC, {_names(rights.GRANTED)}"
    for login, called in rights.functions().items():
        if names := sorted(present.intersection(called)):
            yield f"GRANT EXECUTE ON FUNCTION {', '.join(names)} TO {login.value}"


def _functions_present(connection: Connection) -> frozenset[str]:
    found = connection.scalars(
        text(
            "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prosecdef "
            "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        )
    )
    return frozenset(found)


def _child_policies(table: TableRights) -> Iterator[str]:
    area = BESIDE_CHILD if table.of == "child" else IN_AREA.format("")
    # A sealed child exists for named persons only; what hangs on it goes with it, through child's own policy.
    belongs = _belongs(table.name, table.of) if table.of else ""
    for verb in table.verbs[Login.CHILD]:
        if reached := _reached(table, Login.CHILD, verb):
            open_to = belongs or f"(NOT sealed OR {NAMED})"
            yield _policy(table.name, Login.CHILD, verb, f"{area} AND ({reached}) AND {open_to}")
    yield from _school_policies(table, belongs or "NOT sealed")
    if "select" in table.verbs[Login.URGENT]:
        role = _reached(table, Login.URGENT, "select")
        condition = f"{area} AND ({role}) AND {SIGHTED} AND {belongs or 'NOT sealed'}"
        yield _policy(table.name, Login.URGENT, "select", condition)
    for verb in table.verbs[Login.IMPORTER]:
        # The machine's own hands reach all: it keeps the keys. Nobody's file shows or changes a sealed child.
        condition = f"{IN_AREA.format('')} AND ({ACCOUNT} IS NULL OR {belongs or 'NOT sealed'})"
        if verb == "delete":
            condition += f" AND {_remover()}"
        yield _policy(table.name, Login.IMPORTER, verb, condition)
    if table.name == "child":
        for verb in ("select", "update"):
            yield _policy(table.name, Login.OWNER, verb, BEING_SEALED)
    for login in (Login.WORKER, Login.BACKUP):
        yield from _by_verb(table, login, "true")


def _remover() -> str:
    """Return who removes children: the machine's owner, or an account in a role that may purge them."""
    listed = ", ".join(f"'{role}'" for role in rights.roles_that_may("children", "purge"))
    return f"({ACCOUNT} IS NULL OR {ROLE} IN ({listed}))"


def _reached(table: TableRights, login: Login, verb: str) -> str:
    """Return which roles of `login` reach the rows, each by its rule of area."""
    parts = []
    for role in rights.roles_that_may(table.set, *rights.NEEDED[verb]):
        if rights.login_of(role) is login:
            exact = " AND area_code = current_setting('app.area', true)"
            village = rights.rule(role, table.set) == "village"
            parts.append(f"{ROLE} = '{role}'{exact if village else ''}")
    return " OR ".join(parts)


def _school_policies(table: TableRights, unsealed: str) -> Iterator[str]:
    # Pupils of schools in the area, wherever they live; of what hangs on them, the name alone.
    if "select" in table.verbs[Login.SCHOOL]:
        reached = f"{PUPIL} AND {unsealed}" if table.of is None else f"field = 'name' AND {unsealed}"
        role = _reached(table, Login.SCHOOL, "select")
        yield _policy(table.name, Login.SCHOOL, "select", f"({role}) AND {reached}")


def _write_policies(table: TableRights) -> Iterator[str]:
    area = IN_AREA.format("")
    if table.of is not None:
        area = _belongs(table.name, table.of, IN_AREA.format(f"{table.of}."))
    yield f"CREATE POLICY read ON {table.name} FOR SELECT TO {_names(rights.GRANTED)} USING (true)"
    for login, verbs in table.verbs.items():
        for verb in verbs:
            if verb != "select":
                allowed = f"({_who_may(table, verb)}) AND {area}" if login in PAGES else "true"
                yield _policy(table.name, login, verb, allowed)


def _role_policies(table: TableRights) -> Iterator[str]:
    yield f"CREATE POLICY read ON {table.name} FOR SELECT TO {_names(rights.GRANTED)} USING (true)"
    for login, verbs in table.verbs.items():
        for verb in verbs:
            if verb != "select":
                yield _policy(
                    table.name, login, verb, _in_role(table.set, verb) if login in PAGES else "true"
                )


def _who_may(table: TableRights, verb: str) -> str:
    also = [f"subject_kind = '{kind}' AND {_in_role(named, verb)}" for kind, named in table.also.items()]
    return " OR ".join([_in_role(table.set, verb), *also])


def _in_role(dataset: str, verb: str) -> str:
    named = rights.roles_that_may(dataset, *rights.NEEDED[verb])
    listed = ", ".join(f"'{role}'" for role in named)
    return f"{ROLE} IN ({listed})" if named else "false"


def _own_policies(table: TableRights) -> Iterator[str]:
    for login in table.verbs:
        yield from _by_verb(table, login, OWN if login in PAGES else "true")


def _passing_policies(table: TableRights) -> Iterator[str]:
    # The login of backups holds the grant that pg_dump asks for, and no policy: it finds no row.
    for login in table.verbs:
        if login is not Login.BACKUP:
            yield from _by_verb(table, login, "true")


def _record_policies(table: TableRights) -> Iterator[str]:
    carers = ", ".join(f"'{role}'" for role in CARERS)
    role = "current_setting('app.role', true)"
    overseen = f"({role} = 'auditor' OR {role} = 'civil' AND role IN ({carers})) AND {IN_AREA.format('')}"
    paged = {"select": f"{OWN} OR {overseen}", "insert": f"account_id IS NOT DISTINCT FROM {ACCOUNT}"}
    for login, verbs in table.verbs.items():
        for verb in verbs:
            yield _policy(table.name, login, verb, paged[verb] if login in PAGES else "true")


_POLICIES: Final = {
    "child": _child_policies,
    "written_by_area": _write_policies,
    "written_by_role": _role_policies,
    "own": _own_policies,
    "record": _record_policies,
    "passing": _passing_policies,
}


def _by_verb(table: TableRights, login: Login, condition: str) -> Iterator[str]:
    for verb in table.verbs[login]:
        yield _policy(table.name, login, verb, condition)


def _policy(table: str, login: Login, verb: str, condition: str) -> str:
    using = "" if verb == "insert" else f" USING ({condition})"
    check = f" WITH CHECK ({condition})" if verb in {"insert", "update"} else ""
    return f"CREATE POLICY {login.value}_{verb} ON {table} FOR {verb.upper()} TO {login.value}{using}{check}"


def _belongs(table: str, parent: str, condition: str = "true") -> str:
    # The parent's own policy applies inside.
    return f"EXISTS (SELECT FROM {parent} WHERE {parent}.id = {table}.{parent}_id AND {condition})"


def _default_privileges() -> tuple[str, ...]:
    owner = Login.OWNER.value
    return (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE ALL ON TABLES FROM PUBLIC",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE ALL ON FUNCTIONS FROM PUBLIC",
        f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {Login.BACKUP.value}",
    )


def _dropped_policies(connection: Connection) -> list[str]:
    found = connection.execute(
        text(
            "SELECT format('DROP POLICY %I ON %I', policyname, tablename) "
            "FROM pg_policies WHERE schemaname = 'public'"
        )
    )
    return [statement for (statement,) in found]


def _require_logins(connection: Connection) -> None:
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    if missing := [login.value for login in Login if login.value not in known]:
        raise LoginsMissingError(
            f"数据库服务器缺少登录角色 {'、'.join(missing)}：请先以超级用户运行一次准备脚本，再重试。"
        )


def _names(logins: Iterable[Login]) -> str:
    return ", ".join(login.value for login in logins)
