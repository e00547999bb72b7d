"""What protects a bank beside stations: barriers and covers (物防), cameras (技防), patrols (人防)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Table,
    Text,
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

BARRIER_KINDS = ("barrier", "fence", "cover")
DEVICE_STATES = ("good", "damaged", "missing", "unverified")

barrier = Table(
    "barrier",
    metadata,
    identity(),
    natural_key(),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="CASCADE"), nullable=False, index=True),
    area_code(),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'good'")),
    geometry("LINESTRING"),
    Column("height_m", Double, nullable=True),
    Column("installed_on", Date, nullable=True),
    *provenance(),
    *record(),
    one_of("kind", BARRIER_KINDS),
    one_of("state", DEVICE_STATES),
    *shape_rules("barrier"),
)

camera = Table(
    "camera",
    metadata,
    identity(),
    natural_key(),
    area_code(),
    Column("state", Text, nullable=False, server_default=text("'good'")),
    geometry("POINT"),
    Column("bearing_deg", Double, nullable=False, server_default=text("0")),
    Column("view_deg", Double, nullable=False, server_default=text("360")),
    Column("reach_m", Double, nullable=False, index=True),
    *provenance(),
    *record(),
    one_of("state", DEVICE_STATES),
    CheckConstraint("bearing_deg >= 0 AND bearing_deg < 360", name="bearing_circle"),
    CheckConstraint("view_deg > 0 AND view_deg <= 360", name="view_circle"),
    CheckConstraint("reach_m > 0", name="reach_positive"),
    *shape_rules("camera"),
)

patrol = Table(
    "patrol",
    metadata,
    identity(),
    natural_key(),
    area_code(),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="SET NULL"), nullable=True, index=True),
    geometry("LINESTRING"),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("walked_m", Double, nullable=False),
    Column("walked_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    *provenance(),
    *record(),
    CheckConstraint("ended_at >= started_at", name="ends_after_start"),
    CheckConstraint("walked_m >= 0", name="walked_positive"),
    *shape_rules("patrol"),
)
