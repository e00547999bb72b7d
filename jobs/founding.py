"""What every deployment starts with: parameters, the checklist, accounts; and sign-ins to try it with."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import pandas as pd

from data.engine import Login, Scope, connect
from data.passwords import hash_password
from data.sample.accounts import SIGN_INS
from data.sample.checklist import checklist
from data.storage import accounts, areas, audit, links, sessions
from data.storage.inspections import has_checklist, upsert_checklist
from data.storage.parameters import add_missing_parameters
from hazards.parameters import definitions
from jobs.sample import demo_password

if TYPE_CHECKING:
    from data.settings import Settings


LOGIN_FORM: Final = re.compile(r"[A-Za-z0-9_.-]{2,40}")
SUBJECT_MAX: Final = 255
NAME_MAX: Final = 40
"""Characters of a person's or a bureau's name."""


class FoundingError(Exception):
    """An account cannot be made as asked."""


def settle(settings: Settings) -> None:
    """Give the deployment the parameters and the checklist that it lacks; what it has stays as it is."""
    with connect(settings, Login.IMPORTER, Scope(settings.area_code, None, "founding")) as connection:
        add_missing_parameters(connection, pd.DataFrame([asdict(one) for one in definitions()]))
        if not has_checklist(connection):
            upsert_checklist(connection, checklist())


def open_account(  # noqa: PLR0913 - the facts of one account
    settings: Settings, login: str, *, name: str, bureau: str, role: str, area: str
) -> str:
    """Make an account with one grant and return its first password, which is stored nowhere.

    Raises
    ------
    FoundingError
        If the sign-in name is taken or no such name can be, or there is no such area.
    """
    if not LOGIN_FORM.fullmatch(login):
        raise FoundingError("登录名应为 2 至 40 个字母、数字或 _ . -：请换一个。")
    if not all(len(text) <= NAME_MAX and text.isprintable() for text in (name, bureau)):
        raise FoundingError(f"姓名与单位各不超过 {NAME_MAX} 个字，不含换行等控制字符：请改短。")
    password = secrets.token_urlsafe(12)
    with connect(settings, Login.IMPORTER, Scope(settings.area_code, None, "founding")) as connection:
        if accounts.find_account(connection, login) is not None:
            raise FoundingError(f"登录名“{login[:40]}”已被使用：请换一个。")
        if areas.name_of(connection, area) is None:
            raise FoundingError(f"没有代码为“{area[:20]}”的区域：请先导入行政区，或改用上级区域代码。")
        number = accounts.create_account(
            connection,
            login=login,
            display_name=name,
            bureau=bureau,
            password_hash=hash_password(password),
            must_change_password=True,
        )
        accounts.add_grant(connection, number, role, area)
    return password


def start_anew(settings: Settings, login: str) -> str:
    """Give an account a new first password without a second factor and return it: the way back in.

    Whoever owns the machine does this, so that neither a lost phone of the last administrator nor a
    forgotten password of the auditor locks a deployment.

    Raises
    ------
    FoundingError
        If there is no such account.
    """
    password = secrets.token_urlsafe(12)
    with connect(settings, Login.IMPORTER, Scope(settings.area_code, None, "founding")) as connection:
        held = accounts.find_account(connection, login)
        if held is None:
            raise FoundingError(f"没有账号“{login[:40]}”：请核对登录名。")
        accounts.start_anew(connection, held.id, hash_password(password))
        # Whoever prints a first password could come in by it and confirm a link of their own.
        links.unconfirm(connection, held.id)
        actor = Scope(settings.area_code, None, "founding")
        audit.record(
            connection,
            audit.Action.RESET_ACCOUNT,
            actor,
            object_kind="account",
            object_ids=[held.id],
            row_count=1,
        )
    with connect(settings, Login.DOOR) as connection:
        sessions.revoke_all(connection, held.id)
    return password


def link_account(settings: Settings, login: str, subject: str) -> None:
    """Link an account to a person of the provider of identities, or end its link (an empty subject).

    Whoever owns the machine does this for those whom no administrator may change: auditors, and themselves.
    The link opens nothing before its owner confirms it.

    Raises
    ------
    FoundingError
        If there is no provider or account, the subject is none, or another account is linked to it.
    """
    if not settings.oidc:
        raise FoundingError("没有启用统一身份认证：请先填写 ANLAN_OIDC_ISSUER 等设置。")
    if not subject.isprintable() or len(subject) > SUBJECT_MAX:
        raise FoundingError("统一身份标识应为 1 至 255 个字符，不含换行等控制字符：请核对。")
    actor = Scope(settings.area_code, None, "founding")
    with connect(settings, Login.IMPORTER, actor) as connection:
        held = accounts.find_account(connection, login)
        if held is None:
            raise FoundingError(f"没有账号“{login[:40]}”：请核对登录名。")
        person = links.Person(issuer=settings.oidc_issuer or "", claim=settings.oidc_claim, subject=subject)
        try:
            number = links.place(connection, held.id, person if subject else None)
        except ValueError:
            connection.rollback()
            raise FoundingError("这个统一身份标识已关联另一个账号：一个标识只能关联一个账号。") from None
        action = audit.Action.LINK_ACCOUNT if subject else audit.Action.UNLINK_ACCOUNT
        named = [held.id] if number is None else [number, held.id]
        audit.record(connection, action, actor, object_kind="account_link", object_ids=named, row_count=1)
    with connect(settings, Login.DOOR) as connection:
        sessions.revoke_all(connection, held.id)


def found(settings: Settings) -> list[str]:
    """Give the area what it lacks and the demo sign-ins; return their logins.

    Whoever looks after one township or village gets the first of the area. Run again, nothing is doubled;
    the sign-ins get the demo password of this installation anew. A real account of the same login stays.
    """
    settle(settings)
    root = settings.area_code
    with connect(settings, Login.IMPORTER, Scope(root, None, "founding")) as connection:
        tree = areas.tree(connection, root)
        reach = {"prefecture": root}
        for level in ("township", "village"):
            codes = tree.index[tree["level"] == level]
            reach[level] = str(codes[0]) if len(codes) else root
        hashed = hash_password(demo_password(settings))
        made = []
        for login, name, bureau, role, level in SIGN_INS:
            held = accounts.find_account(connection, login)
            if held is not None and not held.demo:
                continue
            made.append(login)
            number = accounts.create_account(
                connection, login=login, display_name=name, bureau=bureau, password_hash=hashed, demo=True
            )
            accounts.add_grant(connection, number, role, reach[level])
    return made
