"""What leaves the house: text stays text in every program, measures read as 桩号, files name their CRS."""

from __future__ import annotations

import datetime as dt
import io
import json
import resource
import tempfile
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import LineString

from layers import geofile, workbook
from layers.handouts import Handout, titled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2",
    "@SUM(1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\t=1",
    "\r=1",
    " =1",
)
FACTS = (("数据性质", "演示数据"), ("数据版本", "=7"))


def handout(*names: str, shapes: bool = True) -> Handout:
    table = pd.DataFrame({"名称": list(names), "长度（米）": [1.5] * len(names)}, dtype=object)
    lines = gpd.GeoSeries([LineString([(111.123456789, 27.2), (111.2, 27.3)])] * len(names), crs="EPSG:4490")
    return Handout(name="gaps", title="岸线缺口", table=table, shapes=lines if shapes else None, facts=FACTS)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_cell_of_a_workbook_is_a_formula(hostile: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.to_xlsx(handout(hostile))))
    cell = book["岸线缺口"]["A2"]
    assert cell.data_type in {"s", "inlineStr"}
    assert str(cell.value).strip() == hostile.strip()
    assert book["说明"]["B2"].data_type == "s"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_cell_of_a_csv_begins_as_a_formula(hostile: str) -> None:
    assert str(workbook.neutral(hostile)).startswith("'")


def test_numbers_stay_numbers_and_dates_dates() -> None:
    assert workbook.neutral(-2.5) == -2.5
    table = pd.DataFrame({"数": [-2.5], "日": [dt.date(2024, 3, 5)], "空": [None]}, dtype=object)
    made = Handout(name="x", title="表", table=table)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.to_xlsx(made)))["表"]
    assert [cell.value for cell in sheet[2]] == [-2.5, dt.datetime(2024, 3, 5), None]  # noqa: DTZ001


def test_control_marks_do_not_break_a_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.to_xlsx(handout("塘\x00\x0b边"))))
    assert book["岸线缺口"]["A2"].value == "塘边"


def test_a_csv_opens_in_a_spreadsheet_as_utf8() -> None:
    assert workbook.to_csv(handout("塘")).startswith(b"\xef\xbb\xbf")


def test_a_geojson_is_rfc_7946_and_says_what_it_is() -> None:
    document = json.loads(geofile.to_geojson(handout("塘")))
    assert "crs" not in document
    assert document["说明"]["数据性质"] == "演示数据"
    assert "4490" in document["说明"]["坐标"]
    assert document["features"][0]["geometry"]["coordinates"][0] == [111.1234568, 27.2]


def test_a_geopackage_carries_the_crs_and_the_facts(tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    file.write_bytes(geofile.to_gpkg(handout("塘", "=1")))
    assert pyogrio.read_info(file, layer="gaps")["crs"] == "EPSG:4490"
    assert pyogrio.read_dataframe(file, layer="说明")["项目"].tolist() == ["数据性质", "数据版本"]


@pytest.mark.parametrize("write", [workbook.to_xlsx, geofile.to_gpkg], ids=["xlsx", "gpkg"])
def test_no_byte_of_a_file_with_children_can_reach_a_disk(write: Callable[[Handout], bytes]) -> None:
    made = handout(*(f"塘{number}" for number in range(3000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Whoever writes one byte to a file now gets a fault from the system.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        content = write(made)
        with tempfile.TemporaryFile(buffering=0) as file, pytest.raises(OSError, match="too large"):
            file.write(b"x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(content) > 10_000


def test_a_handout_without_shapes_is_no_map() -> None:
    with pytest.raises(geofile.NoShapesError):
        geofile.to_geojson(handout("塘", shapes=False))


def test_a_gap_reads_in_chainage_beside_metres() -> None:
    frame = pd.DataFrame({"from_m": [120.4], "to_m": [1550.0], "reason": ["other_bank"], "side": ["left"]})
    row = titled("gaps", frame).iloc[0].to_dict()
    assert row == {
        "岸别": "左岸",
        "起点桩号": "K0+120",
        "止点桩号": "K1+550",
        "起点（米）": 120.4,
        "止点（米）": 1550.0,
        "原因": "点位在对岸",
    }


def test_an_empty_result_is_an_empty_file_of_each_form() -> None:
    empty = handout()
    assert json.loads(geofile.to_geojson(empty))["features"] == []
    assert workbook.to_csv(empty).decode("utf-8-sig").splitlines() == ["名称,长度（米）"]
    assert workbook.to_xlsx(empty)
    assert geofile.to_gpkg(empty)
