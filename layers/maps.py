"""Maps: the only module that imports folium, behind the text encoder and with local assets alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import folium
import numpy as np
import shapely
from folium.elements import JSCSSMixin
from folium.template import Template

from geo.crs import require_geographic
from layers.assets import ROUTE, SCRIPTS, STYLES
from layers.text import Encoded, safe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from layers.palette import Style

Bounds = tuple[float, float, float, float]
"""west, south, east, north [degrees]."""

DISPLAY_TOLERANCE_DEG: Final = 0.00006
"""About 6 m: what is drawn may be simpler than what is stored and measured."""
DISPLAY_DECIMALS: Final = 5
MAX_ZOOM: Final = 18
_UNUSED: Final = frozenset(
    {
        "jquery", "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css",
        "awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css",
    }
)  # fmt: skip
"""What folium's Map names and our maps never use."""

Features = dict[str, Any]
Overlay = folium.FeatureGroup
"""What is laid over a drawn map; other modules name it without importing folium."""


class OutsideAssetError(Exception):
    """A map element names a script or style that this server does not hold."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer, drawn in the order of the list; either `features` or the address of our own route."""

    name: str
    kind: Literal["shape", "label"] = "shape"
    styles: Mapping[str, Style] = field(default_factory=dict)
    features: Features | None = None
    url: str | None = None
    told: bool = True
    bubbles: bool = True
    from_zoom: int = 0

    def drawn(self) -> dict[str, object]:
        """Return what the browser is told."""
        return {
            "name": safe_text(self.name),
            "kind": self.kind,
            "styles": {key: style.drawn() for key, style in self.styles.items()},
            "data": self.features,
            "url": self.url,
            "told": self.told and self.kind == "shape",
            "bubbles": self.bubbles,
            "from_zoom": self.from_zoom,
        }


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A whole map: what it shows first, its layers and the notes in its corner."""

    bounds: Bounds
    layers: Sequence[Layer]
    notes: Sequence[str] = ()
    base_map: str | None = None


def compose(picture: Picture) -> folium.Map:
    """Return a folium map whose every text is encoded and whose every asset is local."""
    use_local_assets()
    west, south, east, north = picture.bounds
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=10,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        attribution_control=False,
        font_size="13px",
        max_zoom=MAX_ZOOM,
        min_zoom=5,
        height="100%",
    )
    drawn.options["maxZoom"] = MAX_ZOOM
    drawn.add_child(_Drawing(_spec(picture)))
    require_local(drawn)
    return drawn


def selection(shape: shapely.Geometry, style: Style) -> folium.FeatureGroup:
    """Return a highlight that is laid over a map without drawing the map again."""
    group = folium.FeatureGroup(name="selection", control=False)
    chosen = json.loads(shapely.to_geojson(_rounded(np.array([shape], dtype=object))[0]))
    options = {"color": style.color, "weight": style.weight, "opacity": style.opacity, "fill": False}
    options["interactive"] = False
    marker = folium.CircleMarker(radius=style.radius, fill=False)
    group.add_child(folium.GeoJson(chosen, style_function=lambda _: options, marker=marker))
    return group


def features(frame: gpd.GeoDataFrame, *, key: str, lines: Callable[[Any], Iterable[object]]) -> Features:
    """Return the rows of a geographic frame as encoded GeoJSON.

    `frame[key]` names each row's style; `lines(row)` gives its tooltip, the first line as the title.
    """
    require_geographic(frame, "frame")
    if frame.empty:
        return {"type": "FeatureCollection", "features": []}
    shapes = _rounded(simplified(frame.geometry.to_numpy()))
    texts = shapely.to_geojson(shapes)
    told = (tuple(safe_text(line) for line in lines(row)) for row in frame.itertuples(index=False))
    rows = [
        {"type": "Feature", "properties": {"k": str(kind), "t": list(text)}, "geometry": json.loads(shape)}
        for kind, text, shape in zip(frame[key].to_numpy(), told, texts, strict=True)
    ]
    return {"type": "FeatureCollection", "features": rows}


def packed(found: Features) -> bytes:
    """Return features as the bytes of a layer route."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def simplified(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return lines and areas with fewer vertices, for display alone."""
    thin: np.ndarray[Any, Any] = shapely.simplify(shapes, DISPLAY_TOLERANCE_DEG, preserve_topology=True)
    return thin


