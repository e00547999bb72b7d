"""What people write into a cell, understood or refused: numbers, dates, codes, counts, states."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

EXACT_INTEGER_MAX: Final = 10**15
"""A spreadsheet keeps 15 digits: a longer number in a numeric cell has lost its end."""
SERIAL_RANGE: Final = (20_000, 80_000)
"""Excel day numbers of 1954 to 2119."""
EXCEL_DAY_ZERO: Final = date(1899, 12, 30)
EARLIEST: Final = date(1950, 1, 1)
FEW_WORDS: Final = 4096
"""Days and states that are kept as understood: a ledger repeats few of them many times."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc without tab and line ends, and Cs."""
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_BLANKS: Final = str.maketrans("\t\r\n\u3000", "    ")
_DAY: Final = re.compile(
    r"^(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}.*)?$"
)
_COMPACT_DAY: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH: Final = re.compile(r"^(\d{4})\s*[年./\-]\s*(\d{1,2})\s*月?$")
_COUNT: Final = re.compile(r"^(\d{1,4})(?:\.0+)?\s*(?:个|处|块|根|条|套|副|只|件|面|具|枚)?$")
_DIGITS: Final = "零一二三四五六七八九"
_YES: Final = frozenset(
    {"是", "有", "√", "✓", "✔", "☑", "y", "yes", "true", "已配", "已配备", "已设置", "齐全", "在位"}
)
_NO: Final = frozenset(
    {
        "否",
        "无",
        "没有",
        "×",
        "✗",
        "✘",
        "x",
        "n",
        "no",
        "false",
        "未配",
        "未配备",
        "未设置",
        "缺",
        "/",
        "-",
        "—",
    }
)
_SOME: Final = frozenset({"若干", "数个", "几个", "多个", "多处", "一些", "不详", "不清"})
_STATES: Final = {
    "完好": "good", "良好": "good", "正常": "good", "好": "good", "合格": "good",
    "损坏": "damaged", "破损": "damaged", "坏": "damaged", "老化": "damaged", "褪色": "damaged",
    "断裂": "damaged",
    "缺失": "missing", "丢失": "missing", "遗失": "missing", "被盗": "missing", "未安装": "missing",
    "过期": "expired", "超期": "expired", "到期": "expired",
    "未核": "unverified", "未核查": "unverified", "待核": "unverified", "待核实": "unverified",
    "未检查": "unverified",
    "good": "good", "damaged": "damaged", "missing": "missing", "expired": "expired",
    "unverified": "unverified",
}  # fmt: skip


class CellError(Exception):
    """A cell that is not understood: reason and remedy."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def plain(value: Any) -> str:  # noqa: ANN401 - cells hold anything
    """Return the text of a cell: full-width forms folded, controls and outer blanks gone."""
    if isinstance(value, str):
        return _folded(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_INTEGER_MAX:
        value = int(value)
    return _folded(str(value))


def is_blank(value: Any) -> bool:  # noqa: ANN401
    """Return whether nothing stands in a cell: `plain` of it is empty."""
    if isinstance(value, str):
        # Mostly text that can be seen: asking that is cheaper than folding it.
        return not (value.strip() and value.isprintable()) and not _folded(value)
    return value is None or value != value  # noqa: PLR0124 - not a number


def _folded(text: str) -> str:
    # Nearly every cell is plain already: asking is many times cheaper than folding.
    if not (text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFKC", text))):
        text = _CONTROL.sub("", unicodedata.normalize("NFKC", text)).translate(_BLANKS)
    return text.strip()


def name(value: Any) -> str:  # noqa: ANN401
    """Return a name or note: controls gone, everything else as it was written."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_INTEGER_MAX:
        value = int(value)
    return _CONTROL.sub("", str(value)).strip()


def number(value: Any) -> float:  # noqa: ANN401
    """Return a finite number; `111。03`, full-width digits and thousands commas are understood."""
    if isinstance(value, bool):
        raise CellError("不是数字", "请填数字")
    if isinstance(value, int | float):
        found = float(value)
    else:
        text = plain(value)
        if _PLAIN_NUMBER.fullmatch(text):
            return float(text)
        text = text.replace("。", ".").replace("．", ".").replace(" ", "")
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
            text = text.replace(",", "")
        text = re.sub(r"(?<=\d)(米|m|M|°|度|人|平方米)$", "", text)
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text):
            raise CellError("不是数字", "请填数字")
        found = float(text)
    if not math.isfinite(found):
        raise CellError("不是有限的数", "请填数字")
    return found


def whole(value: Any) -> int:  # noqa: ANN401
    """Return a whole number that is not negative."""
    found = number(value)
    if found < 0 or not found.is_integer():
        raise CellError("不是非负整数", "请填整数")
    return int(found)


