"""Accounts, grants (role x area), sessions on the server, and the record of acts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema.columns import area_code, identity, metadata, one_of, record

ROLES = (
    "patroller",
    "child_director",
    "water",
    "emergency",
    "civil",
    "education",
    "administrator",
    "auditor",
)

account = Table(
    "account",
    metadata,
    identity(),
    Column("login", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("bureau", Text, nullable=False, server_default=text("''")),
    Column("password_hash", Text, nullable=False, comment="argon2id"),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("totp_secret", LargeBinary, nullable=True),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", DateTime(timezone=True), nullable=True),
    Column("demo", Boolean, nullable=False, server_default=text("false")),
    *record(),
)

account_grant = Table(
    "account_grant",
    metadata,
    identity(),
    Column("account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    area_code(),
    Column("valid_from", Date, nullable=False, server_default=func.current_date()),
    Column("valid_until", Date, nullable=True),
    Column("approved_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("granted_by", BigInteger, ForeignKey("account.id"), nullable=True),
    UniqueConstraint("account_id", "role", "area_code"),
    one_of("role", ROLES),
    CheckConstraint("valid_until >= valid_from", name="ends_after_start"),
)

session = Table(
    "session",
    metadata,
    Column(
        "token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the 32 random bytes in the cookie"
    ),
    Column(
        "account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=True),
    Column("purpose", Text, nullable=False, server_default=text("''")),
)

export_link = Table(
    "export_link",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column(
        "account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("kind", Text, nullable=False),
    Column("options", Text, nullable=False, server_default=text("'{}'")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=True),
)

audit = Table(
    "audit",
    metadata,
    identity(),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("action", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("role", Text, nullable=False),
    Column("area_code", Text(collation="C"), nullable=False),
    Column("purpose", Text, nullable=False, server_default=text("''")),
    Column("object_kind", Text, nullable=False),
    Column("object_ids", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("row_count", Integer, nullable=False),
    Column("previous_hash", LargeBinary, nullable=True),
    Column("hash", LargeBinary, nullable=True),
    Index("ix_audit_account_id", "account_id", "happened_at"),
    Index("ix_audit_happened_at", "happened_at"),
)
