"""Outlines that say EPSG:4326 and are GCJ-02 are known by the villages that fall out of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from geo import datum
from geo.doctor.outlines import diagnose_outlines

WEST, SOUTH, STEP = 110.5, 26.5, 0.2


def squares() -> np.ndarray[Any, Any]:
    return np.array(
        [
            shapely.box(WEST + i * STEP, SOUTH + j * STEP, WEST + (i + 1) * STEP, SOUTH + (j + 1) * STEP)
            for i in range(3)
            for j in range(3)
        ],
        dtype=object,
    )


def villages(count: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    chance = np.random.default_rng(2)
    x, y = chance.uniform(0, 3, count), chance.uniform(0, 3, count)
    return (x.astype(int) * 3 + y.astype(int)).astype(np.int64), WEST + x * STEP, SOUTH + y * STEP


@pytest.mark.parametrize(
    ("system", "there"), [("gcj02", datum.wgs84_to_gcj02), ("bd09", datum.wgs84_to_bd09), ("cgcs2000", None)]
)
def test_outlines_are_known_by_the_villages_within(system: str, there: Any) -> None:
    own, lon, lat = villages(600)
    drawn = squares()
    if there is not None:
        drawn = shapely.transform(drawn, lambda xy: np.column_stack(there(xy[:, 0], xy[:, 1])))
    found = diagnose_outlines(np.asarray(drawn, dtype=object), own, lon, lat)
    assert (found.system, found.confidence) == (system, "certain")
    assert found.outside[system] == 0


def test_a_few_villages_far_from_borders_cannot_tell() -> None:
    own = np.arange(9, dtype=np.int64)
    middles = shapely.get_coordinates(shapely.centroid(squares()))
    found = diagnose_outlines(squares(), own, middles[:, 0], middles[:, 1])
    assert found.system == "insufficient"


def test_outlines_without_any_village_are_not_judged() -> None:
    none = np.full(3, -1, dtype=np.int64)
    found = diagnose_outlines(squares(), none, np.zeros(3), np.zeros(3))
    assert (found.system, found.places) == ("insufficient", 0)
