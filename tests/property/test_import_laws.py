"""Whatever a file holds, it is read whole or refused with a sentence; every row is accounted for."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from data.importers import kinds, sheets
from data.importers.cells import is_blank, plain
from data.importers.guards import Limits
from data.importers.rows import IntakeError, Parsed

if TYPE_CHECKING:
    from pathlib import Path

TABULAR = [kind for kind in kinds.TITLES if kind != "osm"]
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADERS = st.sampled_from(
    [
        "编号", "名称", "经度", "纬度", "救生圈", "绳索", "竹竿", "警示牌", "检查日期", "区划代码", "类型",
        "水域编号", "起点经度", "终点经度", "终点纬度", "开始时间", "结束时间", "发现日期", "隐患等级",
        "办理状态",
        "出生年月", "轮次编号", "机构编号", "可视距离", "朝向", "", "　", "{{ 7 }}", "a/编号", "_x_latitude",
    ]
)  # fmt: skip
CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(
        [
            "1处", "若干", "2024.3.5", "三月五日", "二〇二四年三月五日", "111°28′04″", "１１１．４６", "=1+1",
            "1e400",
            "完好", "\x00", "\ud800", "43050200100100001", 4.3e20, True, None, "-", "99999-99-99", "20240231",
        ]
    ),
)  # fmt: skip


def accounted(rows: int, parsed: Parsed) -> bool:
    """Whether every row became a record or a refusal, and every refusal has its number and its reasons."""
    told = all(
        error.number is not None and error.faults and all(f.reason for f in error.faults)
        for error in parsed.refused
    )
    examples = any("示例" in note for note in parsed.notes)
    return told and (examples or len(parsed.refused) <= rows)


def sound(kind: str, path: Path) -> bool:
    """Whether a file is read with every row accounted for, or refused with a Chinese sentence."""
    try:
        parsed = kinds.read(kind, path, Limits(), "EPSG:4490")
    except IntakeError as fault:
        return "：" in str(fault) or "。" in str(fault)
    return accounted(path.stat().st_size, parsed)


@QUICK
@given(
    kind=st.sampled_from(TABULAR),
    headers=st.lists(HEADERS, min_size=2, max_size=12),
    rows=st.lists(st.lists(CELLS, max_size=12), max_size=6),
)
def test_a_sheet_of_anything_is_records_and_refusals(
    kind: str, headers: list[str], rows: list[list[Any]]
) -> None:
    sheet = sheets.Sheet(name="表", first_row=1, cells=[headers, *rows])
    found, _ = sheets.rows(sheet, kind)
    parsed = kinds.parse(kind, found, Parsed(kind=kind, crs=""))
    assert accounted(len(found), parsed)


@QUICK
@given(cell=st.one_of(st.text(max_size=6), st.integers(), st.floats(), st.booleans(), st.none()))
def test_a_cell_is_blank_exactly_where_its_text_is_empty(cell: object) -> None:
    assert is_blank(cell) == (plain(cell) == "")


@QUICK
@given(content=st.binary(max_size=400), kind=st.sampled_from(TABULAR))
def test_bytes_that_call_themselves_a_table_are_read_or_refused(
    content: bytes, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号,经度,纬度\n".encode() + content)
    assert sound(kind, path)


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "经度", "纬度", "救生圈"])
    sheet.append(["A", 111.4, 27.2, 1])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WHOLE = workbook()
KML = b"<kml><Placemark><name>a</name><Point><coordinates>111.4,27.2</coordinates></Point></Placemark></kml>"
GEOJSON = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"A"},'
    b'"geometry":{"type":"Point","coordinates":[111.4,27.2]}}]}'
)


@SLOW
@given(data=st.data(), name=st.sampled_from(["a.xlsx", "a.kml", "a.geojson"]))
def test_a_file_with_some_bytes_changed_is_read_or_refused_with_a_sentence(
    data: st.DataObject, name: str, tmp_path: Path
) -> None:
    content = bytearray({"a.xlsx": WHOLE, "a.kml": KML, "a.geojson": GEOJSON}[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    assert sound("waters", path)


@pytest.mark.parametrize("suffix", [".xlsx", ".kmz", ".zip"])
def test_an_archive_that_unpacks_into_too_much_is_refused_before_anything_parses_it(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (70 * 1024 * 1024))
    with pytest.raises(IntakeError, match=r"解开后超过|压缩"):
        kinds.opened(path, Limits())
