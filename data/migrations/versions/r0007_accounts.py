"""Grants with a history and a second person, second factors, and the functions that alone change them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "own_session_end own_post own_factor_recover own_factor_confirm own_factor_pass own_factor_attempt "
    "own_factor_draft own_password session_of session_end grant_end grant_decide grant_give account_reset "
    "account_unlock account_disable account_open require_reach acting_grant in_force child_roles refuse"
)
NEW_COLUMNS = {
    "session": "device post_id second_factor_at id",
    "account_grant": "ended_by ended_at created_at reason",
    "account": "factor_locked_until factor_failures totp_last_step totp_draft password_changed_at",
}


def upgrade() -> None:
    here = Path(__file__)
    for name in (here.with_suffix(".sql").name, f"{here.stem}_functions.sql"):
        # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
        cursor = op.get_bind().connection.cursor()
        cursor.execute(here.with_name(name).read_text("utf-8"))
        cursor.close()


def downgrade() -> None:
    for function in FUNCTIONS.split():
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TABLE recovery_code, grant_request")
    op.execute("ALTER TABLE account_grant DROP CONSTRAINT administration_apart_from_audit")
    op.execute("DROP INDEX ix_account_grant_account_id")
    op.execute("DROP INDEX uq_account_grant_standing")
    op.execute("DELETE FROM account_grant WHERE ended_at IS NOT NULL")
    for table, columns in NEW_COLUMNS.items():
        op.execute(f"ALTER TABLE {table} " + ", ".join(f"DROP COLUMN {column}" for column in columns.split()))
    op.execute("COMMENT ON COLUMN account.totp_secret IS NULL")
    op.execute(
        "ALTER TABLE account_grant ADD CONSTRAINT uq_account_grant_account_id_role_area_code "
        "UNIQUE (account_id, role, area_code)"
    )
