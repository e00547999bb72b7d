"""A track from its file to the personal layer of the bank it was walked on."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.rows import IntakeError
from geo.datum import wgs84_to_gcj02
from jobs import assess, patrols
from jobs.cli.transfer import import_

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

NEAR = Scope("430502", None, "patroller")
BUREAU = Scope("430502", None, "water")
ELSEWHERE = Scope("430502001", None, "patroller")
ABROAD = Scope("430503", None, "patroller")
DAY = dt.date(2026, 7, 2)
START = dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)


def track(path: Path, *, metres: float = 600.0, pace: float = 1.2, shift: bool = False) -> Path:
    """Write a walk along the reach W1, a point every ten seconds."""
    count = int(metres / pace / 10) + 1
    lon = 111.001 + np.linspace(0.0, metres / 99_300, count)
    lat = np.full(count, 27.00005)
    if shift:
        lon, lat = wgs84_to_gcj02(lon, lat)
    points = "".join(
        f'<trkpt lat="{y:.7f}" lon="{x:.7f}"><time>'
        f"{(START + dt.timedelta(seconds=10 * row)).isoformat()}</time></trkpt>"
        for row, (x, y) in enumerate(zip(lon, lat, strict=True))
    )
    path.write_text(f"<gpx><trk><name>晨巡</name><trkseg>{points}</trkseg></trk></gpx>", "utf-8")
    return path


@pytest.fixture
def assessed(stored_county: Settings) -> Settings:
    assess.refresh(stored_county, as_of=DAY)
    return stored_county


def taken(settings: Settings, path: Path, crs: str = "wgs84", scope: Scope = NEAR) -> list[patrols.Judged]:
    return patrols.take_in(settings, path, crs, scope, Login.GENERAL)


def personal_m(settings: Settings) -> float:
    with connect(settings, Login.OWNER, readonly=True) as connection:
        return float(
            connection.scalar(text("SELECT sum(to_m - from_m) FROM covered_stretch WHERE layer = 'personal'"))
            or 0
        )


@pytest.mark.parametrize(("scope", "held"), [(NEAR, 0), (BUREAU, 1)])
def test_a_walk_is_saved_once_and_covers_what_was_walked(
    assessed: Settings, tmp_path: Path, scope: Scope, held: int
) -> None:
    path = track(tmp_path / "a.gpx")
    (first,) = taken(assessed, path, scope=scope)
    assert (first.reason, first.stored) == ("", False)
    assert first.stretches[0].water == "河"
    assert first.walk.walked_m == pytest.approx(600, abs=15)
    done = assess.catch_up(assessed, as_of=DAY)
    assert done is not None
    assert done.waters is not None
    assert personal_m(assessed) == pytest.approx(600, abs=15)
    (again,) = taken(assessed, path, scope=scope)
    assert again.stored
    with connect(assessed, Login.OWNER, readonly=True) as connection:
        assert connection.scalar(text("SELECT count(*) FROM patrol")) == 1
        # A patroller imports nothing, so a walk of his is no batch.
        assert connection.scalar(text("SELECT count(*) FROM import_batch WHERE kind = 'patrols'")) == held


def test_a_drive_writes_nothing_and_says_why(assessed: Settings, tmp_path: Path) -> None:
    (found,) = taken(assessed, track(tmp_path / "a.gpx", metres=900, pace=9.0))
    assert found.reason == "too_fast"
    with connect(assessed, Login.OWNER, readonly=True) as connection:
        assert connection.scalar(text("SELECT count(*) FROM patrol")) == 0


def test_a_shifted_track_is_recognised_and_taken_in_under_its_own_system(
    assessed: Settings, tmp_path: Path
) -> None:
    path = track(tmp_path / "a.gpx", shift=True)
    (far,) = taken(assessed, path)
    assert (far.reason, far.shifted) == ("off_bank", "gcj02")
    (near,) = taken(assessed, path, "gcj02")
    assert near.reason == ""


def test_a_walk_in_another_area_is_not_taken_in(assessed: Settings, tmp_path: Path) -> None:
    path = track(tmp_path / "a.gpx")
    assert [part.reason for part in taken(assessed, path, scope=ABROAD)] == ["elsewhere"]
    assert [part.reason for part in taken(assessed, path, scope=ELSEWHERE)] == [""]


def test_a_file_that_is_no_track_is_refused_before_anything_is_read(
    assessed: Settings, tmp_path: Path
) -> None:
    (tmp_path / "a.gpx").write_text("x", "utf-8")
    with pytest.raises(IntakeError, match="不是 GPX"):
        taken(assessed, tmp_path / "a.gpx")


def test_the_command_takes_tracks_in_and_says_what_counts(
    assessed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert assessed.database_url is not None
    environment = {
        "DATABASE_URL": assessed.database_url.get_secret_value(),
        "ANLAN_STATE": str(assessed.state),
        "ANLAN_SETTINGS": "",
    }
    track(tmp_path / "a.gpx")
    track(tmp_path / "b.gpx", metres=900, pace=9.0)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(import_, ["patrols", *arguments], env=environment)
        return done.exit_code, done.output

    code, said = run("a.gpx")
    assert code == 0, said
    assert "已收" in said
    assert "河" in said
    code, said = run("b.gpx")
    assert code == 2
    assert "乘车" in said
    code, said = run("a.gpx", "--json")
    assert json.loads(said)[0]["stored_before"] is True
    code, said = run("a.gpx", "--crs", "EPSG:4546")
    assert code == 1
    assert "wgs84" in said
