"""Loops over numbers, compiled where numba is installed, else run as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from numba import njit
except ImportError:  # pragma: no cover - a dependency; a platform without a wheel of it still works
    njit = None  # type: ignore[assignment]

COMPILED = njit is not None
F = TypeVar("F", bound="Callable[..., Any]")


def compiled(function: F) -> F:
    """Return the function compiled, and kept compiled on disk beside its source."""
    if njit is None:
        return function
    return cast("F", njit(cache=True, nogil=True)(function))
