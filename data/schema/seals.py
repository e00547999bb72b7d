"""Children sealed for named persons: by whom and why, who is named, what waits for a second person.

No login of a page holds these tables; functions of the database change and tell them (see
`data.storage.seals`). `child_seal_person` tells everybody of oneself alone: row policies of children ask it.
"""

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
    Table,
    Text,
    func,
    text,
)

from data.schema.columns import area_code, identity, metadata, one_of

GROUNDS = ("court", "police", "witness", "shelter", "other")
"""法院人身安全保护 公安机关要求 证人保护 临时监护与庇护 其他."""
SEALS = ("child_seal", "child_seal_person", "child_seal_proposal")


def _account(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, BigInteger, ForeignKey("account.id"), nullable=nullable)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


child_seal = Table(
    "child_seal",
    metadata,
    identity(),
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), nullable=False, index=True),
    area_code(),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column(
        "review_on", Date, nullable=False, comment="to be renewed or lifted by then; no seal ends by itself"
    ),
    _account("sealed_by"),
    _now("sealed_at"),
    _account("lifted_by"),
    Column("lifted_at", DateTime(timezone=True), nullable=True),
    Column(
        "touched_in",
        BigInteger,
        nullable=False,
        server_default=text("txid_current()"),
        comment="transaction in which the owner may read and seal this one child",
    ),
    one_of("ground", GROUNDS),
    Index("uq_child_seal_standing", "child_id", unique=True, postgresql_where=text("lifted_at IS NULL")),
)

child_seal_person = Table(
    "child_seal_person",
    metadata,
    identity(),
    Column(
        "seal_id", BigInteger, ForeignKey("child_seal.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("child_id", BigInteger, ForeignKey("child.id", ondelete="CASCADE"), nullable=False),
    Column(
        "account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    _account("named_by"),
    _now("named_at"),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    Index(
        "uq_child_seal_person_standing",
        "child_id",
        "account_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)

child_seal_proposal = Table(
    "child_seal_proposal",
    metadata,
    identity(),
    Column(
        "seal_id", BigInteger, ForeignKey("child_seal.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("what", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=True),
    Column("reason", Text, nullable=False),
    _account("asked_by", nullable=False),
    _now("asked_at"),
    _account("decided_by"),
    Column("decided_at", DateTime(timezone=True), nullable=True),
    Column("approved", Boolean, nullable=True),
    one_of("what", ("lift", "name")),
    CheckConstraint("(what = 'name') = (account_id IS NOT NULL)", name="named_whole"),
    CheckConstraint("decided_by IS DISTINCT FROM asked_by OR decided_by IS NULL", name="two_people"),
    CheckConstraint("decided_by IS DISTINCT FROM account_id OR decided_by IS NULL", name="not_for_oneself"),
    CheckConstraint("(decided_at IS NULL) = (approved IS NULL)", name="decided_whole"),
    Index("uq_child_seal_proposal_open", "seal_id", unique=True, postgresql_where=text("decided_at IS NULL")),
)
