"""Links that their owner confirms, and drafts of a second factor that belong to one session."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MADE: Final = ("own_link_refuse", "own_link_confirm", "session_by_password", "account_link_end")
BEFORE: Final = {
    "r0007_accounts_functions.sql": ("own_factor_draft",),
    "r0018_provider.sql": ("account_reset", "account_link_set", "account_link_end"),
    "r0019_lockouts.sql": ("own_factor_attempt", "own_factor_confirm"),
}
"""Where the functions stand as they were."""


def upgrade() -> None:
    _run(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    for name in MADE:
        op.execute(f"DROP FUNCTION {name}")
    for file, names in BEFORE.items():
        held = Path(__file__).with_name(file).read_text("utf-8")
        for name in names:
            found = re.search(rf"CREATE (?:OR REPLACE )?(FUNCTION {name}\(.*?\$\$.*?\$\$;)", held, re.DOTALL)
            if found is None:
                raise LookupError(name)
            _run(f"CREATE OR REPLACE {found[1]}")
    op.execute("REVOKE ALL ON FUNCTION account_link_end FROM PUBLIC")
    # A link that nobody confirmed would open at once.
    op.execute("DELETE FROM account_link WHERE confirmed_at IS NULL")
    op.execute("ALTER TABLE account_link DROP COLUMN confirmed_at, DROP COLUMN id")
    op.execute("UPDATE account SET totp_draft = NULL WHERE totp_draft IS NOT NULL")
    op.execute("ALTER TABLE account DROP COLUMN totp_draft_at, DROP COLUMN totp_draft_session")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")


def _run(statements: str) -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies with a per cent sign.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
