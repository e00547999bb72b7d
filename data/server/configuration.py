"""The configuration files of the embedded server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.server.logins import LOGINS

if TYPE_CHECKING:
    from pathlib import Path

    from data.server.keeper import Keeper

SUPERUSER = "postgres"
IDENT_MAP = "anlan"
INCLUDE = "anlan.conf"

OPTIONS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "'192MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "max_wal_size": "'1GB'",
    "checkpoint_timeout": "'15min'",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u '",
    # Statements and DETAIL lines carry values, and a value may be a child's: the log names the fault only.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "'64MB'"}
"""A killed server still keeps what was committed; a power cut may lose it all."""


def write(cluster: Path, *, socket_dir: Path, keeper: Keeper, durable: bool) -> None:
    """Write what differs from initdb's defaults; read again at every start, so that a moved folder works."""
    options = OPTIONS | ({} if durable else FORGETFUL)
    options["unix_socket_directories"] = "'" + str(socket_dir).replace("'", "''") + "'"
    _replace(cluster / INCLUDE, "".join(f"{name} = {value}\n" for name, value in options.items()), keeper)
    main = cluster / "postgresql.conf"
    if f"include '{INCLUDE}'" not in main.read_text("utf-8"):
        _replace(main, f"{main.read_text('utf-8')}\ninclude '{INCLUDE}'\n", keeper)
    _replace(cluster / "pg_hba.conf", f"local all all peer map={IDENT_MAP}\n", keeper)
    people = dict.fromkeys((keeper.program_user, keeper.name))
    lines = [f'{IDENT_MAP} "{person}" {role}\n' for person in people for role in (SUPERUSER, *LOGINS)]
    _replace(cluster / "pg_ident.conf", "".join(lines), keeper)


def _replace(path: Path, text: str, keeper: Keeper) -> None:
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, "utf-8")
    keeper.own(draft, mode=0o600)
    draft.replace(path)
