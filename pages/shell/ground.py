"""The ground that every map of the program stands on, and its drawing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from streamlit_folium import st_folium

from layers.maps import Layer, Picture, compose, features, packed
from layers.palette import AREA, PLACES, PROTECTION, WATERS, WAYS
from pages.shell import frames, parcels, territory
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.maps import Bounds, Overlay
    from pages.door.desk import Viewer

HEIGHT_PX = 520
EMBEDDED = 40
WHOLE_CHINA: Bounds = (97.0, 20.0, 124.0, 46.0)
"""Shown where nothing is stored yet."""


def show(  # noqa: PLR0913 - keyword-only, each with a meaning of its own
    viewer: Viewer,
    layers: Sequence[Layer],
    *,
    key: str,
    height: int = HEIGHT_PX,
    returned: Sequence[str] = (),
    look: tuple[float, float, int] | None = None,
    over: Overlay | None = None,
    around: Bounds | None = None,
) -> dict[str, Any]:
    """Draw a map over the viewer's area and return what the reader did on it (names of `returned`).

    The map shows what lies `around`, else the viewer's area. `look` (lon, lat, zoom) moves the drawn map
    without drawing it again, and so does `over`.
    """
    listed = [_posted(viewer, layer) for layer in (*ground(viewer), *layers)]
    picture = Picture(
        bounds=around or bounds(viewer), layers=listed, notes=notes(viewer), base_map=base_map()
    )
    said = st_folium(
        compose(picture),
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=list(returned),
        center=(look[1], look[0]) if look else None,
        zoom=look[2] if look else None,
        feature_group_to_add=over,
    )
    return said or {}


def ground(viewer: Viewer) -> list[Layer]:
    """Return outline, parts with their names, and the waters (fetched by the browser)."""
    around = territory.outline(viewer).assign(k="area")
    parts = territory.parts(viewer).assign(k="part")
    middles = parts.assign(geometry=parts.representative_point())
    layers = [
        Layer(name="行政区", styles=AREA, features=features(around, key="k", lines=lambda _: ()), told=False),
        Layer(name="下级区", styles=AREA, features=features(parts, key="k", lines=lambda _: ()), told=False),
    ]
    if viewer.may("waters", "read"):
        layers.append(Layer(name="水域", styles=WATERS, url=address("waters", viewer)))
    named = features(middles, key="k", lines=lambda row: (row.name,))
    return [*layers, Layer(name="区名", kind="label", features=named, from_zoom=0)]


def villages(viewer: Viewer) -> Layer:
    """Return villages, shown once a county fills the map."""
    return Layer(name="村（居）", styles=PLACES, url=address("villages", viewer), from_zoom=10)


def schools(viewer: Viewer) -> Layer:
    """Return institutions as squares."""
    return Layer(name="机构", styles=PLACES, url=address("schools", viewer), from_zoom=9)


def routes(viewer: Viewer, *, from_zoom: int = 10) -> Layer:
    """Return the ways to school, shown once a county fills the map unless told otherwise."""
    return Layer(name="上学路线", styles=WAYS, url=address("routes", viewer), from_zoom=from_zoom)


def banks(viewer: Viewer) -> list[Layer]:
    """Return the gaps, and above them the covered stretches: the fewer of the two stay visible."""
    return [
        Layer(name="缺口", styles=PROTECTION, url=address("gaps", viewer)),
        Layer(name="已覆盖岸线", styles=PROTECTION, url=address("covered", viewer)),
    ]


def _posted(viewer: Viewer, layer: Layer) -> Layer:
    # A map of thousands of features in the page itself would be rendered three times by folium, at every run.
    if layer.features is None or len(layer.features["features"]) <= EMBEDDED:
        return layer
    name = parcels.leave(viewer, packed(layer.features))
    return dataclasses.replace(layer, features=None, url=f"/parcel/{name}")


def address(name: str, viewer: Viewer) -> str:
    """Return the address of a layer of our own; the version in it makes a changed layer a new map."""
    return f"/layer/{name}?v={frames.version(viewer)}"


def bounds(viewer: Viewer) -> Bounds:
    """Return what a map shows first."""
    return territory.extent(viewer) or WHOLE_CHINA


def notes(viewer: Viewer) -> list[str]:
    """Return the words in a map's corner: internal use, sample data, approval number."""
    sample = "演示数据" if territory.is_sample(viewer) else ""
    return [" · ".join(word for word in ("内部使用", sample, deployment().map_approval) if word)]


def base_map() -> str | None:
    """Return the configured base map where its datum is ours; a shifted one would lie by 600 m."""
    settings = deployment()
    return settings.base_map_url if settings.base_map_datum in {"cgcs2000", "wgs84"} else None
