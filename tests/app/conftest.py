"""What every test of the pages' scripts leaves as it found it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Give the name `__main__` back to the program that runs the tests.

    Streamlit's runner puts the page there and leaves it; every process spawned afterwards would then run that
    page first, as its own main module, and end.
    """
    kept = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = kept
