"""Let a post that may open urgent sight of homes stand only after civil affairs approved it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NEWEST: Final = {
    "grant_give": "r0007_accounts_functions.sql",
    "grant_end": "r0007_accounts_functions.sql",
    "child_grants_anew": "r0023_second_persons.sql",
}
ROLES: Final = """
CREATE FUNCTION approved_roles() RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT array_agg(DISTINCT role) FROM unnest(child_roles() || urgent_roles()) AS known(role)
$$
"""


def upgrade() -> None:
    op.execute(ROLES)
    op.execute("REVOKE ALL ON FUNCTION approved_roles FROM PUBLIC")
    _define("approved_roles()")


def downgrade() -> None:
    _define("child_roles()")
    op.execute("DROP FUNCTION approved_roles")


def _define(roles: str) -> None:
    for name, file in NEWEST.items():
        before = Path(__file__).with_name(file).read_text("utf-8")
        found = re.search(rf"CREATE (OR REPLACE )?FUNCTION {name}\(.*?\$\$.*?\$\$;", before, re.DOTALL)
        if found is None:
            raise LookupError(name)
        body = re.sub("^CREATE (OR REPLACE )?", "CREATE OR REPLACE ", found.group())
        op.get_bind().exec_driver_sql(body.replace("child_roles()", roles).replace("%", "%%"))
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
