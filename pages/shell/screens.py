"""Which screens there are: folder and address, title, and the data set that one must be allowed to read."""

from __future__ import annotations

from typing import Final

FIRST: Final = "overview"
"""The screen of the address `/`."""
SCREENS: Final = (
    (FIRST, "总览", "statistics"),
    ("water", "水域防护", "stations"),
    ("emergency", "汛期应急", "institutions"),
    ("civil", "民政关爱", "proximity"),
    ("intake", "导入", "imports"),
    ("settings", "参数与数据", "parameters"),
    ("accounts", "账号与权限", "child_grants"),
    ("audit", "访问记录", "audit"),
)
VERBS: Final = {"audit": "own"}
"""What one must be allowed to do with the data set where it is not to read it."""
ADDRESSES: Final = frozenset({"/", *(f"/{folder}" for folder, _, _ in SCREENS if folder != FIRST)})
"""Every page that answers; the page itself asks for the right again."""
