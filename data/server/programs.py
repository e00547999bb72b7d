"""Where PostgreSQL with PostGIS is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from data.server.faults import PostgisMissingError

PLACES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
)
"""Debian and Ubuntu, the PostgreSQL project's RPMs, Homebrew."""


def find(preferred: Path | None = None, *, major: str | None = None) -> Path:
    """Folder of `initdb` and `pg_ctl` of the newest PostgreSQL with PostGIS.

    `major` asks for the release that made an existing data directory: no other one can read it.
    """
    candidates = [preferred] if preferred else sorted(_installed(), key=_release, reverse=True)
    usable = [folder for folder in candidates if (folder / "initdb").exists() and _has_postgis(folder)]
    if major is not None:
        usable = [folder for folder in usable if preferred or str(_release(folder)) == major]
    if usable:
        return usable[0]
    wanted = f"postgresql-{major}-postgis-3" if major else "postgresql-postgis"
    raise PostgisMissingError(
        f"本机没有可用的 PostgreSQL {major or ''}＋PostGIS："
        f"请执行 apt-get install {wanted}，或用 DATABASE_URL 指向已有的 PostGIS 数据库。"
    )


def _installed() -> set[Path]:
    found = {folder for root, pattern in PLACES for folder in Path(root).glob(pattern)}
    on_path = shutil.which("initdb")
    return found | ({Path(on_path).resolve().parent} if on_path else set())


def _release(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits) if digits else 0


def _has_postgis(folder: Path) -> bool:
    release = folder.parent
    shares = (
        release.parent.parent.parent / "share/postgresql" / release.name,  # …/lib/postgresql/15/bin
        release / "share",  # pgsql-15/bin
        release / "share" / release.name,  # postgresql@15/bin
        release / "share/postgresql",  # a prefix of its own
    )
    return any((share / "extension/postgis.control").exists() for share in shares)
