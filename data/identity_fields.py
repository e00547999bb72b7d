"""Identity fields of a child: which there are, and the one form in which each is kept and searched."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

TITLES: Final = {
    "name": "姓名",
    "id_number": "证件号",
    "phone": "电话",
    "guardian_name": "监护人姓名",
    "guardian_phone": "监护人电话",
}
LONGEST: Final = 200
ID_FORM: Final = re.compile(r"[0-9A-Z()]{6,24}")
PHONE_FORM: Final = re.compile(r"\+?[0-9]{5,20}")
CITIZEN: Final = re.compile(r"[0-9]{17}[0-9X]")
"""Citizen identification number (GB 11643)."""
WEIGHTS: Final = tuple(2 ** (17 - place) % 11 for place in range(17))
CHECKS: Final = "10X98765432"


class IdentityError(ValueError):
    """A value cannot be kept as this field; the message names the field and never holds the value."""


def normal(field: str, value: str) -> str:
    """Return `value` in the form in which it is kept: NFKC; numbers in upper case, without blanks.

    Raises
    ------
    IdentityError
        If the field is unknown, the value too long, or a number is none: also one that a spreadsheet rounded.
    """
    if field not in TITLES:
        raise IdentityError(f"没有这一项身份信息，可用：{'、'.join(TITLES.values())}。")
    kept = " ".join(unicodedata.normalize("NFKC", value).split())
    if len(kept) > LONGEST:
        raise IdentityError(f"{TITLES[field]}过长（超过 {LONGEST} 字）：请核对后重填。")
    if not kept or field.endswith("name"):
        return kept
    kept = re.sub(r"[\s\-‐-―]", "", kept).upper()
    form = ID_FORM if field == "id_number" else PHONE_FORM
    if not form.fullmatch(kept):
        raise IdentityError(f"{TITLES[field]}的格式不对：请按证件或登记表重填（在 Excel 中须为文本格式）。")
    if CITIZEN.fullmatch(kept) and kept[17] != _check(kept):
        raise IdentityError("证件号的校验位不符：可能有错字，或被 Excel 改成了近似数，请按证件重填。")
    return kept


def _check(number: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number[:17], strict=True))
    return CHECKS[total % 11]
