from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from shapely import LineString
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.storage.devices import BarrierForm, CameraForm, device, devices, save_device
from data.storage.faults import EditConflictError, RecordNotFoundError, RecordTakenError
from data.upserting import ids_by_code
from jobs import assess

if TYPE_CHECKING:
    from data.settings import Settings

OFFICER = Scope("430502", None, "water")
ABROAD = Scope("430503", None, "water")
DAY = dt.date(2026, 6, 1)
CAMERA = CameraForm(
    id=None,
    code="C1",
    area_code="430502001200",
    state="good",
    bearing_deg=0.0,
    view_deg=360.0,
    reach_m=80.0,
    lon=111.003,
    lat=27.0001,
    position_method="clicked",
)


def _barrier(settings: Settings) -> BarrierForm:
    with connect(settings, Login.GENERAL, OFFICER, readonly=True) as connection:
        water = int(ids_by_code(connection, metadata.tables["water"])["W1"])
    return BarrierForm(
        id=None,
        code="B1",
        water_id=water,
        kind="barrier",
        state="good",
        height_m=1.2,
        installed_on=None,
        line=LineString([(111.002, 27.0), (111.004, 27.0)]),
        position_method="clicked",
    )


def _saved(settings: Settings, form: BarrierForm | CameraForm, version: int | None = None) -> int:
    with connect(settings, Login.GENERAL, OFFICER) as connection:
        return save_device(connection, form, version)


def _layer_m(settings: Settings, layer: str) -> float:
    assess.catch_up(settings, as_of=DAY)
    with connect(settings, Login.OWNER, readonly=True) as connection:
        query = text("SELECT sum(to_m - from_m) FROM covered_stretch WHERE layer = :layer")
        return float(connection.scalar(query, {"layer": layer}) or 0.0)


def test_a_camera_that_is_saved_sees_its_bank_and_a_broken_one_does_not(stored_county: Settings) -> None:
    assess.refresh(stored_county, as_of=DAY)
    number = _saved(stored_county, CAMERA)
    assert _layer_m(stored_county, "technical") == pytest.approx(159, abs=4)
    _saved(stored_county, replace(CAMERA, id=number, state="damaged"), 1)
    assert _layer_m(stored_county, "technical") == 0.0


def test_a_barrier_that_is_saved_protects_its_bank(stored_county: Settings) -> None:
    assess.refresh(stored_county, as_of=DAY)
    before = _layer_m(stored_county, "physical")
    _saved(stored_county, _barrier(stored_county))
    assert _layer_m(stored_county, "physical") == pytest.approx(before + 198, abs=4)
    with connect(stored_county, Login.GENERAL, OFFICER, readonly=True) as connection:
        (row,) = devices(connection, "430502", "barrier").itertuples()
    assert (row.code, row.water_name, row.area_code) == ("B1", "河", "430502001200")


def test_the_second_of_two_editors_is_shown_the_first_one_s_words(stored_county: Settings) -> None:
    number = _saved(stored_county, CAMERA)
    _saved(stored_county, replace(CAMERA, id=number, reach_m=60.0), 1)
    with pytest.raises(EditConflictError) as raised:
        _saved(stored_county, replace(CAMERA, id=number, reach_m=90.0), 1)
    assert raised.value.theirs["reach_m"] == 60.0


def test_a_code_belongs_to_one_record(stored_county: Settings) -> None:
    _saved(stored_county, CAMERA)
    with pytest.raises(RecordTakenError, match="C1"):
        _saved(stored_county, CAMERA)


def test_what_lies_elsewhere_is_neither_changed_nor_added(stored_county: Settings) -> None:
    number = _saved(stored_county, CAMERA)
    for form, version in ((replace(CAMERA, id=number), 1), (replace(CAMERA, code="C2"), None)):
        with pytest.raises(RecordNotFoundError), connect(stored_county, Login.GENERAL, ABROAD) as connection:
            save_device(connection, form, version)
    with connect(stored_county, Login.GENERAL, OFFICER, readonly=True) as connection:
        found = device(connection, "camera", number)
    assert found is not None
    assert found["version"] == 1
