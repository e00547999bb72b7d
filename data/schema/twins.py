"""What keepers said of records that may be one: the same, or not, remembered and undoable."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)

from data.schema.columns import area_code, identity, metadata, one_of

KINDS = ("station", "institution", "hazard")
VERDICTS = ("same", "different")

twin_verdict = Table(
    "twin_verdict",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("first_id", BigInteger, nullable=False),
    Column("second_id", BigInteger, nullable=False),
    area_code(),
    Column("verdict", Text, nullable=False),
    Column("kept_id", BigInteger, nullable=True, comment="which of the two stays, where they are one"),
    Column(
        "retired_version", Integer, nullable=True, comment="of the station that was retired for the other"
    ),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("decided_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("undone_at", DateTime(timezone=True), nullable=True),
    Column("undone_by", BigInteger, ForeignKey("account.id"), nullable=True),
    one_of("kind", KINDS),
    one_of("verdict", VERDICTS),
    CheckConstraint("first_id < second_id", name="pair_ordered"),
    CheckConstraint("(verdict = 'same') = (kept_id IS NOT NULL)", name="same_keeps_one"),
    CheckConstraint("kept_id IN (first_id, second_id)", name="kept_of_the_pair"),
    Index(
        "uq_twin_verdict_standing",
        "kind",
        "first_id",
        "second_id",
        unique=True,
        postgresql_where=text("undone_at IS NULL"),
    ),
)
"""One that was undone stays as history; the pair may then be judged anew."""
