"""Make every table of the mission."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "pgcrypto")


def upgrade() -> None:
    bind = op.get_bind()
    present = set(bind.scalars(text("SELECT extname FROM pg_extension")))
    if missing := [name for name in EXTENSIONS if name not in present]:
        raise RuntimeError(f"数据库缺少扩展 {'、'.join(missing)}：请先以超级用户运行一次准备脚本，再重试。")
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            bind.exec_driver_sql(statement)


def downgrade() -> None:
    bind = op.get_bind()
    tables = bind.scalars(
        text(
            "SELECT tablename FROM pg_tables "
            "WHERE tableowner = current_user AND tablename <> 'alembic_version'"
        )
    ).all()
    bind.exec_driver_sql("DROP TABLE " + ", ".join(f'"{name}"' for name in tables))
