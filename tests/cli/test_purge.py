"""`anlan purge` counts first, deletes only what was agreed to, and only for who may."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage import accounts
from jobs.accounts import AccountError
from jobs.cli.retention import purge

if TYPE_CHECKING:
    from click.testing import Result

    from data.settings import Settings

IMPORT = Scope("4305", None, "operator")


@pytest.fixture
def environment(database: Settings) -> dict[str, str]:
    with connect(database, Login.IMPORTER, IMPORT) as connection:
        for code, level, parent in (
            ("4305", "prefecture", None),
            ("430502", "county", "4305"),
            ("430502001", "township", "430502"),
        ):
            connection.execute(
                text(
                    "INSERT INTO area (code, name, level, parent_code) "
                    "VALUES (:code, '乙镇', :level, :parent)"
                ),
                {"code": code, "level": level, "parent": parent},
            )
        for code in ("C1", "C2", "S1"):
            connection.execute(
                text(
                    "INSERT INTO child (code, area_code, category, birth_month, left_on, sealed) "
                    "VALUES (:code, '430502001', 'other', '2018-05-01', :left, starts_with(:code, 'S'))"
                ),
                {"code": code, "left": None if code == "C2" else dt.date(2020, 1, 1)},
            )
        for role in ("civil", "water"):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="none",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, "4305")
    assert database.database_url is not None
    return {
        "DATABASE_URL": database.database_url.get_secret_value(),
        "ANLAN_STATE": str(database.state),
        "ANLAN_SETTINGS": "",
    }


def run(environment: dict[str, str], *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(purge, arguments, env=environment, input=answer)


def left(database: Settings) -> int:
    with connect(database, Login.WORKER, readonly=True) as connection:
        return int(connection.execute(text("SELECT count(*) FROM child")).scalar_one())


def test_a_dry_run_counts_by_township_and_names_nobody_to_the_operator(
    environment: dict[str, str], database: Settings
) -> None:
    done = run(environment, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "乙镇（430502001）　离开登记 2 名" in done.stdout
    assert "未删除任何内容" in done.stdout
    assert "C1" not in done.stdout
    assert left(database) == 3


def test_a_dry_run_names_to_civil_affairs_whom_they_may_see(environment: dict[str, str]) -> None:
    done = run(environment, "--dry-run", "--as", "civil")
    assert "编号 C1（430502001）" in done.stdout
    assert "S1" not in done.stdout
    assert "封存" not in done.stdout


def test_another_bureau_is_told_that_it_may_not(environment: dict[str, str], database: Settings) -> None:
    done = run(environment, "--yes", "--as", "water")
    assert isinstance(done.exception, AccountError)
    assert left(database) == 3


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_nothing_goes_without_a_yes(environment: dict[str, str], database: Settings, answer: str) -> None:
    done = run(environment, answer=answer)
    assert done.exit_code == 1
    assert "未确认" in done.stderr
    assert left(database) == 3


def test_what_was_agreed_to_goes_and_then_nothing_is_due(
    environment: dict[str, str], database: Settings
) -> None:
    done = run(environment, "--as", "civil", answer="y\n")
    assert done.exit_code == 0, done.output
    assert "已清除：儿童 1 条" in done.stdout
    assert left(database) == 2
    assert "已清除：儿童 1 条" in run(environment, "--yes").stdout, "the sealed one, by the operator"
    assert left(database) == 1
    assert "没有保存期满（6 个月）" in run(environment, "--yes").stdout
