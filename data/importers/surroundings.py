"""What is known of the ground before a file comes: outlines, villages and waters, to judge the file by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from data.importers.matching import Gazetteer
from data.storage import areas, villages, waters
from geo.doctor.systems import Region

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from sqlalchemy import Connection

OUTLINED: Final = ("county", "township")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Stored areas, villages and waters of a deployment; everything in EPSG:4490."""

    metric_crs: str
    areas: pd.DataFrame
    outlines: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    waters: gpd.GeoDataFrame

    @cached_property
    def region(self) -> Region | None:
        """Where the deployment is; none where nothing has been stored yet."""
        shapes = [*self.outlines.geometry] or [*self.villages.geometry]
        if not shapes:
            return None
        outline = shapely.union_all([*self.outlines.geometry]) if len(self.outlines) else None
        return Region(
            metric_crs=self.metric_crs, outline=outline or shapely.box(*shapely.total_bounds(shapes))
        )

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names to match rows with."""
        return Gazetteer(self.areas, self.waters)

    @cached_property
    def water_at(self) -> dict[str, int]:
        """Code of a water → its position."""
        return {str(code): at for at, code in enumerate(self.waters["code"])}

    @cached_property
    def village_at(self) -> dict[str, int]:
        """Code of a village → its position."""
        return {str(code): at for at, code in enumerate(self.villages.index)}

    @cached_property
    def outline_at(self) -> dict[str, int]:
        """Code of an outlined area → its position."""
        return {str(code): at for at, code in enumerate(self.outlines.index)}

    @cached_property
    def water_shapes(self) -> NDArray[Any]:
        """Geometries of the waters."""
        return np.asarray(self.waters.geometry.array, dtype=object)


def of(connection: Connection, root: str, metric_crs: str) -> Surroundings:
    """Return what is stored below `root`."""
    found = [areas.outlines(connection, level, root) for level in OUTLINED]
    whole = found[0] if not len(found[1]) else found[1]
    outlines = pd.concat([frame for frame in found if len(frame)]) if any(map(len, found)) else whole
    return Surroundings(
        metric_crs=metric_crs,
        areas=areas.tree(connection, root),
        outlines=outlines,
        villages=villages.villages(connection, root),
        waters=waters.waters(connection, root),
    )
