"""The work list of unplaced records: what it says where a record knows nothing of its file."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from pages.intake import unplaced_view


@pytest.mark.parametrize("raw", [None, float("nan"), ""])
def test_a_record_that_no_file_brought_says_nothing_of_one(raw: object) -> None:
    found = gpd.GeoDataFrame(
        {
            "code": ["S1", "S2"],
            "name": ["塘", "河"],
            "area_code": ["430502001", "430502001"],
            "position_method": ["village", "derived"],
            "raw_position": np.array([raw, "（无坐标：乙镇，丙村，水域 W1）"], dtype=object),
        },
        geometry=[Point(111.4, 27.2), Point(111.5, 27.2)],
        crs=4490,
    )
    assert unplaced_view.table(found, {})["文件所写"].tolist() == ["", "乙镇，丙村，水域 W1"]
    assert ("文件所写", "—") in unplaced_view.told(found.iloc[0])
