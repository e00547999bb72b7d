"""The form of each ledger, made from what the importer reads, for whoever may hand that ledger in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data import rights
from data.importers import guide, kinds
from jobs.accounts import grants_of
from jobs.export import ExportError
from layers import template

if TYPE_CHECKING:
    from data.settings import Settings
    from data.storage.accounts import Account


def template_bytes(settings: Settings, kind: str) -> bytes:
    """Return the workbook to fill in for a ledger of `kind`.

    Raises
    ------
    ExportError
        If there is no such ledger.
    """
    if kind not in guide.listed():
        raise ExportError(f"没有“{kind[:20]}”的填写模板：可用 {'、'.join(guide.listed())}。")
    form = guide.guide(kind, settings.area_code)
    return template.to_xlsx(
        template.Template(
            name=kinds.TITLES[kind],
            title=form.title,
            about=form.about,
            columns=[
                template.TemplateColumn(
                    header=column.header,
                    form=column.form,
                    format=column.format,
                    told=column.told,
                    empty=column.empty,
                    required=column.required,
                    options=column.options,
                    strict=column.strict,
                )
                for column in form.columns
            ],
            examples=[[row.get(column.name) for column in form.columns] for row in form.examples],
        )
    )


def handed_to(settings: Settings, account: Account, kind: str) -> bytes:
    """Return the form for an account.

    Raises
    ------
    ExportError
        If no grant of the account allows to hand such a ledger in.
    """
    roles = {grant.role for grant in grants_of(settings, account.id)}
    if kind not in offered(roles):
        raise ExportError(f"账号“{account.login}”的岗位不导入这种台账：请由主管单位办理。")
    return template_bytes(settings, kind)


def offered(roles: set[str]) -> dict[str, str]:
    """Return the ledgers that one of `roles` may hand in, with their names."""
    return {
        kind: kinds.TITLES[kind]
        for kind in guide.listed()
        if any(all(rights.may(role, *pair) for pair in kinds.needed(kind)) for role in roles)
    }
