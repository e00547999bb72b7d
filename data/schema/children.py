"""Children and their homes: every table here stands under forced row security.

The home lives apart from the child under a random key; identity fields are encrypted by the program.
"""

from __future__ import annotations

from sqlalchemy import (
    UUID,
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
    LargeBinary,
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

CATEGORIES = (
    "left_behind",
    "orphan",
    "de_facto_unsupported",
    "low_income",
    "ill_or_disabled",
    "vagrant",
    "other",
)
"""农村留守儿童 孤儿 事实无人抚养 低保特困家庭 重病重残 流浪 其他."""
VISIT_KINDS = ("contact", "home_visit", "file_check")
PROTECTED = (
    "child",
    "home",
    "child_identity",
    "child_visit",
    "proximity",
    "gap_weight",
    "shared_home",
    "child_tally",
)
"""Tables under forced row security."""

child = Table(
    "child",
    metadata,
    identity(),
    natural_key(),
    area_code(),
    Column("category", Text, nullable=False),
    Column("birth_month", Date, nullable=False, comment="first day of the month of birth"),
    Column("boarding", Boolean, nullable=False, server_default=text("false")),
    Column("institution_id", BigInteger, ForeignKey("institution.id"), nullable=True, index=True),
    Column("sealed", Boolean, nullable=False, server_default=text("false")),
    Column("left_on", Date, nullable=True),
    *provenance(),
    *record(),
    one_of("category", CATEGORIES),
    CheckConstraint("extract(day from birth_month) = 1", name="birth_month_first_day"),
)

home = Table(
    "home",
    metadata,
    Column("id", UUID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), nullable=False, unique=True),
    area_code(),
    geometry("POINT"),
    Column("precision", Text, nullable=False, server_default=text("'exact'")),
    *provenance(),
    *record(),
    one_of("precision", ("exact", "group", "village")),
    *shape_rules("home"),
)

shared_home = Table(
    "shared_home",
    metadata,
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), primary_key=True),
    area_code(),
    geometry("POINT"),
    *shape_rules("shared_home"),
)
"""The homes as findings for others count them: renewed many at once, so that no difference is one child's."""

sharing_run = Table(
    "sharing_run",
    metadata,
    Column("shared_on", Date, primary_key=True),
    Column("homes", BigInteger, nullable=False, comment="how many entered, moved or left"),
)

child_tally = Table(
    "child_tally",
    metadata,
    Column("since", Date, primary_key=True, comment="first day of the quarter that first told of the row"),
    Column("area_code", Text(collation="C"), primary_key=True, comment="as it was then"),
    Column("name", Text, primary_key=True, comment="column of the table"),
    Column("children", Integer, nullable=False),
    CheckConstraint("children >= 0", name="children_positive"),
)
"""What stands behind the tables of children by township: exact, for the worker alone."""

child_table = Table(
    "child_table",
    metadata,
    Column("period", Date, primary_key=True, comment="first day of the quarter"),
    Column("as_of", Date, nullable=False, comment="day of the count"),
    Column("parameters", JSONB, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

child_table_cell = Table(
    "child_table_cell",
    metadata,
    Column("period", Date, ForeignKey("child_table.period"), primary_key=True),
    Column("area_code", Text(collation="C"), primary_key=True, comment="as it was then"),
    Column("name", Text, primary_key=True, comment="column of the table"),
    Column("since", Date, nullable=False, comment="quarter from which on the row is told unchanged"),
    Column("children", Integer, nullable=True, comment="none where withheld"),
    CheckConstraint("children >= 0", name="children_positive"),
)
"""The tables as everybody may read them: a withheld cell is not in them."""

child_identity = Table(
    "child_identity",
    metadata,
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), primary_key=True),
    area_code(),
    Column("field", Text, primary_key=True),
    Column(
        "sealed_value",
        LargeBinary,
        nullable=False,
        comment="AES-256-GCM or SM4-GCM, key outside the database",
    ),
    Column("search_key", LargeBinary, nullable=True, comment="keyed hash, for an exact search"),
    Column("key_number", BigInteger, nullable=False),
    one_of("field", ("name", "id_number", "phone", "guardian_name", "guardian_phone")),
    Index("ix_child_identity_search_key", "field", "search_key"),
)

child_visit = Table(
    "child_visit",
    metadata,
    identity(),
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), nullable=False, index=True),
    area_code(),
    Column("kind", Text, nullable=False),
    Column("visited_on", Date, nullable=False),
    Column("visited_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    *record(),
    UniqueConstraint("child_id", "kind", "visited_on"),
    one_of("kind", VISIT_KINDS),
)

proximity = Table(
    "proximity",
    metadata,
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), primary_key=True),
    Column("target_kind", Text, primary_key=True),
    Column("target_id", BigInteger, primary_key=True),
    area_code(),
    Column("distance_m", Double, nullable=False),
    Column("computed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("target_kind", ("water", "hazard")),
    CheckConstraint("distance_m >= 0", name="distance_positive"),
    Index("ix_proximity_target", "target_kind", "target_id", "distance_m"),
)

gap_weight = Table(
    "gap_weight",
    metadata,
    Column("gap_id", BigInteger, ForeignKey("gap.id", ondelete="CASCADE"), primary_key=True),
    area_code(),
    Column("weight_t", Double, nullable=False, comment="0–4 years"),
    Column("weight_p", Double, nullable=False, comment="5–11 years"),
    Column("weight_y", Double, nullable=False, comment="12–16 years"),
    Column("weight_school", Double, nullable=False),
    Column("weight_village", Double, nullable=False),
)
"""What a gap's weight is made of: its parts tell of children by age."""
