"""Exports of children: asked for by one, approved by another, taken once.

No login of a page holds the table; functions of the database change and tell it (see
`data.storage.child_exports`), and a trigger keeps what was asked and decided as it was.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema.columns import area_code, identity, metadata, one_of

LIST_FIELDS = ("code", "birth_month", "category", "school")
HOME_FIELDS = ("home",)
IDENTITY_FIELDS = ("name", "id_number", "phone", "guardian_name", "guardian_phone")
FIELDS = (*LIST_FIELDS, *HOME_FIELDS, *IDENTITY_FIELDS)
"""In the order of the file; `code` is always one of them."""
FORMATS = ("xlsx", "gpkg")
_LISTED = ", ".join(f"'{name}'" for name in FIELDS)
_IDENTITIES = ", ".join(f"'{name}'" for name in IDENTITY_FIELDS)


def _person(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, BigInteger, ForeignKey("account.id"), nullable=nullable, index=not nullable)


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=True)


child_export = Table(
    "child_export",
    metadata,
    identity(),
    _person("account_id", nullable=False),
    area_code(),
    Column("fields", ARRAY(Text), nullable=False),
    Column("format", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("list_reason", Text, nullable=False),
    Column("home_reason", Text, nullable=False, server_default=text("''")),
    Column("identity_reason", Text, nullable=False, server_default=text("''")),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "lapses_at",
        DateTime(timezone=True),
        nullable=False,
        comment="until when the next step can be done: decide, start, take",
    ),
    _person("decided_by"),
    _moment("decided_at"),
    Column("approved", Boolean, nullable=True),
    Column("decision", Text, nullable=False, server_default=text("''")),
    Column(
        "started_at", DateTime(timezone=True), nullable=True, comment="from then on ten minutes to take it"
    ),
    _moment("taken_at"),
    Column("row_count", Integer, nullable=True),
    Column("lapsed_at", DateTime(timezone=True), nullable=True, comment="when the lapse went on record"),
    one_of("format", FORMATS),
    CheckConstraint(f"'code' = ANY (fields) AND fields <@ ARRAY[{_LISTED}]::text[]", name="fields_known"),
    CheckConstraint("format <> 'gpkg' OR 'home' = ANY (fields)", name="map_of_homes"),
    CheckConstraint("'home' = ANY (fields) OR home_reason = ''", name="home_reason"),
    CheckConstraint(
        f"fields && ARRAY[{_IDENTITIES}]::text[] OR identity_reason = ''", name="identity_reason"
    ),
    CheckConstraint("decided_by IS DISTINCT FROM account_id OR decided_by IS NULL", name="second_person"),
    CheckConstraint(
        "(decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
        name="decided_whole",
    ),
    CheckConstraint("started_at IS NULL OR coalesce(approved, false)", name="started_approved"),
    CheckConstraint(
        "(taken_at IS NULL) = (row_count IS NULL) AND (taken_at IS NULL OR started_at IS NOT NULL)",
        name="taken_whole",
    ),
)
