"""The operating-system user that the server runs as: PostgreSQL refuses root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from data.server.faults import PostgisMissingError

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Who runs the server, and who may come to it."""

    name: str
    uid: int
    gid: int
    program_user: str

    @property
    def apart(self) -> bool:
        """Whether the server runs as somebody else than the program."""
        return self.uid != os.geteuid()

    def run(self, *command: str | Path, output: IO[bytes] | int) -> int:
        """Exit code of `command`, run as the keeper with its words in `output`."""
        return subprocess.run(  # noqa: S603 - the programs are PostgreSQL's own
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            umask=0o077,
            user=self.uid if self.apart else None,
            group=self.gid if self.apart else None,
            extra_groups=[] if self.apart else None,
        ).returncode

    def own(self, path: Path, *, mode: int) -> None:
        """Give `path` to the keeper with `mode`."""
        path.chmod(mode)
        if self.apart:
            os.chown(path, self.uid, self.gid)


def choose() -> Keeper:
    """Return the program's own user, or `postgres` where the program is root."""
    mine = pwd.getpwuid(os.geteuid())
    if mine.pw_uid != 0:
        return Keeper(name=mine.pw_name, uid=mine.pw_uid, gid=mine.pw_gid, program_user=mine.pw_name)
    try:
        server = pwd.getpwnam("postgres")
    except KeyError:
        raise PostgisMissingError(
            "以 root 运行时需要系统用户 postgres：请先安装 postgresql-postgis，或改用普通用户运行。"
        ) from None
    return Keeper(name="postgres", uid=server.pw_uid, gid=server.pw_gid, program_user=mine.pw_name)
