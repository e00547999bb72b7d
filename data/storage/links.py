"""Accounts and the people of a provider of identities: linked by an administrator, never by the provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.storage.faults import refusals_in_words

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a provider means: its name, the claim that names the person, and what stands in it."""

    issuer: str
    claim: str
    subject: str


def account_of(connection: Connection, person: Person) -> int | None:
    """Return the account of a person; None for somebody unknown, disabled or locked, by the same statements.

    The account is held until the end of the transaction and asked for anew: a link that an administrator ends
    meanwhile opens no session behind the one who ended it.
    """
    named = connection.scalar(
        text(
            "SELECT account_id FROM account_link "
            "WHERE issuer = :issuer AND claim = :claim AND subject = :subject"
        ),
        vars(person),
    )
    connection.execute(text("SELECT FROM account WHERE id = :id FOR SHARE"), {"id": named})
    found = connection.scalar(
        text(
            "SELECT a.id FROM account_link l JOIN account a ON a.id = l.account_id WHERE l.issuer = :issuer "
            "AND l.claim = :claim AND l.subject = :subject AND NOT a.disabled "
            "AND coalesce(a.locked_until <= now(), true)"
        ),
        vars(person),
    )
    return None if found is None else int(found)


def link(connection: Connection, account_id: int, person: Person) -> int:
    """Link an account, in the name of the actor; return how many grants that show children now wait anew.

    Raises
    ------
    RefusedError
        If the actor may not change this account, or another one is linked to the person.
    """
    with refusals_in_words():
        return int(
            connection.execute(
                text("SELECT account_link_set(:account, :issuer, :claim, :subject)"),
                {"account": account_id, **vars(person)},
            ).scalar_one()
        )


def unlink(connection: Connection, account_id: int) -> None:
    """End the link of an account and the sessions that it opened, in the name of the actor."""
    with refusals_in_words():
        connection.execute(text("SELECT account_link_end(:account)"), {"account": account_id})


def place(connection: Connection, account_id: int, person: Person | None) -> None:
    """Link an account by the hand of who owns the machine, or end its link (None).

    Raises
    ------
    ValueError
        If another account is linked to the person.
    """
    connection.execute(text("DELETE FROM account_link WHERE account_id = :id"), {"id": account_id})
    if person is None:
        return
    made = connection.execute(
        text(
            "INSERT INTO account_link (account_id, issuer, claim, subject) "
            "VALUES (:id, :issuer, :claim, :subject) ON CONFLICT (issuer, claim, subject) DO NOTHING"
        ),
        {"id": account_id, **vars(person)},
    )
    if not made.rowcount:
        raise ValueError("another account is linked to this person")
