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
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint

from data.schema.columns import area_code, identity, metadata, one_of, record

GIVEN = (
    "patroller",
    "child_director",
    "water",
    "emergency",
    "civil",
    "education",
    "administrator",
    "auditor",
)
"""What an administrator gives or asks for."""
ROLES = (*GIVEN, "urgent")
"""And the post of whoever looks at homes in an emergency, which is nobody's to give."""
WAYS = ("password", "oidc")
"""How a session is opened: by the password, or by a provider of identities (OpenID Connect)."""
INCIDENTS = ("flood", "drowning", "missing", "landslide", "other")
"""洪涝 溺水搜救 儿童走失 山体滑坡等地质灾害 其他险情."""

account = Table(
    "account",
    metadata,
    identity(),
    Column("login", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("bureau", Text, nullable=False, server_default=text("''")),
    Column("password_hash", Text, nullable=False, comment="argon2id"),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("password_changed_at", DateTime(timezone=True), nullable=True),
    Column("totp_secret", LargeBinary, nullable=True, comment="sealed, key outside the database"),
    Column(
        "totp_draft", LargeBinary, nullable=True, comment="sealed; becomes totp_secret with its first code"
    ),
    Column(
        "totp_draft_session",
        BigInteger,
        nullable=True,
        comment="the session that the draft was shown to: it alone confirms it",
    ),
    Column("totp_draft_at", DateTime(timezone=True), nullable=True, comment="it expires ten minutes later"),
    Column(
        "totp_last_step",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="of the newest code that was taken: no code is taken twice",
    ),
    Column("factor_failures", Integer, nullable=False, server_default=text("0")),
    Column("factor_locked_until", DateTime(timezone=True), nullable=True),
    Column(
        "lockouts",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="by wrong passwords, of which no act tells yet",
    ),
    Column(
        "factor_lockouts",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="by wrong codes, of which no act tells yet",
    ),
    Column("lockouts_told_at", DateTime(timezone=True), nullable=True),
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
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True), nullable=True, comment="undone; the row stays as history"),
    Column("ended_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column(
        "expires_at",
        DateTime(timezone=True),
        nullable=True,
        comment="of urgent sight alone: the moment at which it ends by itself",
    ),
    one_of("role", ROLES),
    CheckConstraint("(role = 'urgent') = (expires_at IS NOT NULL)", name="urgent_expires"),
    CheckConstraint("valid_until >= valid_from", name="ends_after_start"),
    # Nobody holds the administration of users and the audit of it on one day.
    ExcludeConstraint(
        ("account_id", "="),
        ("role", "<>"),
        (func.daterange(text("valid_from"), text("valid_until"), text("'[]'")), "&&"),
        name="administration_apart_from_audit",
        using="gist",
        where=text("role IN ('administrator', 'auditor') AND ended_at IS NULL"),
    ),
    Index(
        "uq_account_grant_standing",
        "account_id",
        "role",
        "area_code",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_account_grant_account_id", "account_id"),
)

grant_request = Table(
    "grant_request",
    metadata,
    identity(),
    Column(
        "account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("role", Text, nullable=False),
    area_code(),
    Column("valid_from", Date, nullable=False, server_default=func.current_date()),
    Column("valid_until", Date, nullable=True),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("requested_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("decided_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("decided_at", DateTime(timezone=True), nullable=True),
    Column("approved", Boolean, nullable=True),
    one_of("role", GIVEN),
    CheckConstraint("valid_until >= valid_from", name="ends_after_start"),
    CheckConstraint("decided_by IS DISTINCT FROM requested_by OR decided_by IS NULL", name="two_people"),
    CheckConstraint("decided_by IS DISTINCT FROM account_id OR decided_by IS NULL", name="not_for_oneself"),
    CheckConstraint("(decided_at IS NULL) = (approved IS NULL)", name="decided_whole"),
)
"""A grant that shows children, asked for by one and decided by another."""

urgent_sight = Table(
    "urgent_sight",
    metadata,
    identity(),
    Column(
        "account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column(
        "grant_id",
        BigInteger,
        ForeignKey("account_grant.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column(
        "post_id",
        BigInteger,
        ForeignKey("account_grant.id", ondelete="SET NULL"),
        nullable=True,
        comment="the post it was opened from, to which its end returns",
    ),
    area_code(),
    Column("incident", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    Column("review_by", DateTime(timezone=True), nullable=False),
    Column("reviewed_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("reviewed_at", DateTime(timezone=True), nullable=True),
    Column("justified", Boolean, nullable=True),
    Column("review", Text, nullable=False, server_default=text("''")),
    one_of("incident", INCIDENTS),
    CheckConstraint("expires_at <= opened_at + interval '24 hours'", name="at_most_a_day"),
    CheckConstraint("reviewed_by IS DISTINCT FROM account_id OR reviewed_by IS NULL", name="second_person"),
    CheckConstraint("(reviewed_at IS NULL) = (justified IS NULL)", name="reviewed_whole"),
)
"""Who looked at the homes of a township in an emergency, and what a second person said of it."""

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True, comment="SHA-256 of 80 random bits"),
    Column(
        "account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("used_at", DateTime(timezone=True), nullable=True),
)

account_link = Table(
    "account_link",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("issuer", Text(collation="C"), nullable=False),
    Column("claim", Text(collation="C"), nullable=False, comment="of the ID token, which names the person"),
    Column("subject", Text(collation="C"), nullable=False, comment="what the provider calls the person"),
    Column("linked_by", BigInteger, ForeignKey("account.id"), nullable=True),
    Column("linked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "id",
        BigInteger,
        Identity(always=False),
        nullable=False,
        unique=True,
        comment="names it in acts and forms; a change makes another link",
    ),
    Column(
        "confirmed_at",
        DateTime(timezone=True),
        nullable=True,
        comment="by its owner; it opens nothing before",
    ),
    CheckConstraint("length(subject) BETWEEN 1 AND 255", name="subject_length"),
    UniqueConstraint("issuer", "claim", "subject"),
)
"""Whom a provider of identities means: set by an administrator, confirmed by the owner of the account."""

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
    Column(
        "id", BigInteger, Identity(always=False), nullable=False, unique=True, comment="names it in lists"
    ),
    Column("second_factor_at", DateTime(timezone=True), nullable=True),
    Column(
        "post_id",
        BigInteger,
        ForeignKey("account_grant.id", ondelete="SET NULL"),
        nullable=True,
        comment="the grant the person works under",
    ),
    Column("device", Text, nullable=False, server_default=text("''")),
    Column("way", Text, nullable=False, server_default=text("'password'"), comment="by which it was opened"),
    Column(
        "flow_hash",
        LargeBinary,
        nullable=True,
        unique=True,
        comment="SHA-256 of the state that the provider brought back: it opens one session",
    ),
    Column(
        "provider_factor",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="the provider proved a second factor and the deployment counts it",
    ),
    one_of("way", WAYS),
    CheckConstraint("way = 'oidc' OR flow_hash IS NULL AND NOT provider_factor", name="of_a_provider_alone"),
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
    Index("ix_audit_account_id", "account_id", "happened_at"),
    Index("ix_audit_happened_at", "happened_at"),
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column(
        "position",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="1, 2, 3 … in the order of commits",
    ),
    Column("audit_id", BigInteger, ForeignKey("audit.id"), nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the hash before and the act"),
)
"""What makes the record of acts one chain; written at the commit of the act by a trigger alone."""