def bounds_of(*frames: gpd.GeoDataFrame, margin_deg: float = 0.002) -> Bounds | None:
    """Return what holds every frame, or None where all are empty."""
    filled = [frame.total_bounds for frame in frames if not frame.empty]
    if not filled:
        return None
    stacked = np.vstack(filled)
    west, south = stacked[:, :2].min(axis=0) - margin_deg
    east, north = stacked[:, 2:].max(axis=0) + margin_deg
    return float(west), float(south), float(east), float(north)


def nearest_row(frame: gpd.GeoDataFrame, lon: float, lat: float, *, within_deg: float = 2e-5) -> int | None:
    """Return the position of the point that was clicked: the browser reports a mark's own coordinates."""
    if frame.empty:
        return None
    off = np.hypot(frame.geometry.x.to_numpy() - lon, frame.geometry.y.to_numpy() - lat)
    best = int(off.argmin())
    return best if off[best] <= within_deg else None


@cache
def use_local_assets() -> None:
    """Replace the addresses of every folium class once; an address left over fails `require_local`."""
    for kind in _mixins(JSCSSMixin):
        kind.default_js = [
            (name, SCRIPTS.get(name, url)) for name, url in kind.default_js if name not in _UNUSED
        ]
        kind.default_css = [
            (name, STYLES.get(name, url)) for name, url in kind.default_css if name not in _UNUSED
        ]


def require_local(drawn: folium.Map) -> None:
    """Raise `OutsideAssetError` if any element of the map would be fetched from elsewhere."""
    for element in _walk(drawn):
        for name, url in [*getattr(element, "default_js", []), *getattr(element, "default_css", [])]:
            if not url.startswith(f"{ROUTE}/"):
                raise OutsideAssetError(f"{type(element).__name__}: {name} is not held by this server")


class _Drawing(JSCSSMixin):
    """Hands the layers to `anlan.draw` in layers/browser/map.js."""

    default_js: list[tuple[str, str]] = [  # noqa: RUF012 - folium's own shape
        ("leaflet-fullscreen", SCRIPTS["leaflet-fullscreen"]),
        ("anlan", SCRIPTS["anlan"]),
    ]
    default_css: list[tuple[str, str]] = [  # noqa: RUF012 - folium's own shape
        ("leaflet-fullscreen_css", STYLES["leaflet-fullscreen_css"]),
        ("anlan_css", STYLES["anlan_css"]),
    ]
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "anlan.draw({{ this._parent.get_name() }}, {{ this.spec|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, spec: dict[str, object]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # folium carries no types
        self._name = "Drawing"
        self.spec = spec


def _spec(picture: Picture) -> dict[str, object]:
    west, south, east, north = picture.bounds
    notes: list[Encoded] = [safe_text(note) for note in picture.notes if note]
    return {
        "bounds": [[south, west], [north, east]],
        "max_zoom": 16,
        "base": picture.base_map,
        "notes": notes,
        "layers": [layer.drawn() for layer in picture.layers],
    }


def _rounded(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rounded: np.ndarray[Any, Any] = shapely.transform(shapes, lambda xy: np.round(xy, DISPLAY_DECIMALS))
    return rounded


def _mixins(kind: Any) -> Iterable[Any]:  # noqa: ANN401 - folium carries no types
    yield kind
    for child in kind.__subclasses__():
        yield from _mixins(child)


def _walk(element: Any) -> Iterable[Any]:  # noqa: ANN401 - folium carries no types
    yield element
    for child in element._children.values():  # noqa: SLF001 - folium offers no other way down
        yield from _walk(child)


def table_text(frame: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a column as plain text with blanks where nothing is stored."""
    return frame[column].astype("string").fillna("").astype(str)
