"""Flood-season rounds, the inspection of each institution, and its checklist items."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data.schema.columns import area_code, identity, metadata, natural_key, one_of, provenance, record

ROUND_KINDS = ("before", "during", "after", "warning")
"""汛前排查 汛中巡查 汛后核查 预警复查."""
STATES = ("planned", "done", "missed", "cancelled")
DOMAINS = ("B", "W", "S", "R", "D", "E", "P")
"""建筑物 围墙 山体 水域 排水 转移避险 上下学路线."""
FINDINGS = ("normal", "abnormal", "not_applicable", "unchecked")
"""正常 异常 不适用 未查."""

inspection_round = Table(
    "inspection_round",
    metadata,
    identity(),
    natural_key(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("year", Integer, nullable=False),
    area_code(),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    *record(),
    one_of("kind", ROUND_KINDS),
)

inspection = Table(
    "inspection",
    metadata,
    identity(),
    Column("round_id", BigInteger, ForeignKey("inspection_round.id", ondelete="CASCADE"), nullable=False),
    Column("institution_id", BigInteger, ForeignKey("institution.id"), nullable=False, index=True),
    area_code(),
    Column("state", Text, nullable=False, server_default=text("'planned'")),
    Column("planned_on", Date, nullable=True),
    Column("done_on", Date, nullable=True),
    Column("team", Text, nullable=False, server_default=text("''")),
    Column("inspected_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    *provenance(),
    *record(),
    UniqueConstraint("round_id", "institution_id"),
    one_of("state", STATES),
)

checklist_item = Table(
    "checklist_item",
    metadata,
    Column("code", Text(collation="C"), primary_key=True),
    Column("domain", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    one_of("domain", DOMAINS),
)

inspection_item = Table(
    "inspection_item",
    metadata,
    identity(),
    Column("inspection_id", BigInteger, ForeignKey("inspection.id", ondelete="CASCADE"), nullable=False),
    Column("item_code", Text(collation="C"), ForeignKey("checklist_item.code"), nullable=False),
    Column("finding", Text, nullable=False, server_default=text("'unchecked'")),
    Column("note", Text, nullable=False, server_default=text("''")),
    *record(),
    UniqueConstraint("inspection_id", "item_code"),
    one_of("finding", FINDINGS),
)
