"""Close ways round a second person: waiting requests after a reset, hidden marks, a step without an act."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE: Final = {
    "child_grants_anew": "r0018_provider.sql",
    "child_export_said": "r0020_child_exports.sql",
    "child_export_start": "r0020_child_exports.sql",
}


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")


def downgrade() -> None:
    for name, file in BEFORE.items():
        before = Path(__file__).with_name(file).read_text("utf-8")
        found = re.search(rf"CREATE FUNCTION {name}\(.*?\$\$.*?\$\$;", before, re.DOTALL)
        if found is None:
            raise LookupError(name)
        op.get_bind().exec_driver_sql(
            found.group().replace("CREATE", "CREATE OR REPLACE", 1).replace("%", "%%")
        )
    op.execute("ALTER FUNCTION guard_twin_verdict() RESET search_path")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
