"""Lock-outs are counted until an act tells of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

REPLACED: Final = ("own_factor_attempt", "own_factor_pass", "own_factor_confirm", "own_factor_recover")


def upgrade() -> None:
    _run(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    before = Path(__file__).with_name("r0007_accounts_functions.sql").read_text("utf-8")
    for name in REPLACED:
        found = re.search(rf"CREATE FUNCTION {name}\(.*?\$\$.*?\$\$;", before, re.DOTALL)
        if found is None:
            raise LookupError(name)
        _run(found.group().replace("CREATE", "CREATE OR REPLACE", 1))
    op.execute(
        "ALTER TABLE account DROP COLUMN lockouts_told_at, DROP COLUMN factor_lockouts, DROP COLUMN lockouts"
    )
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")


def _run(statements: str) -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies with a per cent sign.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
