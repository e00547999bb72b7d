"""What a writer can act on: somebody was quicker, the key is taken, or no such record is within reach."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import psycopg
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REFUSALS: Final = "AN"
"""Class of the codes that our functions of the database refuse with."""
APART: Final = "23P01"
"""Exclusion: the administration of users and its audit in one hand."""


class RecordNotFoundError(LookupError):
    """No such record, or none that this scope may touch: both look the same."""

    def __init__(self) -> None:
        super().__init__("找不到这条记录，或无权修改。")


class RecordTakenError(Exception):
    """The key of the record is another's; the message names it and says what to do."""


class EditConflictError(Exception):
    """Somebody saved the record since it was read; nothing was written.

    `theirs` holds the record as it is now, with its `version`.
    """

    def __init__(self, theirs: Mapping[str, object]) -> None:
        self.theirs = dict(theirs)
        super().__init__("这条记录已被他人修改：请对照后再保存。")


class RefusedError(Exception):
    """The database refused a change of accounts or grants; the message is a sentence for who asked."""


@contextlib.contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn what a function of the database refused into `RefusedError` with its sentence."""
    try:
        yield
    except DBAPIError as fault:
        original = fault.orig
        if isinstance(original, psycopg.Error) and original.sqlstate is not None:
            if original.sqlstate.startswith(REFUSALS):
                raise RefusedError(original.diag.message_primary or "") from None
            if original.sqlstate == APART:
                raise RefusedError("同一人不能同时担任系统管理员和审计：请另选人员。") from None
        raise
