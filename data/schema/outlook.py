"""What is expected to work today, estimated from the history of checks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    Table,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import identity, metadata

outlook = Table(
    "outlook",
    metadata,
    identity(),
    Column("as_of", Date, nullable=False),
    Column("data_version", BigInteger, nullable=False),
    Column("parameters", JSONB, nullable=False, comment="that the estimate was made with"),
    Column("rates", JSONB, nullable=False, comment="of loss, by kind of item and class of water"),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

station_outlook = Table(
    "station_outlook",
    metadata,
    Column("station_id", BigInteger, ForeignKey("station.id", ondelete="CASCADE"), primary_key=True),
    Column("works", Double, nullable=False, comment="probability of a complete set today"),
    Column("works_low", Double, nullable=False, comment="at the upper limit of every rate of loss"),
    Column("works_high", Double, nullable=False, comment="at the lower limit of every rate of loss"),
    Column("losses", Integer, nullable=False, comment="losses and damages found lately"),
    Column("repeated", Boolean, nullable=False, comment="a place of theft or damage"),
    Column("risk", Double, nullable=False, comment="(1 - works) x what it protects, from shared data alone"),
    CheckConstraint(
        "works >= 0 AND works <= 1 AND works_low <= works AND works <= works_high", name="works_ordered"
    ),
)
