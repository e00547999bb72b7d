"""The three flood rounds of the year, the inspections of each institution and their checklist items."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from data.sample.chance import stream
from data.sample.checklist import checklist

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.sample.basin import Basin

ROUNDS: Final = (
    ("before", "汛前排查", (3, 1), (3, 31), 0.95),
    ("during", "汛中巡查", (6, 1), (8, 31), 0.86),
    ("after", "汛后核查", (10, 1), (11, 10), 0.78),
)
"""Kind, name, opens, closes, share of institutions reached by the end."""
INSPECTED: Final = ("school", "kindergarten", "welfare", "protection")
FINDINGS: Final = {"normal": 0.925, "abnormal": 0.022, "not_applicable": 0.038, "unchecked": 0.015}


def rounds(prefecture: str, year: int) -> pd.DataFrame:
    """Return inspection_round of one year; ids 1 to 3."""
    return pd.DataFrame(
        [
            {
                "id": number, "code": f"{prefecture}-{year}-{kind}", "kind": kind,
                "name": f"{year}年{name}（演示）", "year": year, "area_code": prefecture,
                "opens_on": dt.date(year, *opens),
                "closes_on": dt.date(year, *closes),
            }
            for number, (kind, name, opens, closes, _) in enumerate(ROUNDS, 1)
        ]
    )  # fmt: skip


def inspections(
    ground: Basin, county: str, institutions: pd.DataFrame, as_of: dt.date
) -> dict[str, pd.DataFrame]:
    """Return inspection and inspection_item of one county, in the state that `as_of` finds them."""
    rng = stream(ground.seed, county, "inspections")
    visited = institutions[institutions["kind"].isin(INSPECTED)]
    frames = [_of_round(rng, number, visited, as_of) for number in range(len(ROUNDS))]
    made = pd.concat(frames, ignore_index=True)
    made["id"] = np.arange(1, len(made) + 1)
    made["team"] = [f"第{one}组" for one in rng.integers(1, 7, len(made))]
    return {"inspection": made, "inspection_item": _items(rng, made)}


def _of_round(rng: np.random.Generator, number: int, visited: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    _, _, opens, closes, reached = ROUNDS[number]
    first, last = (np.datetime64(dt.date(as_of.year, *day), "D") for day in (opens, closes))
    today = np.datetime64(as_of, "D")
    count = len(visited)
    planned = first + rng.integers(0, (last - first).astype(int) + 1, count)
    late = np.where(rng.random(count) < 0.7, 0, rng.integers(0, 9, count))
    done_on = planned + late
    done = (rng.random(count) < reached) & (done_on <= today)
    state = np.where(done, "done", np.where(last < today, "missed", "planned"))
    return pd.DataFrame(
        {
            "round_id": number + 1,
            "institution_id": visited["id"].to_numpy(),
            "area_code": visited["area_code"].to_numpy(),
            "state": state,
            "planned_on": planned,
            "done_on": np.where(done, done_on, np.datetime64("NaT")),
        }
    )


def _items(rng: np.random.Generator, made: pd.DataFrame) -> pd.DataFrame:
    codes: NDArray[np.object_] = checklist()["code"].to_numpy(dtype=object)
    done = made.loc[made["state"] == "done", "id"].to_numpy()
    count = len(done) * len(codes)
    finding = rng.choice(list(FINDINGS), count, p=list(FINDINGS.values()))
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "inspection_id": np.repeat(done, len(codes)),
            "item_code": np.tile(codes, len(done)),
            "finding": finding,
            "note": np.where(finding == "abnormal", "现场发现异常，已拍照（演示）", ""),
        }
    )
