"""The coordinate doctor on stored villages and waters: diagnosed, confirmed, kept with the record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from data.engine import Login, connect
from data.importers import blocks, intake, kinds, placing
from data.importers.guards import Limits
from data.importers.intake import take_in
from data.importers.orders import Order
from data.importers.rows import CrsContradictedError, CrsUnknownError, IntakeError
from geo.crs import project
from geo.datum import wgs84_to_gcj02
from layers.verdicts import headline

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.placing import Placed
    from data.settings import Settings

AREAS = [
    "代码,名称", "4305,邵阳市", "430502,双清区", "430502001,兴隆街道", "430502002,龙须塘街道",
    "430502001001,火车社区", "430502001002,大田村", "430502002001,大田村",
]  # fmt: skip
VILLAGES = [
    "区划代码,名称,经度,纬度", "430502001001,火车社区,111.48,27.24", "430502001002,大田村,111.50,27.25",
    "430502002001,大田村,111.55,27.28",
]  # fmt: skip
HEADER = "编号,区划代码,水域编号,经度,纬度,警示牌,救生圈,绳索,竹竿,检查日期"


def write(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def office(database: Settings, tmp_path: Path) -> Settings:
    take_in(database, Order(kind="areas", path=write(tmp_path, "区划.csv", AREAS)))
    take_in(database, Order(kind="villages", path=write(tmp_path, "村.csv", VILLAGES), crs="EPSG:4490"))
    waters = ["编号,名称,类型,区划代码,经度,纬度"] + [
        f"W-{n},{'门口塘' if n == 3 else f'塘{n}'},水井,43050200100{1 + n % 2},{x:.6f},{y:.6f}"
        for n, (x, y) in enumerate(spots(12))
    ]
    receipt = take_in(database, Order(kind="waters", path=write(tmp_path, "水.csv", waters), crs="EPSG:4490"))
    assert receipt.refused == []
    return database


def spots(count: int) -> list[tuple[float, float]]:
    chance = np.random.default_rng(4)
    return [(111.49 + a / 60, 27.245 + b / 60) for a, b in chance.uniform(-1, 1, (count, 2))]


def stations(pairs: list[tuple[float, float]]) -> list[str]:
    return [HEADER] + [
        f"LB-{n},430502001,W-{n},{x:.7f},{y:.7f},有,有,有,有,2024-03-05" for n, (x, y) in enumerate(pairs)
    ]


def placed(office: Settings, path: Path, crs: str | None = "doctor", **said: object) -> Placed:
    order = Order(kind="stations", path=path, crs=crs)
    return placing.place(office, order, kinds.opened(path, Limits.of(office)), said)


def test_a_file_without_a_system_is_diagnosed_before_anybody_chooses(
    office: Settings, tmp_path: Path
) -> None:
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in spots(12)]
    found = placed(office, write(tmp_path, "台账.csv", stations(shifted)), crs=None)  # type: ignore[arg-type]
    assert found.unknown
    document = found.document()
    assert document is not None
    assert (document["verdict"], document["certainty"]) == ("gcj02", "certain")
    assert document["applied"] is False


def test_a_confirmed_diagnosis_is_stored_with_the_raw_numbers_and_the_method(
    office: Settings, tmp_path: Path
) -> None:
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in spots(12)]
    path = write(tmp_path, "台账.csv", stations(shifted))  # type: ignore[arg-type]
    found = placed(office, path)
    assert found.sheaf.crs == "doctor:gcj02"
    order = Order(kind="stations", path=path, crs="doctor")
    receipt = intake.keep(office, order, [kinds.parsed_of("stations", found.sheaf)])
    assert (receipt.written > 0, receipt.refused) == (True, [])
    with connect(office, Login.OWNER) as connection:
        rows = connection.execute(
            text("SELECT raw_position, position_method, ST_X(geom), ST_Y(geom) FROM station ORDER BY id")
        ).all()
        crs = connection.scalar(text("SELECT crs FROM import_batch WHERE kind = 'stations'"))
    true = spots(12)
    assert crs == "doctor:gcj02"
    assert rows[0][0] == f"{shifted[0][0]:.7f},{shifted[0][1]:.7f} gcj02 (doctor)"
    assert rows[0][1] == "converted"
    np.testing.assert_allclose([(x, y) for *_, x, y in rows], true, atol=2e-7)


def test_the_word_of_the_keeper_for_one_row_is_kept_as_such(office: Settings, tmp_path: Path) -> None:
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in spots(12)]
    path = write(tmp_path, "台账.csv", stations(shifted))  # type: ignore[arg-type]
    found = placed(office, path, rows={"!4": "bd09"})
    raws = [row.raw_position for row in found.sheaf.rows]
    assert raws[2] is not None
    assert raws[2].endswith("bd09 (keeper)")
    assert sum("(keeper)" in str(raw) for raw in raws) == 1


def test_a_declared_system_that_the_waters_contradict_is_told(office: Settings, tmp_path: Path) -> None:
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in spots(12)]
    path = write(tmp_path, "台账.csv", stations(shifted))  # type: ignore[arg-type]
    found = placed(office, path, crs="EPSG:4490")
    assert not found.unknown
    document = found.document()
    assert document is not None
    assert document["contradicts"]
    assert any("坐标诊断与所选坐标系" in note for note in found.sheaf.notes)


def test_metres_and_swapped_columns_need_no_keeper_who_knows_zones(office: Settings, tmp_path: Path) -> None:
    flat = [tuple(float(v) for v in project(*pair, "EPSG:4525"))[::-1] for pair in spots(12)]
    found = placed(office, write(tmp_path, "台账.csv", stations(flat)))  # type: ignore[arg-type]
    assert found.sheaf.crs == "doctor:zone3"
    assert found.examined is not None
    assert set(found.examined.diagnosis.notation) == {"swapped"}


def test_rows_without_coordinates_stand_at_their_water_or_village(office: Settings, tmp_path: Path) -> None:
    lines = [
        "编号,县市区,乡镇,村,水域名称,警示牌",
        "A-1,双清区,兴隆街道,大田村,门口塘,有",
        "A-2,双清区,兴隆街道,大田村,,有",
        "A-3,双清区,,大田村,,有",
        "A-4,双清区,兴隆街道,大天村,,有",
    ]
    found = placed(office, write(tmp_path, "无坐标.csv", lines), crs=None)
    one, two, three, four = found.sheaf.rows
    assert (one.position_method, two.position_method) == ("derived", "village")
    assert one.cells["water_code"] == "W-3"
    assert two.shape is not None
    assert (two.shape.x, two.shape.y) == (111.50, 27.25)  # type: ignore[attr-defined]
    # Two villages of one name in one county: shown, not chosen.
    assert three.shape is None
    assert "430502001002" in three.faults[0].reason
    assert "430502002001" in three.faults[0].reason
    assert four.shape is None
    assert "大田村" in four.faults[0].reason
    assert any("村级精度" in note for note in found.sheaf.notes)


def test_the_command_line_asks_the_doctor_as_the_page_does(office: Settings, tmp_path: Path) -> None:
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in spots(12)]
    path = write(tmp_path, "台账.csv", stations(shifted))  # type: ignore[arg-type]
    with pytest.raises(CrsUnknownError, match="没有说明坐标系") as fault:
        take_in(office, Order(kind="stations", path=path))
    assert fault.value.diagnosis is not None
    assert headline(fault.value.diagnosis) == ("good", "GCJ-02（微信、高德、腾讯）（证据充分）。")
    receipt = take_in(office, Order(kind="stations", path=path, crs="doctor"))
    assert (receipt.refused, receipt.tallies["station"].inserted) == ([], 12)
    with connect(office, Login.WORKER, readonly=True) as connection:
        stored = connection.execute(text("SELECT code, ST_X(geom), ST_Y(geom) FROM station")).all()
    told = {code: (x, y) for code, x, y in stored}
    assert [told[f"LB-{n}"] for n in range(12)] == [pytest.approx(pair, abs=1e-7) for pair in spots(12)]


def test_a_place_in_one_cell_is_stored_and_a_faulty_one_names_its_cell(
    office: Settings, tmp_path: Path
) -> None:
    lines = ["编号,区划代码,坐标,警示牌", 'C-1,430502001,"111.49,27.245",有', "C-2,430502001,塘边,有"]
    receipt = take_in(
        office, Order(kind="stations", path=write(tmp_path, "合写.csv", lines), crs="EPSG:4490")
    )
    assert receipt.tallies["station"].inserted == 1
    (refused,) = receipt.refused
    assert str(refused).startswith("第 3 行：“坐标”为“塘边”：看不出是一对坐标（请写成 111.467700,27.238900")
    with connect(office, Login.WORKER, readonly=True) as connection:
        place = connection.execute(text("SELECT ST_X(geom), ST_Y(geom), raw_position FROM station")).one()
    assert tuple(place) == (111.49, 27.245, "111.49,27.245 EPSG:4490")


def outlines(folder: Path) -> tuple[Path, Path, Path]:
    """Write four counties, villages 150 m within their borders, and outlines as a web map has them."""
    codes = ["430502", "430503", "430511", "430521"]
    squares = [
        shapely.box(111.4 + 0.1 * x, 27.2 + 0.1 * y, 111.5 + 0.1 * x, 27.3 + 0.1 * y)
        for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))
    ]
    villages, features = ["区划代码,名称,经度,纬度"], []
    for code, square in zip(codes, squares, strict=True):
        ring = square.buffer(-0.0015).exterior
        for n in range(24):
            at = ring.interpolate(n / 24, normalized=True)
            villages.append(f"{code}001{n:03},村{n},{at.x:.6f},{at.y:.6f}")
        drawn = shapely.transform(
            shapely.segmentize(square, 0.01), lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1]))
        )
        features.append(
            {"type": "Feature", "properties": {"adcode": code}, "geometry": shapely.geometry.mapping(drawn)}
        )
    areas = ["代码,名称", "4305,邵阳市", *(f"{code},县{code}" for code in codes)]
    areas += [f"{code}001,镇{code}" for code in codes]
    path = folder / "县界.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return write(folder, "区划.csv", areas), write(folder, "村.csv", villages), path


def test_outlines_of_a_web_map_are_recognised_refused_as_declared_and_taken_as_diagnosed(
    database: Settings, tmp_path: Path
) -> None:
    areas, villages, path = outlines(tmp_path)
    take_in(database, Order(kind="areas", path=areas))
    take_in(database, Order(kind="villages", path=villages, crs="EPSG:4490"))
    with pytest.raises(CrsUnknownError, match="边界像是 gcj02"):
        take_in(database, Order(kind="areas", path=path))
    with pytest.raises(CrsContradictedError, match=r"未写入任何内容.*边界像是 gcj02"):
        take_in(database, Order(kind="areas", path=path, crs="EPSG:4326"))
    receipt = take_in(database, Order(kind="areas", path=path, crs="doctor"))
    assert (receipt.crs, receipt.tallies["area"].updated) == ("doctor:gcj02", 4)
    with connect(database, Login.WORKER, readonly=True) as connection:
        west, south = connection.execute(
            text("SELECT ST_XMin(geom), ST_YMin(geom) FROM area WHERE code = '430502'")
        ).one()
    assert (west, south) == pytest.approx((111.4, 27.2), abs=1e-7)
    insisted = take_in(database, Order(kind="areas", path=path, crs="EPSG:4326", despite=True))
    assert insisted.tallies["area"].updated == 4


def test_stations_whose_system_was_named_wrongly_are_not_written_by_the_command_line(
    office: Settings, tmp_path: Path
) -> None:
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in spots(12)]
    path = write(tmp_path, "台账.csv", stations(shifted))  # type: ignore[arg-type]
    with pytest.raises(CrsContradictedError) as fault:
        take_in(office, Order(kind="stations", path=path, crs="EPSG:4490"))
    assert fault.value.diagnosis is not None
    assert fault.value.diagnosis["verdict"] == "gcj02"
    with connect(office, Login.WORKER, readonly=True) as connection:
        assert connection.scalar(text("SELECT count(*) FROM station")) == 0
    insisted = take_in(office, Order(kind="stations", path=path, crs="EPSG:4490", despite=True))
    assert insisted.tallies["station"].inserted == 12


@pytest.mark.parametrize(
    ("written", "named", "contradicted"),
    [
        ("EPSG:4490", "wgs84", False),
        ("EPSG:4490", "CGCS2000", False),
        ("EPSG:4490", "EPSG:4326", False),
        ("EPSG:4490", "GCJ-02", True),
        ("EPSG:4546", "EPSG:4546", False),
        ("EPSG:4525", "EPSG:4525", False),
        ("EPSG:4547", "EPSG:4547", False),
        ("EPSG:32649", "EPSG:32649", False),
    ],
)
def test_a_rightly_named_system_is_never_called_a_contradiction(
    office: Settings, tmp_path: Path, written: str, named: str, *, contradicted: bool
) -> None:
    pairs = spots(12)
    if written != "EPSG:4490":
        x, y = np.array(pairs).T
        pairs = list(zip(*map(np.ndarray.tolist, project(x, y, written)), strict=True))
    found = placed(office, write(tmp_path, "台账.csv", stations(pairs)), crs=named)
    document = found.document()
    assert document is not None
    assert (document["contradicts"], found.contradicts) == (contradicted, contradicted)


def test_a_faulty_place_in_one_cell_is_no_row_without_a_place(office: Settings, tmp_path: Path) -> None:
    lines = ["编号,区划代码,坐标,警示牌", "C-1,430502001001,塘边,有", "C-2,430502001001,,有"]
    found = placed(office, write(tmp_path, "合写.csv", lines), crs="wgs84")
    assert [row.shape is None for row in found.sheaf.rows] == [True, False]
    assert any(note.startswith("1 行没有坐标") for note in found.sheaf.notes)


def test_a_long_file_whose_blocks_are_in_two_systems_is_refused_whole(
    office: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LONG_BYTES", 0)
    monkeypatch.setattr(blocks, "ROWS", 12)
    true = spots(12)
    lon, lat = np.array(true).T
    grid = np.column_stack(project(lon, lat, "EPSG:4546"))
    shifted = [tuple(map(float, wgs84_to_gcj02(*pair))) for pair in true]
    again = [line.replace("LB-", "LC-") for line in stations(list(map(tuple, grid.tolist())))[1:]]
    path = write(tmp_path, "两种.csv", [*stations(shifted), *again])  # type: ignore[arg-type]
    with pytest.raises(IntakeError, match="前后各段的坐标系不同"):
        take_in(office, Order(kind="stations", path=path, crs="doctor"))
    whole = write(tmp_path, "一种.csv", stations(shifted))  # type: ignore[arg-type]
    assert take_in(office, Order(kind="stations", path=whole, crs="doctor")).crs == "doctor:gcj02"
    with connect(office, Login.OWNER) as connection:
        assert connection.scalar(text("SELECT count(*) FROM station")) == 12
