"""Administrative areas as one code tree (prefecture 4, county 6, township 9, village 12 digits)."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Integer, Table, Text, text

from data.schema.columns import geometry, metadata, one_of, provenance, record, shape_rules

LEVELS = ("province", "prefecture", "county", "township", "village")

area = Table(
    "area",
    metadata,
    Column("code", Text(collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("parent_code", Text(collation="C"), ForeignKey("area.code"), nullable=True, index=True),
    geometry("MULTIPOLYGON", nullable=True),
    *provenance(),
    *record(),
    one_of("level", LEVELS),
    CheckConstraint("code ~ '^[0-9A-Z]{2,12}$'", name="code_form"),
    *shape_rules("area"),
)

area_succession = Table(
    "area_succession",
    metadata,
    Column("old_code", Text(collation="C"), primary_key=True),
    Column("new_code", Text(collation="C"), ForeignKey("area.code"), primary_key=True),
    Column("since", Date, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),
)

village = Table(
    "village",
    metadata,
    Column("code", Text(collation="C"), ForeignKey("area.code"), primary_key=True),
    geometry("POINT"),
    Column("children_expected", Integer, nullable=True, comment="left-behind and in difficulty, as reported"),
    Column("child_directors", Integer, nullable=False, server_default=text("0")),
    Column("has_children_home", Boolean, nullable=False, server_default=text("false"), comment="儿童之家"),
    *provenance(),
    *record(),
    *shape_rules("village"),
)
