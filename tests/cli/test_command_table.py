"""`anlan --help`: every command with an example, and nothing loaded to say so."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from jobs.cli.main import COMMANDS, FORESEEN, anlan

HEAVY = ("sqlalchemy", "geopandas", "pandas", "streamlit", "psycopg", "pydantic")


def test_help_lists_every_command_with_an_example() -> None:
    page = CliRunner().invoke(anlan, ["--help"]).output
    missing = [name for name, entry in COMMANDS.items() if name not in page or entry.example not in page]
    assert missing == []


def test_an_example_begins_with_the_command_it_is_for() -> None:
    assert [name for name, entry in COMMANDS.items() if entry.example.split()[:2] != ["anlan", name]] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    command = anlan.get_command(click.Context(anlan), name)
    assert isinstance(command, click.Command)
    outcome = CliRunner().invoke(anlan, [name, "--help"])
    assert outcome.exit_code == 0
    assert command.help


def test_an_unknown_command_is_one_sentence() -> None:
    outcome = CliRunner().invoke(anlan, ["nothing"])
    assert outcome.exit_code == click.UsageError.exit_code
    assert "nothing" in outcome.output


def test_the_help_page_loads_no_database_and_no_frames() -> None:
    program = (
        "import sys; from jobs.cli.main import anlan; anlan(['--help'], standalone_mode=False);"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(FORESEEN))
def test_a_foreseen_fault_is_the_name_of_an_exception(name: str) -> None:
    module, _, kind = name.partition(":")
    assert issubclass(getattr(importlib.import_module(module), kind), Exception)
