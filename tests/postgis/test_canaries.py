"""Marked names and numbers, seeded in a working deployment, come out nowhere but where they are asked for."""

from __future__ import annotations

import base64
import io
import logging
import os
import subprocess
import traceback
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from data.engine import Login, Scope, connect
from data.keyring import KeyringError, keyring
from data.server import configuration, programs
from data.storage import accounts, child_exports
from data.storage.child_exports import Request
from data.storage.identities import Access, find_child, read_identities, write_identities
from jobs import keys
from jobs.accounts import account_of
from jobs.child_exports import take
from jobs.export import FORMATS, RIGHTS, ExportError, export_bytes
from tests.postgis.test_import_to_export import assessed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.settings import Settings

__all__ = ["assessed"]

CIVIL = Scope("430502", None, "civil")
CANARIES = {
    "name": "金丝雀甲",
    "id_number": "999999201501010012",
    "phone": "10000000001",
    "guardian_name": "金丝雀之监护人乙",
    "guardian_phone": "10000000002",
}
CONTROL = "E-1"
"""The child's code, which may stand in dumps and exports: what finds it would find a canary."""


def disguises(value: str) -> Iterator[bytes]:
    """Yield a value as a file could hold it."""
    for plain in (value.encode(), value.encode("utf-16-le"), value.encode("gb18030")):
        yield plain
        yield plain.hex().encode()
        yield base64.b64encode(plain).rstrip(b"=")[:-1]
    yield value.encode("unicode_escape")
    yield value.encode("ascii", "xmlcharrefreplace")  # as sheets of a workbook are written


def found_in(content: bytes) -> set[str]:
    """Return the canaries and the control that `content` holds, archives unpacked."""
    parts = [content]
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    return {
        value
        for value in (*CANARIES.values(), CONTROL)
        if any(disguise in part for part in parts for disguise in disguises(value))
    }


@pytest.fixture
def seeded(assessed: Settings, tmp_path: Path) -> Settings:
    """A deployment in which canaries were stored, read, found, sealed anew, and once could not be opened."""
    state = tmp_path / "state"
    (state / "log").mkdir(parents=True)
    settings = assessed.model_copy(update={"state": state})
    handler = logging.FileHandler(state / "log" / "everything.log", encoding="utf-8")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)  # every statement
    try:
        live(settings)
    finally:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
    return settings


def live(settings: Settings) -> None:
    with connect(settings, Login.CHILD, CIVIL) as connection:
        access = Access(keys=keyring(settings), actor=CIVIL, purpose="核对")
        child_id = int(connection.scalar(text("SELECT id FROM child")) or 0)
        write_identities(connection, access, child_id, CANARIES)
        assert read_identities(connection, access, [child_id]) == {child_id: CANARIES}
        for field, value in CANARIES.items():
            assert find_child(connection, access, field, value) == [child_id]
    keys.rotate(settings, lambda sealed, total: logging.getLogger("keys").info("%s/%s", sealed, total))
    (settings.state / "log" / "failed.log").write_text(failed_opening(settings, child_id), "utf-8")


def failed_opening(settings: Settings, child_id: int) -> str:
    """Return the whole trace of a reading that meets another field's value, which is then put back."""
    swapped = text(
        "UPDATE child_identity c SET sealed_value = (SELECT sealed_value FROM child_identity o "
        "WHERE o.child_id = c.child_id AND o.field = 'guardian_name') WHERE field = 'name'"
    )
    access = Access(keys=keyring(settings), actor=CIVIL, purpose="核对")
    with connect(settings, Login.CHILD, CIVIL) as connection:
        connection.execute(swapped)
        with pytest.raises(KeyringError) as caught:
            read_identities(connection, access, [child_id])
        connection.rollback()
    return "".join(traceback.format_exception(caught.value))


def dump(settings: Settings, *options: str) -> bytes:
    # As the superuser: what no right hides is dumped as well.
    url = make_url(settings.url(Login.BACKUP.value)).set(
        drivername="postgresql", username=configuration.SUPERUSER
    )
    program = str(programs.find(settings.postgres_bin) / "pg_dump")
    command = [program, *options, url.render_as_string(hide_password=False)]
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"LC_ALL": "C"})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_no_dump_of_the_database_tells_a_canary(seeded: Settings) -> None:
    for options in ((), ("--inserts",)):
        content = dump(seeded, *options)
        assert content.count(b"guardian_phone") > 1, "the sealed rows are in the dump"
        assert found_in(content) == {CONTROL}


