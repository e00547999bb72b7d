"""Import jobs and batches, what each batch changed and refused, learned headers, and photos."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
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

from data.schema.columns import area_code, geometry, identity, metadata, one_of, shape_rules

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

import_insert = Table(
    "import_insert",
    metadata,
    identity(),
    Column(
        "batch_id", BigInteger, ForeignKey("import_batch.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("table_name", Text, nullable=False),
    Column("record_keys", ARRAY(Text), nullable=False, comment="of the rows that the batch inserted"),
)

import_update = Table(
    "import_update",
    metadata,
    identity(),
    Column(
        "batch_id", BigInteger, ForeignKey("import_batch.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("table_name", Text, nullable=False),
    Column("record_key", Text, nullable=False),
    Column("before", JSONB, nullable=True, comment="the row before; none of tables that concern a child"),
    Column("version_after", Integer, nullable=False),
)

JOB_STATES = ("waiting", "reading", "ready", "confirmed", "storing", "done", "failed", "cancelled")

import_job = Table(
    "import_job",
    metadata,
    identity(),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    area_code(),
    Column("sender", Text, nullable=False, server_default=text("''"), comment="bureau whose headers it uses"),
    Column("kind", Text, nullable=False, server_default=text("''"), comment="empty: to be recognised"),
    Column("file_name", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("options", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("share", Double, nullable=False, server_default=text("0")),
    Column("step", Text, nullable=False, server_default=text("''")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("preview", JSONB, nullable=True),
    Column("message", Text, nullable=False, server_default=text("''")),
    Column("receipt", JSONB, nullable=True),
    Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("beat_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("state", JOB_STATES),
)

import_file = Table(
    "import_file",
    metadata,
    Column("job_id", BigInteger, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="as uploaded; removed once the job has ended"),
)

learned_header = Table(
    "learned_header",
    metadata,
    identity(),
    Column("sender", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("word", Text, nullable=False, comment="header as it is compared"),
    Column("column_name", Text, nullable=False, comment="empty: this column is of no use"),
    Column("learned_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("learned_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("sender", "kind", "word"),
)

photo = Table(
    "photo",
    metadata,
    identity(),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    area_code(),
    Column(
        "sha256",
        Text,
        nullable=False,
        comment="names the file: a re-encoded JPEG without metadata, at most 2048 px",
    ),
    Column("taken_at", DateTime(timezone=True), nullable=True),
    geometry("POINT", nullable=True),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("uploaded_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("uploaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "hidden_at", DateTime(timezone=True), nullable=True, comment="withdrawn: no longer shown, still kept"
    ),
    Column("hidden_by", BigInteger, ForeignKey("account.id"), nullable=True),
    UniqueConstraint("subject_kind", "subject_id", "sha256"),
    one_of("subject_kind", ("station", "hazard", "inspection_item", "water", "barrier")),
    CheckConstraint("width_px BETWEEN 1 AND 2048 AND height_px BETWEEN 1 AND 2048", name="size_limited"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_form"),
    *shape_rules("photo"),
)
