"""Names that somebody would give a pond to have a program act on them."""

from __future__ import annotations

import random
import re
from typing import Final

TRACE: Final = "/tmp/anlan-hostile"  # noqa: S108 - what the first name would create
NAMES: Final = (
    f"{{{{ cycler.__init__.__globals__.os.popen('touch {TRACE}').read() }}}}",
    "{% 池塘",
    "${alert(1)}",
    "`alert(1)`",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "甲\u202e塘乙",
    "𠮷𡃁塘",
    "a\\u003cb 'c' \"d\" &lt;e",
    "{# 未完",
    "javascript:alert(1)",
    "![x](https://elsewhere.example/x.png)",
    ":material/home: $x^2$",
)
"""One for each place that acts on text: Jinja, JavaScript, HTML, directions, addresses, markdown."""
MORE: Final = (
    "${fetch('//x')}",
    "[塘](javascript:alert(1))",
    "https://elsewhere.example/a?b=1 www.elsewhere.example",
    "# 一 *二* **三** ~~四~~ > 五",
    ":red[塘] :smile: a -> b -- c",
    ":material_home: :streamlit: :small[塘] a@elsewhere.example",
    "1. 塘",
    "[x]: https://elsewhere.example",
    "| a | b |",
    "张家\u202e塘\u202c\u2067安",
    "行\u2028分隔\u2029段",
    "\U0002b740\U00030000塘",
    '=HYPERLINK("https://elsewhere.example";"塘")',
    "+cmd|' /C calc'!A0",
    "＝1+1",
    "@SUM(1)",
    "-2+3",
    "../../etc/passwd",
    "<svg/onload=alert(1)>",
    '"onmouseover=alert(1) x="',
)
"""Markdown in all its forms, line ends, planes beyond the first two, spreadsheets, paths, attributes."""
ALL: Final = NAMES + MORE
SIGNED: Final = (
    "5#水塘（K12+300）",
    "1-2号.塘/坝 (东)",
    "1) 塘",
    "- 塘",
    "张**（13岁）",
    "a_b_c _d_ __e__",
    "[甲](乙) [丙][丁] [^1]",
    "![甲] (乙)",
    "甲&lt;乙&#42;丙 <b>丁</b> <!-- 戊 --> <https://elsewhere.example>",
    "\\甲\\* \\_乙\\_ c:\\d\\",
    "5*3 ~5 `甲 $1",
    "***",
    "---",
    "```",
    "~~~",
    "$$",
    "> 甲",
    "[^1]: 甲",
    "10:30:45 (甲:乙)",
    "a|b|c",
    "甲 = 乙 == 丙",
    "{甲} {{乙}}",
    "mailto:a@elsewhere.example xmpp:b@elsewhere.example",
    "甲<br>乙",
    "甲:[乙] :smile: ::丙",
    "== 甲 -- 乙",
)
"""As people do write them, and whatever else Markdown acts on where no two signs pair."""
PAIRED: Final = (
    "*甲* **乙** ***丙***",
    "2*3*4 甲*乙*丙",
    "~甲~ ~~乙~~",
    "`甲` ``乙``",
    "$甲$ $$乙$$ $5 至 $10",
    "\\*甲\\* \\`乙\\` \\$丙\\$",
    "[*甲*](乙) _*丙*_ ~`丁`~ *_戊_*",
    "张**、李**",
    ":blue-badge[甲] :gray-background[乙] :rainbow[丙] :+1:",
    "甲:乙[丙] 丁:戊{己}",
)
"""Names in which signs pair, or that name a directive: a backslash keeps these apart."""
_PIECES: Final = (
    *"*_~`$[]()<>!#&:;|\\-+=.@/{}^ \"'0123aB塘（",
    *("**", "__", "~~", "``", "$$", "](", "![", "&lt;", ":red[", "http://", "www.", ":smile:", "-> ", "<b>"),
    *("\\*", "\\(", "\\)", "[^1]", "<!--", "{#a}", "::"),
)
_LEFT_OUT: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def strewn(count: int, seed: int = 7) -> list[str]:
    """Return names strewn of the signs of Markdown, the same at each run."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return ["".join(chance.choices(_PIECES, k=chance.randint(1, 14))) for _ in range(count)]


def label_text(name: str) -> str:
    """Return what the label of a widget has to show of a name: its signs in one line, none turned round."""
    return " ".join(part for part in re.split(r"[^\S\u3000]+", _LEFT_OUT.sub("", name)) if part)


def label_as_read(label: str) -> str:
    """Return what Markdown shows of an escaped label, or a browser of its text: no backslash, no joiner."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", label).replace("\u2060", "")
