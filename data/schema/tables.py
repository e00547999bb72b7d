"""All tables at once: importing this module fills the metadata."""

from __future__ import annotations

from data.schema import (
    accounts,
    areas,
    child_exports,
    children,
    findings,
    hazards,
    inspections,
    institutions,
    intake,
    outlook,
    parameters,
    protection,
    seals,
    stations,
    twins,
    waters,
)
from data.schema.columns import metadata

MODULES = (
    areas,
    institutions,
    waters,
    stations,
    protection,
    inspections,
    hazards,
    children,
    seals,
    findings,
    outlook,
    accounts,
    child_exports,
    intake,
    twins,
    parameters,
)
"""In the order a reader meets them."""

__all__ = ["MODULES", "metadata"]
