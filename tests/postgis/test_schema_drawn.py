from __future__ import annotations

from pathlib import Path

import pytest

from data.schema import drawing
from data.schema.tables import metadata

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(("name", "drawn"), [("schema.md", drawing.markdown), ("schema.svg", drawing.svg)])
def test_the_drawn_schema_is_that_of_the_code(name: str, drawn: object) -> None:
    assert callable(drawn)
    assert (DOCS / name).read_text("utf-8") == drawn(), "run: python -m data.schema.drawing docs"


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_table_is_drawn(table: str) -> None:
    assert f"| `{table}` |" in drawing.markdown()
