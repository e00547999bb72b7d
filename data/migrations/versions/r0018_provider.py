"""Accounts linked to the people of a provider of identities, and sessions that say how they were opened."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FUNCTIONS: Final = ("account_link_end", "account_link_set", "child_grants_anew")
REPLACED: Final = "account_reset"


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    before = Path(__file__).with_name("r0007_accounts_functions.sql").read_text("utf-8")
    found = re.search(rf"CREATE FUNCTION {REPLACED}\(.*?\$\$.*?\$\$;", before, re.DOTALL)
    if found is None:
        raise LookupError(REPLACED)
    op.get_bind().exec_driver_sql(found.group().replace("CREATE", "CREATE OR REPLACE", 1))
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("ALTER TABLE session DROP COLUMN provider_factor, DROP COLUMN flow_hash, DROP COLUMN way")
    op.execute("DROP TABLE account_link")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