def test_no_file_of_the_state_folder_tells_a_canary(seeded: Settings) -> None:
    files = [path for path in seeded.state.rglob("*") if path.is_file()]
    assert {"everything.log", "failed.log", "keys"} <= {path.name for path in files}
    assert b"child_identity" in (seeded.logs / "everything.log").read_bytes()
    assert "不符" in (seeded.logs / "failed.log").read_text("utf-8")
    assert {path.name: found_in(path.read_bytes()) - {CONTROL} for path in files} == {
        path.name: set() for path in files
    }


def test_no_act_on_record_tells_a_canary(seeded: Settings) -> None:
    with connect(seeded, Login.BACKUP, readonly=True) as connection:
        rows = [str(row) for row in connection.execute(text("SELECT to_jsonb(audit) FROM audit"))]
    assert any("read.identities" in row for row in rows)
    assert found_in("\n".join(rows).encode()) - {CONTROL} == set()


def test_no_export_tells_a_canary(seeded: Settings) -> None:
    told: dict[str, set[str]] = {}
    for login in ("civil", "water", "emergency", "auditor"):
        for kind in RIGHTS:
            for fmt in FORMATS:
                try:
                    content = export_bytes(seeded, account_of(seeded, login), kind, fmt, purpose="周调度")
                except ExportError:
                    continue
                told[f"{login} {kind} {fmt}"] = found_in(content)
    assert CONTROL in told["civil exposure xlsx"], "what finds the code would find a name"
    assert {name: found - {CONTROL} for name, found in told.items()} == {name: set() for name in told}


def hired(settings: Settings, login: str) -> Scope:
    with connect(settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login=login,
            display_name=login,
            bureau="",
            password_hash="-",  # noqa: S106 - no password
        )
        accounts.add_grant(connection, number, "civil", "4305")
    return Scope("4305", number, "civil")


@pytest.mark.parametrize("fmt", ["xlsx", "gpkg"])
def test_an_approved_export_tells_the_canaries_that_were_asked_for_and_nothing_else_does(
    seeded: Settings, fmt: str
) -> None:
    asker, approver = hired(seeded, "asker"), hired(seeded, "approver")
    before = {path: path.read_bytes() for path in seeded.state.rglob("*") if path.is_file()}
    for fields in (("name", "guardian_phone"), ("phone",), ()):
        wanted = Request(
            area_code="4305",
            fields=("home", *fields),
            format=fmt,
            purpose="演示：核对导出的内容",
            list_reason="核对编号",
            home_reason="核对点位",
            identity_reason="核对身份" if fields else "",
        )
        with connect(seeded, Login.CHILD, asker) as connection:
            number = child_exports.ask(connection, wanted)
        with connect(seeded, Login.CHILD, approver) as connection:
            child_exports.decide(connection, number, approve=True, words="情况属实")
        with connect(seeded, Login.CHILD, asker) as connection:
            child_exports.start(connection, number)
        content = take(seeded, asker, number).content
        assert found_in(content) == {CONTROL, *(CANARIES[field] for field in fields)}
    with connect(seeded, Login.BACKUP, readonly=True) as connection:
        rows = [str(row) for row in connection.execute(text("SELECT to_jsonb(audit) FROM audit"))]
        rows += [
            str(row) for row in connection.execute(text("SELECT to_jsonb(child_export) FROM child_export"))
        ]
    assert any("'export'" in row for row in rows)
    assert found_in("\n".join(rows).encode()) - {CONTROL} == set()
    after = {path: path.read_bytes() for path in seeded.state.rglob("*") if path.is_file()}
    assert set(after) == set(before)
    assert set().union(*map(found_in, after.values())) - {CONTROL} == set()
    assert found_in(dump(seeded)) == {CONTROL}


def test_what_looks_for_canaries_finds_them(seeded: Settings) -> None:
    with connect(seeded, Login.IMPORTER, CIVIL) as connection:
        connection.execute(text("UPDATE child SET source_sheet = :note"), {"note": CANARIES["name"]})
    assert CANARIES["name"] in found_in(dump(seeded))
