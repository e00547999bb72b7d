"""What a writer can act on: somebody else was quicker, or there is no such record within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class RecordNotFoundError(LookupError):
    """No such record, or none that this scope may touch: both look the same."""

    def __init__(self) -> None:
        super().__init__("找不到这条记录，或无权修改。")


class EditConflictError(Exception):
    """Somebody saved the record since it was read; nothing was written.

    `theirs` holds the record as it is now, with its `version`.
    """

    def __init__(self, theirs: Mapping[str, object]) -> None:
        self.theirs = dict(theirs)
        super().__init__("这条记录已被他人修改：请对照后再保存。")
