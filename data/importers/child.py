"""Parsing in a process of its own: little memory, little time, no network, and only JSON comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.importers.guards import Limits

ROOT: Final = Path(__file__).resolve().parent.parent.parent
WRITTEN_MAX_MB: Final = 256
"""Largest file that the child may make: the members of an unpacked shapefile."""
ANSWER_MAX_BYTES: Final = 400 * 1024 * 1024
ALLOWED_DRIVERS: Final = frozenset({"GPKG", "ESRI Shapefile"})
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
TOO_LARGE: Final = 137
"""Exit status of the child when memory ran out."""


def parse(reader: str, path: Path, limits: Limits) -> Any:  # noqa: ANN401 - JSON
    """Return what `reader` (sheets, geojson, layers, kml, gpx, tracks) finds in the file.

    Raises
    ------
    IntakeError
        If the file cannot be parsed, or not within the limits.
    """
    allowed = [str(limits.memory_mb), str(limits.seconds)]
    command = [sys.executable, "-m", "data.importers.child", reader, str(path.resolve()), *allowed]
    wall_s = limits.seconds
    try:
        outcome = subprocess.run(  # noqa: S603 - our own module, a path as one argument
            command, cwd=ROOT, env=_environment(), capture_output=True, timeout=wall_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise IntakeError(f"{path.name} 在 {wall_s} 秒内没有读完，已停止：请拆分后分次导入。") from None
    if outcome.returncode == 0 and len(outcome.stdout) <= ANSWER_MAX_BYTES:
        answer = json.loads(outcome.stdout)
        if "error" in answer:
            raise IntakeError(f"{path.name} 无法读取：{answer['error']}")
        return answer["found"]
    if outcome.returncode in {TOO_LARGE, -24}:  # -SIGXCPU
        raise IntakeError(f"{path.name} 读取时超出内存或时间限制，已停止：请拆分或删去空白区域后再导入。")
    raise IntakeError(f"{path.name} 无法读取：文件可能已损坏，请重新导出。")


def told(cell: Any) -> Any:  # noqa: ANN401 - a cell of JSON
    """Return a cell of the child's answer as a keeper would have typed it: a day is `{"day": text}` there."""
    return cell["day"] if isinstance(cell, dict) else cell


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        # Every driver but the allowed ones is never registered in the child.
        "GDAL_SKIP": ",".join(_other_drivers()),
        "GDAL_NUM_THREADS": "1",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
    }


@lru_cache(maxsize=1)
def _other_drivers() -> tuple[str, ...]:
    import pyogrio

    return tuple(sorted(set(pyogrio.list_drivers()) - ALLOWED_DRIVERS))


def confine(memory_mb: int, cpu_s: int) -> None:
    """Limit this process for good: memory [MB], processor time [s], no core, and no network if it can be."""
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_MAX_MB * 1024 * 1024,) * 2)
    # An empty network of its own, where the kernel allows it; the drivers and the magic bytes stand anyway.
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "unshare"):
        library.unshare(CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWUSER | CLONE_NEWNET)


def _answer(reader: str, path: Path) -> dict[str, Any]:
    from data.importers import gpx, markup, readers

    known: dict[str, Callable[[Path], Any]] = {
        "sheets": readers.sheets,
        "whole_book": readers.whole_book,
        "geojson": readers.geojson,
        "layers": readers.layers,
        "kml": markup.kml,
        "gpx": markup.gpx,
        "tracks": gpx.parse,
    }
    try:
        return {"found": known[reader](path)}
    except (readers.ReadError, gpx.GpxError) as fault:
        return {"error": str(fault)}
    except RecursionError:
        return {"error": "嵌套过深。"}


def run(arguments: list[str]) -> int:
    """Confine this process, parse, and write the answer; the exit status tells memory from other faults."""
    reader, name, memory_mb, seconds = arguments
    confine(int(memory_mb), int(seconds))
    try:
        answer = json.dumps(_answer(reader, Path(name)), ensure_ascii=True).encode()
    except MemoryError:
        return TOO_LARGE
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
