"""Institutions where children are: the order's four types and the 儿童之家."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text, text

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
