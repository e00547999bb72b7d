"""Exports of children: asked for by one, approved by another, taken once, by functions that alone do it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FUNCTIONS: Final = (
    "child_exports_seen child_export_take child_export_open child_export_ready child_export_start "
    "child_export_decide child_export_ask child_export_lapse child_export_state record_child_export "
    "child_export_holder child_export_words child_export_said"
)


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    for function in FUNCTIONS.split():
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TABLE child_export")
    op.execute("DROP FUNCTION guard_child_export")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
