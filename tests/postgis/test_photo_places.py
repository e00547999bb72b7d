"""Photos of a walk find the stations they were taken at, and say why where they do not."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.rows import IntakeError
from data.storage import photos
from geo.datum import wgs84_to_gcj02
from jobs import photo_places
from jobs.cli.transfer import import_
from tests.cameras import jpeg, photo_at

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

OWN = Scope("430502", None, "water")


def station(settings: Settings) -> tuple[str, float, float]:
    with connect(settings, Login.WORKER, readonly=True) as connection:
        row = connection.execute(
            text(
                "SELECT code, ST_X(geom), ST_Y(geom) FROM station WHERE starts_with(area_code, '430502') "
                "ORDER BY id LIMIT 1"
            )
        ).one()
    return str(row[0]), float(row[1]), float(row[2])


def taken(settings: Settings, files: dict[str, bytes]) -> list[photo_places.Taken]:
    made = photo_places.decoded(settings, list(files.items()))
    return [one for one in made if isinstance(one, photo_places.Taken)]


def walk(settings: Settings, files: dict[str, bytes]) -> list[photo_places.Placed]:
    with connect(settings, Login.GENERAL, OWN, readonly=True) as connection:
        return photo_places.placed(connection, taken(settings, files), "wgs84", OWN.area_code)


def test_a_photo_goes_to_the_station_it_was_taken_at(stored_county: Settings) -> None:
    code, lon, lat = station(stored_county)
    found = walk(
        stored_county,
        {"near.jpg": photo_at(lon + 0.0002, lat), "far.jpg": photo_at(lon + 0.05, lat), "no.jpg": jpeg()},
    )
    assert [one.counts for one in found] == [True, False, False]
    assert found[0].host is not None
    assert (found[0].host.kind, found[0].host.code) == ("station", code)
    assert found[0].host.distance_m == pytest.approx(19.8, abs=0.5)
    assert "没有点位" in found[1].why
    assert "没有位置" in found[2].why


def test_shifted_photos_are_told_by_where_they_would_lie(stored_county: Settings) -> None:
    _, lon, lat = station(stored_county)
    x, y = (float(value) for value in wgs84_to_gcj02(lon, lat))
    seen = taken(stored_county, {f"{n}.jpg": photo_at(x + n * 1e-5, y) for n in range(3)})
    with connect(stored_county, Login.GENERAL, OWN, readonly=True) as connection:
        assert photo_places.fits(connection, seen, OWN.area_code) == {"wgs84": 0, "gcj02": 3, "bd09": 0}
        found = photo_places.placed(connection, seen, "gcj02", OWN.area_code)
    assert [one.picture.lon for one in found] == [pytest.approx(lon + n * 1e-5, abs=1e-6) for n in range(3)]


def test_photos_are_kept_once_with_their_act_and_not_in_another_area(stored_county: Settings) -> None:
    code, lon, lat = station(stored_county)
    found = walk(stored_county, {"a.jpg": photo_at(lon, lat), "b.jpg": jpeg()})
    with connect(stored_county, Login.GENERAL, OWN) as connection:
        assert photo_places.keep(connection, stored_county, found, OWN) == 1
        assert photo_places.keep(connection, stored_county, found, OWN) == 0
    with connect(stored_county, Login.OWNER) as connection:
        kept = connection.execute(
            text("SELECT s.code, ST_X(p.geom) FROM photo p JOIN station s ON s.id = p.subject_id")
        ).all()
        acts = connection.execute(
            text("SELECT row_count FROM audit WHERE action = 'save.photo' ORDER BY id")
        ).scalars()
        assert [tuple(row) for row in kept] == [(code, pytest.approx(lon, abs=1e-6))]
        assert list(acts) == [1, 0]
    other = Scope("430503", None, "water")
    again = [photo_places.Taken(name=one.name, picture=one.picture) for one in found[:1]]
    with connect(stored_county, Login.GENERAL, other, readonly=True) as connection:
        assert not photo_places.placed(connection, again, "wgs84", other.area_code)[0].counts


@pytest.fixture
def with_hazards(stored_county: Settings) -> Settings:
    """The county with an open hazard 40 m east of the station, one alone, one closed, one at its village."""
    _, lon, lat = station(stored_county)
    with connect(stored_county, Login.OWNER) as connection:
        for code, east, state, method in (
            ("H-1", 0.0004, "found", "stated"),
            ("H-2", 0.02, "assigned", "stated"),
            ("H-3", 0.03, "closed", "stated"),
            ("H-4", 0.04, "found", "village"),
        ):
            connection.execute(
                text(
                    "INSERT INTO hazard (code, title, domain, grade, state, area_code, geom, found_on, "
                    "closed_on, position_method) VALUES (:code, '塘边无护栏', 'R', 'general', :state, "
                    "'430502001', ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), '2026-05-01', "
                    "CASE WHEN :state = 'closed' THEN DATE '2026-05-02' END, :method)"
                ),
                {"code": code, "lon": lon + east, "lat": lat, "state": state, "method": method},
            )
    return stored_county


def test_a_photo_at_an_open_hazard_goes_there_and_not_to_a_closed_or_unplaced_one(
    with_hazards: Settings,
) -> None:
    _, lon, lat = station(with_hazards)
    found = walk(
        with_hazards,
        {
            "a.jpg": photo_at(lon + 0.0201, lat),
            "b.jpg": photo_at(lon + 0.03, lat),
            "c.jpg": photo_at(lon + 0.04, lat),
        },
    )
    assert [one.counts for one in found] == [True, False, False]
    assert found[0].host is not None
    assert (found[0].host.kind, found[0].host.code) == ("hazard", "H-2")
    with connect(with_hazards, Login.GENERAL, OWN) as connection:
        assert photo_places.keep(connection, with_hazards, found, OWN) == 1
    with connect(with_hazards, Login.OWNER) as connection:
        number = connection.scalar(text("SELECT id FROM hazard WHERE code = 'H-2'"))
        kept = photos.photos_of(connection, "hazard", [int(number or 0)])
        acts = connection.execute(
            text("SELECT object_kind, row_count FROM audit WHERE action = 'save.photo'")
        )
        assert [tuple(row) for row in acts] == [("hazard", 1)]
    # Measured to the hazard itself, not to a station that has the same number.
    assert kept["apart_m"].tolist() == [pytest.approx(9.9, abs=0.5)]


def test_between_a_station_and_a_hazard_the_keeper_chooses(with_hazards: Settings) -> None:
    code, lon, lat = station(with_hazards)
    seen = taken(with_hazards, {"a.jpg": photo_at(lon + 0.0002, lat)})
    with connect(with_hazards, Login.GENERAL, OWN) as connection:
        (open_,) = photo_places.placed(connection, seen, "wgs84", OWN.area_code)
        assert (open_.counts, open_.undecided) == (False, True)
        assert {(host.kind, host.code) for host in open_.near} == {("station", code), ("hazard", "H-1")}
        assert photo_places.fits(connection, seen, OWN.area_code)["wgs84"] == 1
        assert photo_places.keep(connection, with_hazards, [open_], OWN) == 0
        for kind, expected in (("station", code), ("hazard", "H-1")):
            (one,) = photo_places.placed(connection, seen, "wgs84", OWN.area_code, {0: kind})
            assert one.host is not None
            assert (one.counts, one.host.kind, one.host.code) == (True, kind, expected)


def test_an_archive_gives_its_pictures_and_one_that_is_not_sound_is_refused(
    stored_county: Settings, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("巡查/甲.JPG", b"1")
        archive.writestr("__MACOSX/._甲.JPG", b"2")
        archive.writestr("说明.txt", b"3")
    assert list(photo_places.members(stored_county, tmp_path / "a.zip")) == [("甲.JPG", b"1")]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("../甲.jpg", b"1")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("说明.txt", b"3")
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04 no archive")
    for name in ("b.zip", "c.zip", "d.zip", "e.zip"):
        with pytest.raises(IntakeError, match=name):
            list(photo_places.members(stored_county, tmp_path / name))


def test_the_command_line_takes_a_folder(stored_county: Settings, tmp_path: Path) -> None:
    code, lon, lat = station(stored_county)
    folder, state = tmp_path / "照片", tmp_path / "state"
    folder.mkdir()
    state.mkdir()
    (folder / "a.jpg").write_bytes(photo_at(lon, lat))
    (folder / "b.jpg").write_bytes(b"no picture")
    assert stored_county.database_url is not None
    environment = {
        "DATABASE_URL": stored_county.database_url.get_secret_value(),
        "ANLAN_STATE": str(state),
        "ANLAN_SETTINGS": "",
    }
    done = CliRunner().invoke(import_, ["photos", str(folder), "--json"], env=environment)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["new"] == 1
    assert [one["station"] for one in told["photos"]] == [code]
    assert len(told["faults"]) == 1
    assert "b.jpg" in told["faults"][0]
    assert len(list((state / "photos").rglob("*.jpg"))) == 2
    wrong = CliRunner().invoke(import_, ["photos", str(folder), "--crs", "EPSG:4546"], env=environment)
    assert wrong.exit_code == 1
    assert "坐标系只能是" in wrong.output
