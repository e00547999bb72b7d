"""Accounts and the people of a provider of identities: linked by an administrator, confirmed by the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.storage import own
from data.storage.faults import refusals_in_words

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a provider means: its name, the claim that names the person, and what stands in it."""

    issuer: str
    claim: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """The link of an account as its owner is shown it."""

    id: int
    """A link that was changed has another."""
    issuer: str
    subject: str
    linked_by: str
    """Sign-in name; empty for whoever owns the machine."""
    linked_at: dt.datetime
    confirmed_at: dt.datetime | None


def account_of(connection: Connection, person: Person) -> int | None:
    """Return the account of a person, or None, by the same statements whatever the reason.

    That is: somebody unknown, linked and not confirmed by the owner, disabled or locked.

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
            "AND l.claim = :claim AND l.subject = :subject AND l.confirmed_at IS NOT NULL "
            "AND NOT a.disabled AND coalesce(a.locked_until <= now(), true)"
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


def unlink(connection: Connection, account_id: int) -> int:
    """End the link of an account and the sessions that it opened, as the actor; return its number."""
    with refusals_in_words():
        return int(
            connection.execute(
                text("SELECT account_link_end(:account)"), {"account": account_id}
            ).scalar_one()
        )


def held(connection: Connection, account_id: int) -> Link | None:
    """Return the link of an account, confirmed or not."""
    row = connection.execute(
        text(
            "SELECT l.id, l.issuer, l.subject, coalesce(a.login, '') AS linked_by, l.linked_at, "
            "l.confirmed_at FROM account_link l LEFT JOIN account a ON a.id = l.linked_by "
            "WHERE l.account_id = :account"
        ),
        {"account": account_id},
    ).one_or_none()
    return None if row is None else Link(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def confirm(connection: Connection, token: str, number: int) -> None:
    """Say that the person of a link is oneself: from now on it opens sessions.

    Raises
    ------
    RefusedError
        If the session was opened by a provider or has something left to do, or the link is another now.
    """
    own.call(connection, "SELECT own_link_confirm(:token, :link)", token=token, link=number)


def refuse(connection: Connection, token: str, number: int) -> None:
    """Delete the link of one's own account, confirmed or not, and end the sessions that it opened.

    Raises
    ------
    RefusedError
        As for `confirm`.
    """
    own.call(connection, "SELECT own_link_refuse(:token, :link)", token=token, link=number)


def place(connection: Connection, account_id: int, person: Person | None) -> int | None:
    """Link an account by the hand of who owns the machine, or end its link (None).

    Returns
    -------
    int or None
        The number of the new link, which waits for its owner, or of the one that ended.

    Raises
    ------
    ValueError
        If another account is linked to the person.
    """
    ended = connection.scalar(
        text("DELETE FROM account_link WHERE account_id = :id RETURNING id"), {"id": account_id}
    )
    if person is None:
        return None if ended is None else int(ended)
    made = connection.scalar(
        text(
            "INSERT INTO account_link (account_id, issuer, claim, subject) "
            "VALUES (:id, :issuer, :claim, :subject) ON CONFLICT (issuer, claim, subject) DO NOTHING "
            "RETURNING id"
        ),
        {"id": account_id, **vars(person)},
    )
    if made is None:
        raise ValueError("another account is linked to this person")
    return int(made)


def unconfirm(connection: Connection, account_id: int) -> None:
    """Let the link of an account wait for its owner anew, by the hand of who owns the machine."""
    person = connection.execute(
        text("SELECT issuer, claim, subject FROM account_link WHERE account_id = :id"), {"id": account_id}
    ).one_or_none()
    if person is not None:
        place(connection, account_id, Person(**person._mapping))  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
