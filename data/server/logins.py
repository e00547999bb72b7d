"""The eleven logins of the program and the database they share; none of them is a superuser."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

from data.engine import Login
from data.settings import DATABASE

if TYPE_CHECKING:
    import psycopg

OWNER = Login.OWNER.value
LOGINS = tuple(login.value for login in Login)
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "pgcrypto")
MAKERS_OF_TEMPORARY_TABLES = (OWNER, Login.IMPORTER.value, Login.WORKER.value)


TELLING = (
    "_postgis_index_extent",
    "_postgis_join_selectivity",
    "_postgis_selectivity",
    "_postgis_stats",
    "st_estimatedextent",
)
"""PostGIS functions that tell of a column without asking for a grant on its table."""


def create_roles(connection: psycopg.Connection) -> None:
    """Create the logins that are missing. Needs CREATEROLE; the connection is in autocommit."""
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for login in LOGINS:
        if login not in known:
            connection.execute(_role(login))


def create_database(connection: psycopg.Connection, name: str = DATABASE) -> None:
    """Create the program's database if it is missing. Needs CREATEDB; the connection is in autocommit."""
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )


def furnish(connection: psycopg.Connection, name: str = DATABASE) -> None:
    """Put extensions and the right to enter into the database that `connection` is in. Needs a superuser."""
    for statement in _furniture(name):
        connection.execute(statement)


def script(name: str = DATABASE) -> str:
    """Return the SQL by which a superuser prepares an own server, once (`psql -f`)."""
    create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
        sql.Identifier(name), sql.Identifier(OWNER)
    )
    roles = "SELECT FROM pg_roles WHERE rolname"
    missing = [(f"{roles} = '{login}'", _role(login)) for login in LOGINS]
    missing.append((f"SELECT FROM pg_database WHERE datname = '{name}'", create))
    # Run again, for a newer version of the program, it makes what is missing and leaves the rest.
    lines = [
        f"SELECT $make${statement.as_string()}$make$ WHERE NOT EXISTS ({found}) \\gexec"
        for found, statement in missing
    ]
    lines.append(f"\\connect {name}")
    return "\n".join([*lines, *(statement.as_string() + ";" for statement in _furniture(name))])


def tells_nothing(connection: psycopg.Connection) -> bool:
    """Return whether pages are kept from the functions that tell of a table without a grant on it."""
    found = connection.execute(
        "SELECT FROM pg_proc WHERE proname = ANY(%s) AND has_function_privilege(%s, oid, 'execute')",
        [list(TELLING), Login.GENERAL.value],
    )
    return found.fetchone() is None


def digest() -> str:
    """Return what changes when this version of the program prepares a server in another way."""
    return hashlib.sha256(script().encode()).hexdigest()


def _role(login: str) -> sql.Composed:
    attributes: LiteralString = (
        "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    )
    return sql.SQL(attributes).format(sql.Identifier(login))


def _furniture(name: str) -> list[sql.Composed]:
    database, logins = sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, LOGINS))
    makers = sql.SQL(", ").join(map(sql.Identifier, MAKERS_OF_TEMPORARY_TABLES))
    return [
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, logins),
        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(database, makers),
        *(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(extension))
            for extension in EXTENSIONS
        ),
        _hushed(),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format(),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(logins),
        sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(sql.Identifier(OWNER)),
    ]


def _hushed() -> sql.Composed:
    # By name, whatever their signatures: PostGIS changes them from release to release.
    return sql.SQL(
        "DO $hush$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc WHERE proname IN ({}) "
        "LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f); END LOOP; END $hush$"
    ).format(sql.SQL(", ").join(map(sql.Literal, TELLING)))
