"""County, township and village of a code, and back: only where the three names mean one node of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.importers.cells import CellError
from data.ledgers.fields import PLACES

if TYPE_CHECKING:
    import pandas as pd

LEVELS: Final = frozenset(PLACES)


class Places:
    """The tree of areas below the root of the deployment, asked in both directions."""

    def __init__(self, areas: pd.DataFrame) -> None:
        self._parents: dict[str, str | None] = {
            str(code): parent if isinstance(parent, str) else None
            for code, parent in areas["parent_code"].items()
        }
        self._levels = {str(code): str(level) for code, level in areas["level"].items()}
        self._names = {str(code): str(name) for code, name in areas["name"].items()}
        self._codes: dict[tuple[str, ...], list[str]] = {}
        for code in self._names:
            names = self.names(code)
            self._codes.setdefault(tuple(names[level] for level in PLACES), []).append(code)

    def names(self, code: str) -> dict[str, str]:
        """Return the names of the county, the township and the village of a code; none is empty."""
        found = dict.fromkeys(PLACES, "")
        at: str | None = code
        while at is not None:
            level = self._levels.get(at)
            if level in LEVELS:
                found[str(level)] = self._names[at].strip()
            at = self._parents.get(at)
        return found

    def code(self, names: dict[str, str], within: str) -> str:
        """Return the one code below `within` that the three names mean.

        Raises
        ------
        CellError
            If none or several are meant.
        """
        listed = self._codes.get(tuple(names.get(level, "") for level in PLACES), [])
        codes = [code for code in listed if code.startswith(within)]
        if len(codes) == 1:
            return codes[0]
        told = " ".join(name for name in names.values() if name) or "空"
        if codes:
            raise CellError(f"“{told}”有 {len(codes)} 个同名区划", "请在“登记与核查”中改")
        raise CellError(f"没有“{told}”这一区划", "请写县、乡镇、村的全称")
