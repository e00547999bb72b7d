"""The metadata of every table and the columns that many tables share."""

from __future__ import annotations

from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Text,
    func,
    text,
)

SRID: Final = 4490
"""CGCS2000 longitude and latitude: the one reference system that is stored."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def identity() -> Column[int]:
    """Return the surrogate key that other tables point at."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def natural_key() -> Column[str]:
    """Return the key that a bureau knows the record by; an import is an upsert on it."""
    return Column("code", Text(collation="C"), nullable=False, unique=True)


def area_code(name: str = "area_code") -> Column[str]:
    """Return a reference to a node of the code tree, collated "C" so that a prefix is a range."""
    return Column(name, Text(collation="C"), ForeignKey("area.code"), nullable=False, index=True)


def geometry(kind: str, *, nullable: bool = False, name: str = "geom") -> Column[object]:
    """Return a geometry column in EPSG:4490; its index and checks come from `shape_rules`."""
    return Column(name, Geometry(kind, srid=SRID, spatial_index=False), nullable=nullable)


def shape_rules(table: str, name: str = "geom") -> tuple[CheckConstraint | Index, ...]:
    """Return the index and the checks of a geometry column.

    A range check alone lets EMPTY and NULL through, so emptiness is refused by name; NaN sorts above
    every number in PostgreSQL, so the upper bound refuses it.
    """
    return (
        CheckConstraint(f"NOT ST_IsEmpty({name})", name=f"{name}_not_empty"),
        CheckConstraint(
            f"ST_XMin({name}) >= -180 AND ST_XMax({name}) <= 180 "
            f"AND ST_YMin({name}) >= -90 AND ST_YMax({name}) <= 90",
            name=f"{name}_in_range",
        ),
        CheckConstraint(f"ST_IsValid({name})", name=f"{name}_valid"),
        Index(f"ix_{table}_{name}", name, postgresql_using="gist"),
    )


def record() -> tuple[Column[object], ...]:
    """Return version (raised by a trigger at each update, for optimistic locking) and times."""
    return (
        Column("version", Integer, nullable=False, server_default=text("1")),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def provenance() -> tuple[Column[object], ...]:
    """Return where a record came from: batch, sheet and row as the keeper's program shows it."""
    return (
        Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=True, index=True),
        Column("source_sheet", Text, nullable=True),
        Column("source_row", Integer, nullable=True),
        Column("raw_position", Text, nullable=True, comment="coordinates as they were handed in"),
        Column(
            "position_method",
            Text,
            nullable=False,
            server_default=text("'stated'"),
            comment="stated, converted, clicked, invented, village, derived",
        ),
    )


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Return a check that `column` holds one of `values`: text, enums spoil filters under row security."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
