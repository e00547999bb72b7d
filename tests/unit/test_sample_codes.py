"""The real names and codes below the sample, and what is said where they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.sample import codes
from data.sample.faults import SampleError
from data.sample.outlines import counties_of, outlines
from jobs.sample import plan_of

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path) -> None:
    for name, rows in {
        "provinces.csv": ["11,甲市", "43,乙省"],
        "cities.csv": ["1101,市辖区,11", "4305,丙市,43", "4306,丁市,43"],
        "areas.csv": ["430502,戊区,4305,43", "430602,己区,4306,43"],
        "streets.csv": ['430502001,"庚,街道",430502,43,4305', "430602001,辛镇,430602,43,4306"],
        "villages.csv": ["430502001001,壬社区,430502001,43,4305,430502"],
    }.items():
        text = "\n".join(["code,name,rest", *rows])
        (folder / name).write_text(text, "utf-8")


def test_names_are_those_below_the_prefix_in_order_of_code(tmp_path: Path) -> None:
    write(tmp_path)
    found = codes.names(tmp_path, "4305")
    assert found["code"].tolist() == ["4305", "430502", "430502001", "430502001001"]
    assert found["name"].tolist() == ["丙市", "戊区", "庚,街道", "壬社区"]


def test_a_missing_list_is_one_sentence_that_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"缺少行政区划名录 .*villages\.csv.*请先运行 \./anlan up"):
        codes.names(tmp_path, "4305")


def test_a_prefix_without_any_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(SampleError, match="没有以 99 开头"):
        codes.names(tmp_path, "99")


def test_a_smaller_scale_is_part_of_a_larger() -> None:
    county, prefecture, province = (
        set(plan_of(one).counties) for one in ("county", "prefecture", "province")
    )
    assert county < prefecture < province
    assert len(prefecture) == 12
    assert len(province) == 122


def test_a_county_without_outline_is_refused() -> None:
    with pytest.raises(SampleError, match="430599"):
        plan_of("county", "430599")


def test_outlines_are_moved_from_the_shifted_system_to_the_true_one() -> None:
    # 武冈 (domain.md §5) lies in its county; 598-660 m off, the outline's area would still be right.
    frame = outlines(("430581",))
    assert frame.crs is not None
    assert frame.crs.to_epsg() == 4546
    assert 1_400 < frame.area.iloc[0] / 1e6 < 1_700
    assert counties_of("4305")[0] == "430502"
