"""Institutions where children are (the order's four types, 儿童之家) and the ways of pupils on foot."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Integer, Table, Text, text

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

KINDS = ("school", "kindergarten", "welfare", "protection", "children_home")

institution = Table(
    "institution",
    metadata,
    identity(),
    natural_key(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    area_code(),
    geometry("POINT"),
    Column("headcount", Integer, nullable=False, server_default=text("0")),
    Column("boarders", Integer, nullable=False, server_default=text("0")),
    Column("contact_unit", Text, nullable=False, server_default=text("''")),
    Column(
        "contact_phone",
        Text,
        nullable=False,
        server_default=text("''"),
        comment="of the duty desk, not of a person",
    ),
    *provenance(),
    *record(),
    one_of("kind", KINDS),
    CheckConstraint("boarders >= 0 AND headcount >= boarders", name="boarders_within_headcount"),
    *shape_rules("institution"),
)

PUPILS_AT_LEAST = 3
"""Fewer on one way are not written down: what tells of one or two children tells where they live."""

pupil_route = Table(
    "pupil_route",
    metadata,
    identity(),
    natural_key(),
    Column("name", Text, nullable=False, server_default=text("''")),
    area_code(),
    Column(
        "institution_id",
        BigInteger,
        ForeignKey("institution.id", ondelete="SET NULL"),
        nullable=True,
        index=True,
        comment="the school at its end",
    ),
    geometry("LINESTRING"),
    Column(
        "pupils",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="who walk it; 0: not counted, or fewer than three",
    ),
    Column("surveyed_on", Date, nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    *provenance(),
    *record(),
    CheckConstraint(f"pupils = 0 OR pupils >= {PUPILS_AT_LEAST}", name="pupils_tell_of_nobody"),
    *shape_rules("pupil_route"),
)
