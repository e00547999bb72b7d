"""A backup by command, and the drill of its restore: what differs is named, what is broken is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from data.engine import Login, connect
from data.storage import audit
from jobs.backups import BackupError, backup, drill, note_of
from tests.rights.test_dump import held

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

__all__ = ["held"]


@pytest.fixture(scope="module")
def dump(held: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "昨夜.dump"
    backup(held, path)
    return path


def test_a_backup_is_its_owners_alone_and_an_act(held: Settings, dump: Path) -> None:
    assert [path.stat().st_mode & 0o777 for path in (dump, note_of(dump))] == [0o600, 0o600]
    assert sorted(path.name for path in dump.parent.iterdir()) == ["昨夜.dump", "昨夜.dump.json"]
    with connect(held, Login.BACKUP, readonly=True) as connection:
        acts = audit.acts(connection, limit=20).query("object_kind == 'backup'")
    assert acts["action"].tolist() == ["export"]


def test_a_drill_holds_the_restored_rows_rights_and_acts_to_the_note(held: Settings, dump: Path) -> None:
    found = drill(held, dump)
    assert found.differences == ()
    noted = json.loads(note_of(dump).read_text("utf-8"))
    assert noted["tables"]["child"][0] == 8, "the sealed ones among them"
    assert "import_file" not in noted["tables"]
    with connect(held, Login.BACKUP, readonly=True) as connection:
        acts = audit.acts(connection).query("object_kind != 'backup'")
    assert (found.tables, found.acts) == (len(noted["tables"]), len(acts))
    assert len(acts) > 0


def test_a_row_or_a_policy_other_than_noted_is_named(held: Settings, dump: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.dump"
    other.write_bytes(dump.read_bytes())
    noted = json.loads(note_of(dump).read_text("utf-8"))
    noted["tables"]["home"][1] = "1"
    noted["rights"]["行级策略"] = [0, "x"]
    note_of(other).write_text(json.dumps(noted), "utf-8")
    home, policies = drill(held, other).differences
    assert home.startswith("home：备份时 8 项，恢复后 8 项")
    assert policies.startswith("行级策略：备份时 0 项，恢复后 ")


def test_what_cannot_be_restored_is_refused_in_a_sentence(held: Settings, dump: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.dump"
    half.write_bytes(dump.read_bytes()[:20_000])
    with pytest.raises(BackupError, match=r"没有读到 half\.dump\.json"):
        drill(held, half)
    for broken in ("[]", "{}", '{"tables": 1, "rights": {}}', '{"tables": {"a": 1}, "rights": {}}', "\x00"):
        note_of(half).write_text(broken, "utf-8")
        with pytest.raises(BackupError, match="没有读到"):
            drill(held, half)
    note_of(half).write_bytes(note_of(dump).read_bytes())
    with pytest.raises(BackupError, match="无法恢复：文件损坏"):
        drill(held, half)
    with pytest.raises(BackupError, match="已存在：请换一个文件名"):
        backup(held, half)
    with pytest.raises(BackupError, match="请检查目录是否存在"):
        backup(held, tmp_path / "nowhere" / "a.dump")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half.dump", "half.dump.json"]
