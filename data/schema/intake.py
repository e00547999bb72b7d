"""Import batches with provenance, the rows they refused, and photos."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
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

from data.schema.columns import geometry, identity, metadata, one_of, shape_rules

BATCH_STATES = ("applied", "undone")

import_batch = Table(
    "import_batch",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("crs", Text, nullable=False, server_default=text("''"), comment="as declared or decided"),
    Column("state", Text, nullable=False, server_default=text("'applied'")),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("applied_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("written", Integer, nullable=False, server_default=text("0")),
    Column("unchanged", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    one_of("state", BATCH_STATES),
    Index("ix_import_batch_file_sha256", "file_sha256", "kind"),
)

import_refusal = Table(
    "import_refusal",
    metadata,
    identity(),
    Column(
        "batch_id", BigInteger, ForeignKey("import_batch.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("sheet", Text, nullable=False, server_default=text("''")),
    Column("row_number", Integer, nullable=True),
    Column("header", Text, nullable=False, server_default=text("''")),
    Column("value", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False),
)

photo = Table(
    "photo",
    metadata,
    identity(),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=True),
    geometry("POINT", nullable=True),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column(
        "content", LargeBinary, nullable=False, comment="re-encoded JPEG without metadata, at most 2048 px"
    ),
    Column("uploaded_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("uploaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("subject_kind", "subject_id", "sha256"),
    one_of("subject_kind", ("station", "hazard", "inspection_item", "water", "barrier")),
    CheckConstraint("width_px BETWEEN 1 AND 2048 AND height_px BETWEEN 1 AND 2048", name="size_limited"),
    *shape_rules("photo"),
)
