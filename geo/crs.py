"""The two coordinate systems of the house, and the only place that re-projects.

Geometry is stored in CGCS2000 degrees and measured in a projected system in metres that the deployment
chooses (Shaoyang: EPSG:4546, CGCS2000 3-degree zone, central meridian 111°E).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import shapely
from geopandas.array import GeometryArray
from pyproj import CRS, Geod, Transformer

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

GEOGRAPHIC = "EPSG:4490"
DEFAULT_METRIC = "EPSG:4546"
PSEUDO_MERCATOR_METHOD = "Popular Visualisation Pseudo Mercator"


class Referenced(Protocol):
    """What declares its coordinate system: a frame, a table."""

    @property
    def crs(self) -> Any:  # noqa: ANN401 - whatever a frame carries as its CRS
        """The system, None where it declares none."""


class CrsError(ValueError):
    """A frame is not in the coordinate system that the work needs."""


@lru_cache(maxsize=64)
def crs_of(text: str) -> CRS:
    """Return the coordinate system that a code or a WKT names."""
    return CRS.from_user_input(text)


@lru_cache(maxsize=64)
def _metric_fault(name: str) -> str | None:
    crs = crs_of(name)
    if not crs.is_projected:
        return "is not projected: its coordinates are no metres"
    if any(axis.unit_name not in {"metre", "meter"} for axis in crs.axis_info):
        return "has axes that are not in metres"
    operation = crs.coordinate_operation
    if operation is not None and operation.method_name == PSEUDO_MERCATOR_METHOD:
        # 12.2 % too long at 27°N (domain.md §5).
        return "is Web Mercator: its lengths are too long everywhere but at the equator"
    return None


def metric_fault(crs: Any) -> str | None:  # noqa: ANN401 - whatever a frame carries as its CRS
    """Return why lengths cannot be measured in `crs`, or None where they can."""
    if crs is None:
        return "is not declared"
    return _metric_fault(CRS.from_user_input(crs).srs)


def geographic_fault(crs: Any) -> str | None:  # noqa: ANN401 - whatever a frame carries as its CRS
    """Return why `crs` is not the system of storage, or None where it is."""
    if crs is None:
        return "is not declared"
    if not CRS.from_user_input(crs).equals(crs_of(GEOGRAPHIC), ignore_axis_order=True):
        return f"is not {GEOGRAPHIC}"
    return None


def _refuse(frame: Referenced, name: str, fault: str, remedy: str) -> CrsError:
    found = "none" if frame.crs is None else frame.crs.name
    return CrsError(f"{name}: the coordinate system {fault} (found: {found}). {remedy}")


def require_metric(frame: Referenced, name: str) -> None:
    """Raise `CrsError` unless the frame or table is in a projected system in metres."""
    fault = metric_fault(frame.crs)
    if fault is not None:
        raise _refuse(frame, name, fault, "Bring it to metres with geo.crs.to_metric.")


def require_geographic(frame: Referenced, name: str) -> None:
    """Raise `CrsError` unless the frame is in the system of storage, EPSG:4490."""
    fault = geographic_fault(frame.crs)
    if fault is not None:
        raise _refuse(frame, name, fault, "Bring it to degrees with geo.crs.to_geographic.")


def to_metric(frame: gpd.GeoDataFrame, metric_crs: str = DEFAULT_METRIC) -> gpd.GeoDataFrame:
    """Return the frame in `metric_crs`; raise `CrsError` where either system cannot serve."""
    if frame.crs is crs_of(metric_crs):
        return frame
    fault = metric_fault(metric_crs)
    if fault is not None:
        raise CrsError(f"metric_crs {metric_crs} {fault}. Choose a projected system in metres, such as "
                       f"{DEFAULT_METRIC}.")  # fmt: skip
    if frame.crs is None:
        raise CrsError("The frame declares no coordinate system: it cannot be brought to metres.")
    return _moved(frame, metric_crs)


def to_geographic(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in EPSG:4490; raise `CrsError` where its own system is not declared."""
    if frame.crs is None:
        raise CrsError("The frame declares no coordinate system: it cannot be brought to degrees.")
    return _moved(frame, GEOGRAPHIC)


def moved(shapes: NDArray[Any], from_crs: str, to_crs: str) -> NDArray[Any]:
    """Return plane shapes of one system in another; the same numbers as geopandas gives."""
    if from_crs == to_crs or not len(shapes):
        return shapes
    xy = shapely.get_coordinates(shapes)
    there = _transformer(from_crs, to_crs).transform(xy[:, 0], xy[:, 1])
    if len(xy) == len(shapes) and (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all():
        return np.asarray(shapely.points(*there), dtype=object)  # ten times sooner than to set each
    return np.asarray(shapely.set_coordinates(shapes.copy(), np.column_stack(there)), dtype=object)


@lru_cache(maxsize=64)
def _transformer(from_crs: str, to_crs: str) -> Transformer:
    return Transformer.from_crs(crs_of(from_crs), crs_of(to_crs), always_xy=True)


def _moved(frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    if shapely.has_z(shapes).any() or frame.crs is None:
        return frame.to_crs(crs)
    there = moved(shapes, frame.crs.srs, crs)
    return frame.set_geometry(GeometryArray(there, crs=crs_of(crs)))


def project(
    lon: ArrayLike, lat: ArrayLike, projected: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return east and north [m] in `projected` of positions in EPSG:4490 [degrees]."""
    east, north = _transformer(GEOGRAPHIC, projected).transform(np.asarray(lon), np.asarray(lat))
    return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)


def unproject(
    east: ArrayLike, north: ArrayLike, projected: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude [degrees, EPSG:4490] of positions in `projected` [m].

    A pair that no place on the ground has gives infinities.
    """
    lon, lat = _transformer(projected, GEOGRAPHIC).transform(np.asarray(east), np.asarray(north))
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def geodesic_length_m(line: BaseGeometry) -> float:
    """Return the length [m] of a line in degrees, on the ellipsoid of CGCS2000."""
    return float(Geod(ellps="GRS80").geometry_length(line))
