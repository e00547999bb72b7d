"""How many cells of the table of rights were asked, by layer; told at the end of a run."""

from __future__ import annotations

from collections import Counter
from typing import Final

COUNTED: Final[Counter[str]] = Counter()
