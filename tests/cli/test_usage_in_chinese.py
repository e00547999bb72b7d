"""A command that was called in a wrong way answers in one Chinese sentence."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from jobs.cli.main import anlan

if TYPE_CHECKING:
    from pathlib import Path

TOMORROW = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "没有名为“nothing”的命令"),
        (("--nothing",), "没有选项 --nothing"),
        (("stop", "--nothing"), "没有选项 --nothing"),
        (("stop", "more"), "参数过多或不对"),
        (("import",), "缺少 KIND（可填 areas"),
        (("import", "homs", "x.csv"), "KIND 的值不对（可填 areas"),
        (("import", "homes", "x.csv", "--as"), "选项 --as 的用法不对"),
        (("up", "--port", "0"), "--port 的值不对（应为 1 到 65535 的整数）"),
        (("account", "someone"), "缺少 --role"),
        (("assess", "--as-of", "yesterday"), "--as-of 的值不对（应为 2026-06-01 这样的日期）"),
        (("assess", "--as-of", "1999-12-31"), "--as-of 的值不对，应在 2000-01-01 与今天"),
        (("assess", "--as-of", str(TOMORROW)), "--as-of 的值不对，应在 2000-01-01 与今天"),
    ],
)
def test_a_wrong_call_is_one_chinese_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    outcome = CliRunner().invoke(anlan, arguments, env={"ANLAN_STATE": str(tmp_path), "DATABASE_URL": ""})
    # Whoever is called in a wrong way starts no server first.
    assert list(tmp_path.iterdir()) == []
    assert outcome.exit_code == click.UsageError.exit_code
    (line,) = outcome.stderr.splitlines()
    assert line.startswith("anlan：")
    assert sentence in line
    assert "--help" in line
