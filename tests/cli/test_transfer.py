"""`anlan import` and `anlan export` say in Chinese what they did, or in one sentence why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from jobs.cli.transfer import export, import_

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from data.settings import Settings

AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430502001,兴隆街道\n"


@pytest.fixture
def environment(database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    assert database.database_url is not None
    return {
        "DATABASE_URL": database.database_url.get_secret_value(),
        "ANLAN_STATE": str(database.state),
        "ANLAN_SETTINGS": "",
    }


def run(environment: dict[str, str], *arguments: str) -> Result:
    name, *rest = arguments
    return CliRunner().invoke(import_ if name == "import" else export, rest, env=environment)


def test_a_receipt_is_chinese_and_again_as_json(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "区划.csv").write_text(AREAS, "utf-8")
    first = run(environment, "import", "areas", "区划.csv")
    assert first.exit_code == 0, first.output
    assert "新增 3" in first.output
    second = json.loads(run(environment, "import", "areas", "区划.csv", "--json").stdout)
    assert second["already_applied_as"] == 1
    assert second["written"] == 0


def test_rows_that_are_all_refused_end_with_two_and_are_listed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("代码,名称\nX,甲\n", "utf-8")
    done = run(environment, "import", "areas", "a.csv")
    assert done.exit_code == 2
    assert "第 2 行" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "areas", "none.csv"), "找不到文件"),
        (("import", "areas", "none.xls"), "可接收"),
        (("import", "stations", "none.csv", "--as", "nobody"), "没有可用的账号"),
        (("import", "areas", "none.csv", "--area", "LI01"), "--area 只用于 osm"),
        (("export", "gaps", "out.geojson", "--as", "nobody"), "没有可用的账号"),
    ],
)
def test_a_fault_is_one_sentence(
    environment: dict[str, str], arguments: tuple[str, ...], sentence: str
) -> None:
    done = run(environment, *arguments)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("anlan：")
    assert sentence in line
