"""Stations (四个一 点位), their items and the history of checks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
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

ITEM_KINDS = ("sign", "lifebuoy", "rope", "pole", "lifejacket")
"""警示牌 救生圈 救生绳 救生杆 救生衣; the first four make a complete set."""
ITEM_STATES = ("good", "damaged", "missing", "expired", "unverified")
"""完好 损坏 缺失 过期 未核."""

station = Table(
    "station",
    metadata,
    identity(),
    natural_key(),
    Column("name", Text, nullable=False, server_default=text("''")),
    area_code(),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="SET NULL"), nullable=True, index=True),
    geometry("POINT"),
    Column("installed_on", Date, nullable=True),
    Column("responsible_unit", Text, nullable=False, server_default=text("''")),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("retired_on", Date, nullable=True),
    *provenance(),
    *record(),
    *shape_rules("station"),
)

station_item = Table(
    "station_item",
    metadata,
    identity(),
    Column("station_id", BigInteger, ForeignKey("station.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("verified_on", Date, nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    *record(),
    UniqueConstraint("station_id", "kind"),
    one_of("kind", ITEM_KINDS),
    one_of("state", ITEM_STATES),
)

item_check = Table(
    "item_check",
    metadata,
    identity(),
    Column("station_id", BigInteger, ForeignKey("station.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("checked_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("kind", ITEM_KINDS),
    one_of("state", ITEM_STATES),
    Index("ix_item_check_station_id", "station_id", "checked_on"),
)
