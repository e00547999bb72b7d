"""Photos in the database: inside the area, once, withdrawn and put back, never by a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.pictures import Picture
from data.storage import photos
from data.storage.faults import RecordNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

OWN, OTHER = Scope("430502", None, "water"), Scope("430503", None, "water")
PICTURE = Picture(
    content=b"whole", small=b"small", width_px=10, height_px=10, taken_at=None, lon=111.001, lat=27.0
)


def station(settings: Settings) -> int:
    with connect(settings, Login.GENERAL, OWN, readonly=True) as connection:
        return int(connection.execute(text("SELECT id FROM station WHERE code = 'S1'")).scalar_one())


def test_a_photo_is_noted_once_with_how_far_the_camera_stood(stored_county: Settings, tmp_path: Path) -> None:
    one = station(stored_county)
    with connect(stored_county, Login.GENERAL, OWN) as connection:
        assert photos.keep(connection, tmp_path, ("station", one), [PICTURE, PICTURE], None) == 1
        assert photos.keep(connection, tmp_path, ("station", one), [PICTURE], None) == 0
        found = photos.photos_of(connection, "station", [one])
    assert len(found) == 1
    assert found["apart_m"].tolist() == [pytest.approx(99.3, abs=0.5)]
    assert len(list(tmp_path.rglob("*.jpg"))) == 2


def test_nobody_adds_or_withdraws_a_photo_of_another_area(stored_county: Settings, tmp_path: Path) -> None:
    one = station(stored_county)
    with connect(stored_county, Login.GENERAL, OWN) as connection:
        number = photos.add(connection, "station", one, PICTURE, None)
    assert number is not None
    with (
        pytest.raises(RecordNotFoundError),
        connect(stored_county, Login.GENERAL, OTHER) as connection,
    ):
        photos.keep(connection, tmp_path, ("station", one), [PICTURE], None)
    with (
        pytest.raises(RecordNotFoundError),
        connect(stored_county, Login.GENERAL, OTHER) as connection,
    ):
        photos.withdraw(connection, number, None)
    with (
        pytest.raises(RecordNotFoundError),
        connect(stored_county, Login.GENERAL, OWN) as connection,
    ):
        photos.add(connection, "station", 10**9, PICTURE, None)


def test_who_follows_hazards_keeps_their_photos_and_no_others(stored_county: Settings) -> None:
    staff, elsewhere = Scope("430502", None, "emergency"), Scope("430503", None, "emergency")
    with connect(stored_county, Login.GENERAL, staff) as connection:
        hazard = connection.execute(
            text(
                "INSERT INTO hazard (code, title, domain, grade, area_code, geom, found_on) "
                "SELECT 'Y1', '塌方', 'S', 'general', area_code, geom, '2026-06-01' FROM station "
                "WHERE code = 'S1' RETURNING id"
            )
        ).scalar_one()
        number = photos.add(connection, "hazard", hazard, PICTURE, None)
        assert number is not None
        photos.withdraw(connection, number, None)
        photos.withdraw(connection, number, None, back=True)
    with connect(stored_county, Login.GENERAL, OWN) as connection:
        of_station = photos.add(connection, "station", station(stored_county), PICTURE, None)
        assert of_station is not None
    for scope, subject in ((elsewhere, ("hazard", hazard)), (staff, ("station", station(stored_county)))):
        with pytest.raises(RecordNotFoundError), connect(stored_county, Login.GENERAL, scope) as connection:
            photos.add(connection, subject[0], subject[1], PICTURE, None)
    for scope, one in ((elsewhere, number), (staff, of_station)):
        with pytest.raises(RecordNotFoundError), connect(stored_county, Login.GENERAL, scope) as connection:
            photos.withdraw(connection, one, None)


def test_a_photo_is_shown_inside_its_area_until_it_is_withdrawn(stored_county: Settings) -> None:
    with connect(stored_county, Login.GENERAL, OWN) as connection:
        number = photos.add(connection, "station", station(stored_county), PICTURE, None)
        assert number is not None
        shown = photos.shown(connection, number, "430502")
        assert shown is not None
        assert shown.sha256 == PICTURE.sha256
        assert photos.shown(connection, number, "430503") is None
        photos.withdraw(connection, number, None)
        assert photos.shown(connection, number, "430502") is None
        photos.withdraw(connection, number, None, back=True)
        assert photos.shown(connection, number, "430502") is not None