def code(value: Any) -> str:  # noqa: ANN401
    """Return a code as text; a number cell that lost digits is refused, never guessed."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, float) and math.isnan(value):
            return ""
        if abs(value) >= EXACT_INTEGER_MAX:
            raise CellError("编号以数字格式保存，超过 15 位已丢失尾数", "请把该列设为文本格式后重新填写")
        if isinstance(value, float) and not value.is_integer():
            raise CellError("编号是小数", "请把该列设为文本格式后重新填写")
        return str(int(value))
    text = plain(value)
    if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", text):
        raise CellError("编号已被表格软件改成科学计数法，尾数已丢失", "请把该列设为文本格式后重新填写")
    return text


@lru_cache(maxsize=FEW_WORDS, typed=True)
def day(value: Any) -> date | None:  # noqa: ANN401
    """Return a date: `2024.3.5`, `2024年3月5日`, `20240305`, an Excel serial, `二〇二四年三月五日`.

    A blank cell is none.
    """
    if isinstance(value, datetime):
        return _plausible(value.date())
    if isinstance(value, date):
        return _plausible(value)
    text = _western(plain(value))
    if not text:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and SERIAL_RANGE[0] <= float(text) <= SERIAL_RANGE[1]:
        return EXCEL_DAY_ZERO + timedelta(days=int(float(text)))
    found = _DAY.match(text) or _COMPACT_DAY.match(text)
    if not found:
        raise CellError("不是完整的日期", "请写成 2024-03-05")
    try:
        return _plausible(date(*map(int, found.groups()[:3])))
    except ValueError:
        raise CellError("没有这一天", "请写成 2024-03-05") from None


_MOMENT: Final = re.compile(
    r"^(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?[ T]*(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*分?"
    r"(?:[:]?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?\s*(Z|[+-]\d{2}:?\d{2})?$"
)
OFFICE: Final = timezone(timedelta(hours=8))
"""China Standard Time: what a clock in the field shows."""


def moment(value: Any) -> datetime:  # noqa: ANN401
    """Return a day with its time: `2026-05-01 08:30`, `2026年5月1日8时30分`, or ISO 8601 with its offset."""
    found = _MOMENT.match(plain(value.isoformat() if isinstance(value, datetime) else value))
    if not found:
        raise CellError("不是完整的日期和时间", "请写成 2026-05-01 08:30")
    year, month_of, day_of, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    offset = found[7] or ""
    zone = OFFICE
    if offset == "Z":
        zone = UTC
    elif offset:
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        if ahead >= timedelta(days=1):
            raise CellError("时区不对", "请写成 2026-05-01 08:30")
        zone = timezone(ahead if offset[0] == "+" else -ahead)
    try:
        made = datetime(year, month_of, day_of, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise CellError("没有这一时刻", "请写成 2026-05-01 08:30") from None
    _plausible(made.date())
    return made


def month(value: Any) -> date:  # noqa: ANN401
    """Return the first day of a month written as `2015-03`, `2015年3月`, `201503` or a whole date."""
    text = _western(plain(value)) if not isinstance(value, date) else ""
    found = _MONTH.match(text) or re.fullmatch(r"(\d{4})(\d{2})", text)
    if found and 1 <= int(found[2]) <= 12:  # noqa: PLR2004 - months of a year
        return date(int(found[1]), int(found[2]), 1)
    whole_day = day(value)
    if whole_day is None:
        raise CellError("缺少年月", "请写成 2015-03")
    return whole_day.replace(day=1)


def _plausible(found: date) -> date:
    if found < EARLIEST:
        raise CellError("日期早于 1950 年，多为表格软件的空日期", "请改正或留空")
    return found


def _western(text: str) -> str:
    """Fold 二〇二四年三月十五日 into digits."""
    if not re.search(r"[〇一二三四五六七八九十]", text):
        return text
    text = re.sub(
        r"([一二三四五六七八九])?十([一二三四五六七八九])?",
        lambda m: str((_DIGITS.index(m[1]) if m[1] else 1) * 10 + (_DIGITS.index(m[2]) if m[2] else 0)),
        text,
    )
    return re.sub(
        r"[〇零一二三四五六七八九]", lambda m: str(_DIGITS.index("零" if m[0] == "〇" else m[0])), text
    )


def yes(value: Any) -> bool:  # noqa: ANN401
    """Return whether a cell says yes; blank says no."""
    text = plain(value).casefold()
    if text in _YES or text == "1":
        return True
    if not text or text in _NO or text == "0":
        return False
    raise CellError("看不出是“是”还是“否”", "请填 是 或 否")


@lru_cache(maxsize=FEW_WORDS, typed=True)
def presence(value: Any) -> tuple[str | None, str]:  # noqa: ANN401
    """Return the state that an item's cell states, and a note; state None is: present, nothing more is said.

    `1`, `是`, `√`, `3个`, `1处` say present; `0`, `无`, blank say missing; `若干` is present but not counted,
    hence unverified; `完好`, `损坏`, `过期` … are states in themselves.
    """
    text = plain(value).casefold()
    if not text or text in _NO:
        return "missing", ""
    if text in _STATES:
        return _STATES[text], ""
    if text in _SOME:
        return "unverified", f"台账写“{plain(value)}”，数量未核"
    if text in _YES:
        return None, ""
    if counted := _COUNT.match(_western(text)):
        pieces = int(counted[1])
        return ("missing", "") if pieces == 0 else (None, f"{pieces} 件" if pieces > 1 else "")
    raise CellError("看不懂的数量或状态", "请填 0、1、完好、损坏、缺失、过期或未核")


@lru_cache(maxsize=FEW_WORDS, typed=True)
def state(value: Any) -> str | None:  # noqa: ANN401
    """Return the state of items; blank is none."""
    text = plain(value).casefold()
    if not text:
        return None
    if text in _STATES:
        return _STATES[text]
    raise CellError("看不懂的状态", "请填 完好、损坏、缺失、过期或未核")


_ANGLE: Final = re.compile(
    r"^([EWNS东西南北])?[经纬]?\s*(\d{1,3})\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:″|\"|''|秒)?)?)?\s*([EWNS东西南北])?$"
)
_SIXTY: Final = 60.0


def coordinate(value: Any) -> float:  # noqa: ANN401
    """Return a coordinate: a number, or degrees, minutes and seconds such as `111°28′04″`."""
    try:
        return number(value)
    except CellError:
        # NFKC turns ″ into two ′.
        text = plain(value).replace("’", "′").replace("”", "″").replace("′′", "″").replace("''", "″")
        found = _ANGLE.match(text)
        if not found:
            raise CellError("不是坐标", "请填 111.467700 或 111°28′04″") from None
    minutes, seconds = float(found[3] or 0), float(found[4] or 0)
    if minutes >= _SIXTY or seconds >= _SIXTY:
        raise CellError("分或秒不小于 60", "请改正") from None
    sign = -1 if (found[1] or found[5] or "") in {"W", "S", "西", "南"} else 1
    return sign * (float(found[2]) + minutes / _SIXTY + seconds / _SIXTY**2)


_WRAPPING: Final = re.compile(r"^(?:point|坐标|经纬度)?[\s:]*[\[({]*|[\])}]+$", re.IGNORECASE)
_MARKED: Final = re.compile(r"(?:[东西]经|[南北]纬|经度|纬度|[EWNS])[\s:]*[^EWNS东西南北经纬]+")
_LEADING: Final = re.compile(r"^(?:([EWNS东西南北])[经纬]?|[经纬]度)[\s:]*")
_ODK: Final = 4
"""A place of ODK is written latitude, longitude, altitude, accuracy, with blanks."""


def pair(value: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return longitude and latitude, as text, of a cell that holds both.

    Understood are `111.4677,27.2389`, `N27°14′20″ E111°28′04″`, `POINT (111.4677 27.2389)`. Without letters
    the first is the longitude, as Chinese map programs write it; nothing is guessed from how large it is.
    """
    text = _WRAPPING.sub("", plain(value))
    parts = [part.strip() for part in re.split(r"[,;、/|]", text) if part.strip()]
    if len(parts) != 2:  # noqa: PLR2004 - a pair
        parts = [part.strip() for part in _MARKED.findall(text)]
    if len(parts) != 2:  # noqa: PLR2004
        parts = text.split()
        if len(parts) == _ODK and all(re.fullmatch(r"-?\d+(\.\d+)?", part) for part in parts):
            parts = [parts[1], parts[0]]
    if len(parts) != 2:  # noqa: PLR2004
        raise CellError("看不出是一对坐标", "请写成 111.467700,27.238900（先经度后纬度），或分两列填写")
    sides = [
        "lat" if re.search("[NS南北纬]", part) else "lon" if re.search("[EW东西经]", part) else ""
        for part in parts
    ]
    if sides[0] and sides[0] == sides[1]:
        raise CellError("两个坐标都写成了经度，或都写成了纬度", "请改正")
    if sides[0] == "lat" or sides[1] == "lon":
        parts.reverse()
    lon, lat = (_bare(part) for part in parts)
    return lon, lat


def _bare(part: str) -> str:
    """Return a coordinate without the letter that stands before it; south and west get their sign."""
    found = _LEADING.match(part)
    if not found:
        return part
    sign = "-" if (found[1] or "") in {"W", "S", "西", "南"} else ""
    return sign + part[found.end() :].strip()
