"""Parameters of judgement with value, source, date and who approved; and what a deployment remembers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, ForeignKey, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import identity, metadata, record

parameter = Table(
    "parameter",
    metadata,
    Column("key", Text(collation="C"), primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("unit", Text, nullable=False, server_default=text("''")),
    Column("label", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_date", Date, nullable=True),
    Column("proposal", Boolean, nullable=False, comment="建议值: ours, not a regulation's"),
    Column("approved_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("approved_at", DateTime(timezone=True), nullable=True),
    *record(),
)

parameter_change = Table(
    "parameter_change",
    metadata,
    identity(),
    Column("key", Text(collation="C"), ForeignKey("parameter.key"), nullable=False, index=True),
    Column("old_value", JSONB, nullable=True),
    Column("new_value", JSONB, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("changed_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

deployment = Table(
    "deployment",
    metadata,
    Column(
        "key", Text, primary_key=True, comment="area_code, area_name, metric_crs, sample (seed and scale), …"
    ),
    Column("value", JSONB, nullable=False),
)
