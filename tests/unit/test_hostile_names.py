"""Each hostile name through each way out of the program: everywhere it is text, and nowhere anything else."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from docx import Document
from shapely.geometry import LineString

from geo.crs import GEOGRAPHIC
from jobs.intake import safe_name
from layers import document, geofile, workbook
from layers.handouts import Handout
from layers.legend import legend
from layers.maps import Layer, Picture, compose, features, packed
from layers.palette import PROTECTION, Style
from layers.strip import Strip, strip
from pages.door.notices import page
from pages.shell import blocks
from tests.hostile import ALL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Reading(HTMLParser):
    """A browser's view of markup: its tags, attributes and what a person reads."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _bar(name: str) -> str:
    return blocks.bars([name], [blocks.Bar(name=name, share=0.5, cells=(name,))])


BLOCKS: Final[dict[str, Callable[[str], str]]] = {
    "masthead": lambda name: blocks.masthead(name, name, demo=True),
    "title": lambda name: blocks.title(name, name),
    "figures": lambda name: blocks.figures([blocks.Figure(label=name, value=name, unit=name, note=name)]),
    "tasks": lambda name: blocks.tasks([blocks.Task(text=name, count=name, link="/water")]),
    "bars": _bar,
    "listing": lambda name: blocks.listing([name], [(name,)]),
    "compared": lambda name: blocks.compared([name, name], [(name, name)]),
    "facts": lambda name: blocks.facts([(name, name)]),
    "gallery": lambda name: blocks.gallery([blocks.Photo(address="/photo/1", lines=(name, name))]),
    "empty": lambda name: blocks.empty(name, name),
    "said": lambda name: blocks.said(name, "bad"),
    "heading": blocks.heading,
    "remark": blocks.remark,
    "link": lambda name: blocks.link(name, "/water"),
    "legend": lambda name: legend([Style(label=name, color="#000000")]),
    "strip": lambda name: strip(
        Strip(name=name, length_m=100.0, ring=False, covered=(), gaps=((0.0, 9.0),), marks=())
    ),
}


def _handout(name: str) -> Handout:
    line = gpd.GeoSeries([LineString([(111.0, 27.0), (111.001, 27.0)])], crs=GEOGRAPHIC)
    return Handout(
        name="gaps",
        title="岸线缺口",
        table=pd.DataFrame({"编号": ["1"], "名称": [name]}, dtype=object),
        shapes=line,
        facts=(("辖区", name),),
        banner=name,
        lines=(name,),
        lead=(name,),
        footnotes=(name,),
    )


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_a_page_shows_the_name_and_makes_no_tag_of_it(block: str, name: str) -> None:
    plain, seen = Reading(BLOCKS[block]("塘")), Reading(BLOCKS[block](name))
    assert seen.tags == plain.tags
    assert [key for key, _ in seen.attributes] == [key for key, _ in plain.attributes]
    assert any(name in text for text in seen.texts)


@pytest.mark.parametrize("name", ALL)
def test_a_page_of_the_door_shows_the_name_and_makes_no_tag_of_it(name: str) -> None:
    def drawn(text: str) -> Reading:
        return Reading(
            bytes(
                page(
                    "me.html",
                    said=text,
                    fault=text,
                    name=text,
                    login=text,
                    bureau=text,
                    posts=[{"id": 1, "words": text, "now": True}],
                    sessions=[
                        {"id": 1, "device": text, "way": text, "since": text, "last": text, "mine": False}
                    ],
                    link={
                        "id": 1,
                        "subject": text,
                        "issuer": text,
                        "by": text,
                        "at": text,
                        "confirmed": "",
                    },
                    by_password=True,
                    shared=False,
                    enrolled=False,
                    required=False,
                ).body
            ).decode()
        )

    plain, seen = drawn("塘"), drawn(name)
    assert (seen.tags, len(seen.attributes)) == (plain.tags, len(plain.attributes))
    assert sum(name in text for text in seen.texts) >= 5


@pytest.mark.parametrize("name", ALL)
def test_a_map_holds_the_name_for_its_script_alone_and_encoded_within_it(name: str) -> None:
    line = gpd.GeoDataFrame(
        {"kind": ["gap"]}, geometry=[LineString([(111.0, 27.0), (111.1, 27.0)])], crs=GEOGRAPHIC
    )
    found = features(line, key="kind", lines=lambda _: (name, name))
    layer = Layer(name=name, styles=PROTECTION, features=found)
    drawn = compose(Picture(bounds=(111.0, 27.0, 111.2, 27.2), layers=[layer], notes=[name]))
    text = drawn.get_root().render()
    spec = text.split("anlan.draw(", 1)[1].split("</script>", 1)[0]
    spoken = json.loads(spec.split(", ", 1)[1].strip().removesuffix(");").rstrip().removesuffix(");"))
    texts = [spoken["layers"][0]["name"], *spoken["notes"], *found["features"][0]["properties"]["t"]]
    assert json.loads(packed(found))["features"][0]["properties"]["t"] == texts[2:]
    for encoded in texts:
        assert not re.search(r"[<>\"'`$\\{}]", encoded)
        assert Reading(encoded).tags == []
        assert "".join(Reading(encoded).texts) == name


@pytest.mark.parametrize("name", ALL)
def test_a_workbook_holds_the_name_as_text_in_every_cell_and_never_as_a_formula(name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.to_xlsx(_handout(name))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells].count(name) == 5
    assert all(cell.quotePrefix and cell.hyperlink is None for cell in cells if cell.value == name)


@pytest.mark.parametrize("name", ALL)
def test_a_csv_begins_no_cell_with_a_sign_that_a_spreadsheet_acts_upon(name: str) -> None:
    text = workbook.to_csv(_handout(name)).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(text, newline="")))[1][1]
    assert cell.removeprefix("'") == name
    assert not cell.startswith(workbook.ACTING)


@pytest.mark.parametrize("name", ALL)
def test_a_document_holds_the_name_as_runs_of_text(name: str) -> None:
    book = Document(io.BytesIO(document.to_docx(_handout(name))))
    paragraphs = [paragraph.text for paragraph in book.paragraphs]
    assert paragraphs.count(name) == 4
    assert book.tables[0].rows[1].cells[1].text == name
    body = book.element.xml
    assert "w:hyperlink" not in body
    assert "w:fldSimple" not in body
    assert "w:instrText" not in body


@pytest.mark.parametrize("name", ALL)
def test_files_for_map_programs_hold_the_name_as_it_is(name: str, tmp_path: Path) -> None:
    known = json.loads(geofile.to_geojson(_handout(name)))
    assert known["features"][0]["properties"]["名称"] == name
    assert known["说明"]["辖区"] == name
    file = tmp_path / "a.gpkg"
    file.write_bytes(geofile.to_gpkg(_handout(name)))
    assert pyogrio.read_dataframe(file, layer="gaps")["名称"].tolist() == [name]


@pytest.mark.parametrize("name", [*ALL, "..", "", "\x00", "a/../../b.xlsx", "C:\\x\\..\\y.csv"])
def test_the_name_of_an_uploaded_file_is_one_name_and_leads_nowhere(name: str, tmp_path: Path) -> None:
    kept = safe_name(name)
    assert (tmp_path / kept).resolve().parent == tmp_path.resolve()
    assert kept not in {"", ".", ".."}
    (tmp_path / kept).write_text("", "utf-8")


def test_each_of_these_attributes_would_be_seen() -> None:
    seen = Reading("<img src=x onerror=alert(1)>")
    assert (seen.tags, [key for key, _ in seen.attributes]) == (["img"], ["src", "onerror"])
