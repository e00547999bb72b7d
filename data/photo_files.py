"""The files of photos: named by their hash, in the state folder, reached by no path of the web."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from data.importers.pictures import Picture

NAME: Final = re.compile(r"[0-9a-f]{64}")


def keep(folder: Path, picture: Picture) -> None:
    """Write a picture and its small one, whole or not at all; what is there already stays."""
    for content, small in ((picture.content, False), (picture.small, True)):
        path = path_of(folder, picture.sha256, small=small)
        if path.exists():
            continue
        for made in (folder, path.parent):
            made.mkdir(mode=0o700, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise


def read(folder: Path, sha256: str, *, small: bool) -> bytes | None:
    """Return the bytes of a photo, None where the file is gone."""
    try:
        return path_of(folder, sha256, small=small).read_bytes()
    except FileNotFoundError:
        return None


def path_of(folder: Path, sha256: str, *, small: bool) -> Path:
    """Return where a photo lies.

    Raises
    ------
    ValueError
        If `sha256` is no hash: a name from elsewhere must not become a path.
    """
    if not NAME.fullmatch(sha256):
        raise ValueError("a photo is named by its SHA-256")
    return folder / sha256[:2] / f"{sha256}{'-small' if small else ''}.jpg"
