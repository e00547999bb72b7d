"""Urgent sight of homes: opened by oneself, over by itself, reviewed by a second person."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FUNCTIONS: Final = (
    "urgent_seen urgent_review own_urgent_end own_urgent_open record_urgent refuse_urgent_request end_urgent "
    "guard_urgent urgent_roles"
)
TRIGGERS: Final = (
    ("refuse_urgent", "grant_request"),
    ("end_urgent", "account_grant"),
    ("guard_urgent_update", "account_grant"),
    ("guard_urgent_insert", "account_grant"),
)
REPLACED: Final = ("child_roles", "in_force")
ROLES: Final = (
    "'patroller', 'child_director', 'water', 'emergency', 'civil', 'education', 'administrator', 'auditor'"
)


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    for trigger, table in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in FUNCTIONS.split():
        op.execute(f"DROP FUNCTION {function}")
    before = Path(__file__).with_name("r0007_accounts_functions.sql").read_text("utf-8")
    for name in REPLACED:
        found = re.search(rf"CREATE FUNCTION {name}\(.*?\$\$.*?\$\$;", before, re.DOTALL)
        if found is None:
            raise LookupError(name)
        op.get_bind().exec_driver_sql(found.group().replace("CREATE", "CREATE OR REPLACE", 1))
    op.execute("DROP TABLE urgent_sight")
    op.execute("DELETE FROM account_grant WHERE role = 'urgent'")
    # Row policies ask the column: they are made anew with the rights.
    op.execute("ALTER TABLE account_grant DROP COLUMN expires_at CASCADE")
    op.execute("ALTER TABLE account_grant DROP CONSTRAINT ck_account_grant_role_known")
    op.execute(
        f"ALTER TABLE account_grant ADD CONSTRAINT ck_account_grant_role_known CHECK (role IN ({ROLES}))"
    )
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
