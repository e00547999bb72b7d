"""What the assessment decided: stored by the job, read by the pages, traced by its data version."""

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
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from data.schema.columns import area_code, geometry, identity, metadata, one_of, shape_rules

STATUSES = ("valid", "incomplete", "expired", "off_bank", "unplaced")
GAP_REASONS = ("no_station", "incomplete", "expired", "other_bank")
LAYERS = ("physical", "technical", "personal")
"""物防 技防 人防."""
CLOSERS = ("verify", "complete_set", "new_set")
"""复核 补齐 新设."""
BANK_METRES = (
    "exposed_m",
    "covered_m",
    "gap_m",
    "physical_m",
    "technical_m",
    "personal_m",
    "physical_only_m",
    "technical_only_m",
    "personal_only_m",
)
STATION_COUNTS = (
    "stations",
    "valid",
    "incomplete",
    "overdue",
    "good_sign",
    "good_lifebuoy",
    "good_rope",
    "good_pole",
)
QUEUED = (
    "everything",
    "water",
    "station",
    "child",
    "institution",
    "village",
    "hazard",
    "device",
    "route",
)
"""What a change touches; no home's position stands in the queue, only the waters near it."""
BANDS = ("0", "<5", "5-9", "10-19", "20+")

data_change = Table(
    "data_change",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column(
        "data_version", BigInteger, nullable=False, comment="of the last statement that changed this table"
    ),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

assessment = Table(
    "assessment",
    metadata,
    identity(),
    Column("data_version", BigInteger, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("figures", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column(
        "kind", Text, nullable=False, server_default=text("'full'"), comment="full, or part: what was queued"
    ),
    Column(
        "tables",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="data version of each table at the time",
    ),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    one_of("kind", ("full", "part")),
)

station_finding = Table(
    "station_finding",
    metadata,
    Column("station_id", BigInteger, ForeignKey("station.id", ondelete="CASCADE"), primary_key=True),
    Column("bank_id", BigInteger, ForeignKey("bank.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("m", Double, nullable=True, comment="chainage on the bank [m]"),
    Column("distance_m", Double, nullable=True),
    Column("status", Text, nullable=False),
    Column("missing", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("expires_on", Date, nullable=True),
    one_of("status", STATUSES),
)

bank_finding = Table(
    "bank_finding",
    metadata,
    Column("bank_id", BigInteger, ForeignKey("bank.id", ondelete="CASCADE"), primary_key=True),
    Column("water_class", Text, nullable=False),
    Column("exposed_m", Double, nullable=False),
    Column("covered_m", Double, nullable=False, comment="of the exposed metres"),
    Column("gap_m", Double, nullable=False),
    Column("physical_m", Double, nullable=False, server_default=text("0")),
    Column("technical_m", Double, nullable=False, server_default=text("0")),
    Column("personal_m", Double, nullable=False, server_default=text("0")),
    Column("physical_only_m", Double, nullable=False, server_default=text("0")),
    Column("technical_only_m", Double, nullable=False, server_default=text("0")),
    Column("personal_only_m", Double, nullable=False, server_default=text("0")),
    one_of("water_class", ("A", "B", "C")),
)

covered_stretch = Table(
    "covered_stretch",
    metadata,
    identity(),
    Column("bank_id", BigInteger, ForeignKey("bank.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("layer", Text, nullable=False, server_default=text("'physical'")),
    Column("from_m", Double, nullable=False),
    Column("to_m", Double, nullable=False),
    geometry("LINESTRING"),
    one_of("layer", LAYERS),
    *shape_rules("covered_stretch"),
)

gap = Table(
    "gap",
    metadata,
    identity(),
    Column("bank_id", BigInteger, ForeignKey("bank.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="CASCADE"), nullable=False, index=True),
    area_code(),
    Column("side", Text, nullable=False),
    Column("from_m", Double, nullable=False),
    Column(
        "to_m", Double, nullable=False, comment="above the bank's length where a ring's gap crosses the start"
    ),
    Column("length_m", Double, nullable=False),
    Column("water_class", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column(
        "nearest_village_code", Text(collation="C"), ForeignKey("village.code"), nullable=True, index=True
    ),
    Column("nearest_village_m", Double, nullable=True),
    Column("weight", Double, nullable=False, comment="places that expose it, weighted"),
    Column("what_closes", Text, nullable=False, server_default=text("'new_set'")),
    Column("new_sets", Integer, nullable=False, server_default=text("0"), comment="sets that would close it"),
    Column(
        "beyond_rope",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="no rope from the bank reaches the middle",
    ),
    Column("barrier_advised", Boolean, nullable=False, server_default=text("false")),
    Column("number", Text, nullable=False, comment="kept while the gap shrinks, grows or moves"),
    geometry("LINESTRING"),
    one_of("side", ("left", "right", "single", "ring")),
    one_of("reason", GAP_REASONS),
    one_of("what_closes", CLOSERS),
    CheckConstraint("length_m > 0 AND to_m > from_m AND from_m >= 0", name="measures_ordered"),
    UniqueConstraint("bank_id", "from_m"),
    UniqueConstraint("number"),
    *shape_rules("gap"),
)

gap_history = Table(
    "gap_history",
    metadata,
    identity(),
    Column("number", Text, nullable=False),
    Column("water_id", BigInteger, nullable=False, index=True, comment="the ledger outlives the water"),
    area_code(),
    Column("side", Text, nullable=False),
    Column("from_m", Double, nullable=False),
    Column("to_m", Double, nullable=False),
    Column("length_m", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Date, nullable=False, comment="first assessment date on which the gap stood like this"),
    Column("until", Date, nullable=True, comment="assessment date from which it no longer did"),
    one_of("reason", GAP_REASONS),
    CheckConstraint("until > since", name="days_ordered"),
    Index("uq_gap_history_open", "number", unique=True, postgresql_where=text("until IS NULL")),
    Index("ix_gap_history_since", "since", "until"),
)

area_standing = Table(
    "area_standing",
    metadata,
    Column("day", Date, primary_key=True, comment="assessment date at whose end it stood like this"),
    Column("area_code", Text(collation="C"), primary_key=True, comment="as it was then"),
    *(Column(name, Double, nullable=False) for name in BANK_METRES),
    *(Column(name, Integer, nullable=False) for name in STATION_COUNTS),
)
"""What stood at the end of a day in each township (county, where a record knows no township)."""

gap_counter = Table(
    "gap_counter",
    metadata,
    Column("county", Text(collation="C"), primary_key=True),
    Column("last", BigInteger, nullable=False, comment="the highest number given in the county"),
)

finding_queue = Table(
    "finding_queue",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("target_id", BigInteger, nullable=True, comment="of the record that changed; a home: its child"),
    Column("code", Text(collation="C"), nullable=True, comment="of a village"),
    geometry("GEOMETRY", nullable=True),
    Column("reach_m", Double, nullable=True, comment="how far the record itself reaches beyond geom"),
    Column("why", Text, nullable=False, comment="table that changed"),
    Column("queued_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    one_of("kind", QUEUED),
)

water_exposure = Table(
    "water_exposure",
    metadata,
    Column("water_id", BigInteger, ForeignKey("water.id", ondelete="CASCADE"), primary_key=True),
    Column("grade", Text, nullable=False),
    Column("children_band", Text, nullable=False),
    one_of("grade", ("A", "B", "C")),
    one_of("children_band", BANDS),
)

hazard_exposure = Table(
    "hazard_exposure",
    metadata,
    Column("hazard_id", BigInteger, ForeignKey("hazard.id", ondelete="CASCADE"), primary_key=True),
    Column("grade", Text, nullable=False),
    Column("children_band", Text, nullable=False),
    one_of("grade", ("A", "B", "C")),
    one_of("children_band", BANDS),
)

institution_proximity = Table(
    "institution_proximity",
    metadata,
    Column("institution_id", BigInteger, ForeignKey("institution.id", ondelete="CASCADE"), primary_key=True),
    Column("target_kind", Text, primary_key=True),
    Column("target_id", BigInteger, primary_key=True),
    Column("distance_m", Double, nullable=False),
    one_of("target_kind", ("water", "hazard")),
    Index("ix_institution_proximity_target", "target_kind", "target_id"),
)
