"""Waters of the provincial rule's list, their banks with measures, and past incidents."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

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

KINDS = ("pond", "pool", "ditch", "reach", "lake", "reservoir", "wharf", "ferry", "well", "park")
"""池塘 水潭 水渠 河段 湖泊 水库 码头 渡口 公用水井 公园内水域."""
SIDES = ("left", "right", "single", "ring")
CLASSES = ("A", "B", "C")

water = Table(
    "water",
    metadata,
    identity(),
    natural_key(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    area_code(),
    geometry("GEOMETRY"),
    Column("width_m", Double, nullable=True),
    Column("depth_m", Double, nullable=True),
    Column("owner", Text, nullable=False, server_default=text("''"), comment="所有人"),
    Column("user_unit", Text, nullable=False, server_default=text("''"), comment="使用人"),
    Column("manager", Text, nullable=False, server_default=text("''"), comment="管理人"),
    Column("river_chief", Text, nullable=False, server_default=text("''"), comment="河长"),
    Column("class_override", Text, nullable=True),
    Column("class_reason", Text, nullable=False, server_default=text("''")),
    Column("incidents", Integer, nullable=False, server_default=text("0")),
    Column("verified_at", Date, nullable=True),
    Column("verified_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("drawn_by", BigInteger, ForeignKey("account.id"), nullable=True, comment="who set its shape"),
    *provenance(),
    *record(),
    one_of("kind", KINDS),
    CheckConstraint("class_override IN ('A', 'B', 'C')", name="class_override_known"),
    CheckConstraint("class_override IS NULL OR class_reason <> ''", name="class_override_reasoned"),
    CheckConstraint("width_m > 0 AND width_m < 20000", name="width_plausible"),
    CheckConstraint("depth_m >= 0 AND depth_m < 1000", name="depth_plausible"),
    CheckConstraint(
        "GeometryType(geom) IN ('POINT', 'LINESTRING', 'POLYGON', 'MULTIPOLYGON')",
        name="geom_kind",
    ),
    *shape_rules("water"),
)

water_incident = Table(
    "water_incident",
    metadata,
    identity(),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("happened_on", Date, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),
    *record(),
    UniqueConstraint("water_id", "happened_on"),
)

water_change = Table(
    "water_change",
    metadata,
    identity(),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("was", JSONB, nullable=False, comment="what the change replaced, by field"),
    Column("became", JSONB, nullable=False, comment="what it put there, by the same fields"),
    Column("undoes", BigInteger, ForeignKey("water_change.id"), nullable=True, unique=True),
)
"""What officers changed in the record of a water; never changed itself."""

bank = Table(
    "bank",
    metadata,
    identity(),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="CASCADE"), nullable=False),
    Column("side", Text, nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column(
        "start_m",
        Double,
        nullable=False,
        server_default=text("0"),
        comment="where the part begins on the whole bank: chainage is start_m + m",
    ),
    Column("length_m", Double, nullable=False),
    geometry("LINESTRING"),
    UniqueConstraint("water_id", "side", "part"),
    one_of("side", SIDES),
    CheckConstraint("length_m > 0", name="length_positive"),
    *shape_rules("bank"),
)
