"""Hazards (隐患) with their loop: 发现 → 登记 → 交办 → 整改 → 复查 → 销号."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from data.schema.columns import (
    area_code,
    geometry,
    identity,
    metadata,
    natural_key,
    one_of,
    provenance,
    record,
    shape_rules,
)
from data.schema.inspections import DOMAINS

GRADES = ("general", "major")
"""一般 重大."""
STATES = ("found", "registered", "assigned", "rectified", "rechecked", "closed")
"""发现 登记 交办 整改 复查 销号."""
ORIGINS = ("inspection", "station", "report", "warning", "register")

hazard = Table(
    "hazard",
    metadata,
    identity(),
    natural_key(),
    Column("title", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'found'")),
    Column("origin", Text, nullable=False, server_default=text("'report'")),
    area_code(),
    geometry("POINT"),
    Column("institution_id", BigInteger, ForeignKey("institution.id"), nullable=True, index=True),
    Column("water_id", BigInteger, ForeignKey("water.id"), nullable=True, index=True),
    Column("station_id", BigInteger, ForeignKey("station.id"), nullable=True, index=True),
    Column("inspection_item_id", BigInteger, ForeignKey("inspection_item.id"), nullable=True, index=True),
    Column("earlier_hazard_id", BigInteger, ForeignKey("hazard.id"), nullable=True, index=True),
    Column("responsible_unit", Text, nullable=False, server_default=text("''")),
    Column("responsible_person", Text, nullable=False, server_default=text("''")),
    Column("deadline", Date, nullable=True),
    Column("found_on", Date, nullable=False),
    Column("closed_on", Date, nullable=True),
    Column("verified_at", Date, nullable=True, comment="confirmed by a second person"),
    Column("verified_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("drawn_by", BigInteger, ForeignKey("account.id"), nullable=True, comment="who set its place"),
    Column("reported_by", BigInteger, ForeignKey("account.id"), nullable=True),
    *provenance(),
    *record(),
    one_of("domain", DOMAINS),
    one_of("grade", GRADES),
    one_of("state", STATES),
    one_of("origin", ORIGINS),
    CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed_has_date"),
    *shape_rules("hazard"),
)

hazard_event = Table(
    "hazard_event",
    metadata,
    identity(),
    Column("hazard_id", BigInteger, ForeignKey("hazard.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("from_state", Text, nullable=True),
    Column("to_state", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor_id", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("hazard_id", "position"),
    one_of("to_state", STATES),
)
