"""Codes of areas in names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

TOWNSHIP: Final = 9
COUNTY: Final = 6


def township_names(codes: pd.Series[str], names: Mapping[str, str]) -> pd.Series[str]:
    """Return the township (or, where none is known, the county) of each code."""
    return codes.map({code: _name(code, names) for code in codes.unique()}).astype("str")


def _name(code: str, names: Mapping[str, str]) -> str:
    return names.get(code[:TOWNSHIP]) or names.get(code[:COUNTY]) or ""
