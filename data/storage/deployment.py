"""What a deployment holds as a whole: whether it is still empty, and who may try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.schema.accounts import account, account_grant
from data.schema.areas import area
from data.schema.findings import assessment
from data.schema.parameters import deployment

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def is_empty(connection: Connection) -> bool:
    """Whether nobody imported or loaded anything yet: there is no area."""
    return not connection.execute(select(exists().select_from(area))).scalar_one()


def holds_sample(connection: Connection) -> bool:
    """Whether what is stored is the invented sample: every page and map says so."""
    return connection.execute(select(exists().where(deployment.c.key == "sample"))).scalar_one()


def is_sample_unassessed(connection: Connection) -> bool:
    """Whether the sample was loaded and the first assessment has not been made, or was cut off."""
    assessed = connection.execute(select(exists().select_from(assessment))).scalar_one()
    return holds_sample(connection) and not assessed


def demo_sign_ins(connection: Connection) -> list[tuple[str, str, str]]:
    """Return login, display name and roles of each demo account, by login."""
    roles = func.string_agg(account_grant.c.role, aggregate_order_by(literal("、"), account_grant.c.role))
    query = (
        select(account.c.login, account.c.display_name, func.coalesce(roles, ""))
        .join_from(account, account_grant, account_grant.c.account_id == account.c.id, isouter=True)
        .where(account.c.demo, ~account.c.disabled)
        .group_by(account.c.login, account.c.display_name)
        .order_by(account.c.login)
    )
    return [(login, name, held) for login, name, held in connection.execute(query)]
