"""Chance that can be repeated: one stream of numbers a county and a subject, and smooth fields."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, spline_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TILE = 256
"""Cells a side of the periodic tile."""
CELLS_PER_WAVE = 12.0
BLUR_CELLS = 3.0


def stream(seed: int, code: str, subject: str) -> np.random.Generator:
    """Return the generator of one subject in one area: another county's size never shifts it."""
    return np.random.default_rng([seed, zlib.crc32(code.encode()), zlib.crc32(subject.encode())])


class Field:
    """A smooth random field with mean 0 and standard deviation 1, periodic far beyond a prefecture's detail.

    Parameters
    ----------
    rng
        Where the field comes from.
    wave_m
        Length of its typical undulation [m].
    """

    def __init__(self, rng: np.random.Generator, wave_m: float) -> None:
        tile = gaussian_filter(rng.standard_normal((TILE, TILE)), BLUR_CELLS, mode="wrap")
        self._tile = spline_filter((tile - tile.mean()) / tile.std(), mode="grid-wrap")
        self._cell_m = wave_m / CELLS_PER_WAVE
        angle = rng.uniform(0.2, 1.3)
        self._turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def at(self, places: Floats) -> Floats:
        """Return the field at `places` (n × 2 [m]); turned, so that its period follows no axis."""
        return np.asarray(
            map_coordinates(
                self._tile, (places @ self._turn).T / self._cell_m, mode="grid-wrap", prefilter=False
            ),
            dtype=np.float64,
        )


def wander(rng: np.random.Generator, places: Floats, octaves: tuple[tuple[float, float], ...]) -> Floats:
    """Return `places` displaced by smooth vector noise; each octave is (wave [m], amplitude [m]).

    Lines that share a point before share it after, so junctions and common borders hold.
    """
    moved = places.copy()
    for wave_m, amplitude_m in octaves:
        for axis in (0, 1):
            moved[:, axis] += amplitude_m * Field(rng, wave_m).at(places)
    return moved
