"""OpenStreetMap extracts (.osm.pbf): waters, institutions, life rings, and a code tree of places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.importers import osm_tags
from data.importers.osm_places import code_tree
from data.importers.rows import Fault, IntakeError, Parsed, RowError
from data.importers.shapes import ShapeError, checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.importers.rows import Record

SOURCE: Final = "© OpenStreetMap contributors, ODbL"
MARGIN_DEG: Final = 0.02
"""How far beyond its outline (about 2 km) a working area keeps the waters that leave it."""
PART_MIN_DEG: Final = 1e-4
"""A piece of a line outside the surface that it runs through is kept from about 10 m on."""


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What becomes of an extract: a working area with a tree of its own, or records in the stored areas."""

    area_code: str | None = None
    area_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One object of the extract that means something here."""

    code: str
    tags: dict[str, str]
    shape: Any
    origin: str
    """node, way or relation."""


def read(path: Path, extract: Extract) -> Parsed:
    """Return the records of an extract.

    Raises
    ------
    IntakeError
        If the file cannot be read, or holds nothing of use.
    """
    things, refused = _things(path)
    tables: dict[str, list[Record]] = {}
    region = None
    if extract.area_code:
        tree = code_tree(things, extract.area_code, extract.area_name or extract.area_code, _box(things))
        tables |= tree
        region = tree["area"][0]["geom"].buffer(MARGIN_DEG)
    tables |= {
        "institution": list(_institutions(things)),
        "water": _waters(things, region),
        "station": [],
        "station_item": [],
    }
    for record, item in _stations(things):
        tables["station"].append(record)
        tables["station_item"].append(item)
    if not any(tables.values()):
        raise IntakeError(f"{path.name} 里没有水域、机构、救生圈或地名：请换一个摘录。")
    tagging = Counter(way for thing in things for way in osm_tags.life_ring_tags(thing.tags))
    notes = [f"来源：{SOURCE}。"]
    if tagging:
        notes.append("救生圈标签：" + "、".join(f"{name}（{n}）" for name, n in tagging.items()) + "。")
    return Parsed(kind="osm", crs="EPSG:4326", tables=tables, refused=refused, notes=notes)


def _things(path: Path) -> tuple[list[Thing], list[RowError]]:
    import osmium

    processor = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_areas(osmium.filter.KeyFilter(*osm_tags.SURFACE_KEYS))
        .with_filter(osmium.filter.EmptyTagFilter())
        .with_filter(osmium.filter.KeyFilter(*osm_tags.KEYS))
    )
    factory = osmium.geom.WKBFactory()
    things: list[Thing] = []
    refused: list[RowError] = []
    try:
        for item in processor:
            tags = dict(item.tags)
            if not osm_tags.of_use(tags):
                continue
            made = _made(item, factory, tags)
            if made is None:
                continue
            code, wkb, origin = made
            if wkb is None:
                cut = Fault(header="图形", value="", reason="在摘录边缘被截断，缺少节点")
                refused.append(RowError(code, None, (cut,)))
                continue
            try:
                shape = checked(shapely.from_wkb(wkb))
            except ShapeError as error:
                refused.append(
                    RowError(code, None, (Fault(header="图形", value="", reason=str(error)),)),
                )
                continue
            things.append(Thing(code=code, tags=tags, shape=shape, origin=origin))
    except (RuntimeError, ValueError) as error:
        raise IntakeError(f"{path.name} 不是完好的 .osm.pbf：请重新下载摘录。") from error
    return things, refused


def _made(item: Any, factory: Any, tags: dict[str, str]) -> tuple[str, str | None, str] | None:  # noqa: ANN401 - osmium carries no types
    if item.is_node():
        return f"osm-n{item.id}", factory.create_point(item), "node"
    if item.is_area():
        origin = "way" if item.from_way() else "relation"
        if not osm_tags.is_surface(tags):
            return None
        return f"osm-{origin[0]}{item.orig_id()}", _drawn(factory.create_multipolygon, item), origin
    if item.is_way() and osm_tags.line_kind(tags) and not (item.is_closed() and osm_tags.is_surface(tags)):
        return f"osm-w{item.id}", _line(item), "way"
    return None


def _line(way: Any) -> str | None:  # noqa: ANN401
    """Return the longest piece of a way whose nodes the extract holds: it may be cut at the edge."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        elif runs[-1]:
            runs.append([])
    longest = max(runs, key=len)
    if len(set(longest)) < 2:  # noqa: PLR2004 - the ends of a line
        return None
    found: str = shapely.to_wkb(shapely.LineString(longest), hex=True)
    return found


def _drawn(draw: Any, item: Any) -> str | None:  # noqa: ANN401
    try:
        found: str = draw(item)
    except RuntimeError:
        return None
    return found


def _waters(things: list[Thing], region: Any) -> list[Record]:  # noqa: ANN401 - a surface or nothing
    """Return the waters; one that leaves the region of a working area ends there."""
    surfaces = [thing for thing in things if osm_tags.surface_kind(thing.tags) and thing.origin != "node"]
    records = []
    for thing in surfaces:
        parts = _within(thing.shape, region)
        if not parts:
            continue
        shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        records.append(_water(thing, thing.code, str(osm_tags.surface_kind(thing.tags)), shape))
    records += [
        _water(thing, thing.code, "well", thing.shape)
        for thing in things
        if thing.origin == "node" and thing.tags.get("man_made") == "water_well"
    ]
    tree = shapely.STRtree([thing.shape for thing in surfaces])
    for thing in things:
        kind = osm_tags.line_kind(thing.tags)
        if kind and thing.shape.geom_type == "LineString":
            pieces = [piece for line in _within(thing.shape, region) for piece in _outside(line, tree)]
            for number, piece in enumerate(pieces, start=1):
                code = thing.code if len(pieces) == 1 else f"{thing.code}-{number}"
                records.append(_water(thing, code, kind, piece))
    return records


def _within(shape: Any, region: Any) -> list[Any]:  # noqa: ANN401
    """Return the parts of a line or surface inside the region; nobody lives where it is cut."""
    if region is None or region.covers(shape) or not region.intersects(shape):
        return list(shapely.get_parts(shape))
    parts = shapely.get_parts(shape.intersection(region))
    kinds = {"LineString"} if shape.geom_type == "LineString" else {"Polygon"}
    return [part for part in parts if part.geom_type in kinds and part.length >= PART_MIN_DEG]


def _outside(line: Any, surfaces: shapely.STRtree) -> list[Any]:  # noqa: ANN401
    """Return the pieces of a centre line outside the surfaces that already have banks of their own."""
    near = surfaces.query(line, predicate="intersects")
    if not len(near):
        return [line]
    left = line.difference(shapely.union_all(surfaces.geometries[near]))
    pieces = [part for part in shapely.get_parts(left) if part.length >= PART_MIN_DEG]
    return pieces if len(pieces) != 1 or pieces[0].length < line.length else [line]


def _water(thing: Thing, code: str, kind: str, shape: Any) -> Record:  # noqa: ANN401
    return {
        "code": code,
        "name": osm_tags.name(thing.tags) or osm_tags.water_name(kind, thing.tags),
        "kind": kind,
        "geom": shape,
        "width_m": osm_tags.width_m(thing.tags) if shape.geom_type == "LineString" else None,
        "depth_m": osm_tags.depth_m(thing.tags),
    } | _source(thing)


def _institutions(things: list[Thing]) -> Iterator[Record]:
    for thing in things:
        kind = osm_tags.institution_kind(thing.tags)
        if kind:
            yield (
                {
                    "code": thing.code,
                    "name": osm_tags.name(thing.tags) or osm_tags.institution_name(kind),
                    "kind": kind,
                    "geom": _middle(thing.shape),
                    "headcount": osm_tags.capacity(thing.tags),
                }
                | _source(thing)
            )


def _middle(shape: Any) -> Any:  # noqa: ANN401
    return shape if shape.geom_type == "Point" else shape.representative_point()


def _stations(things: list[Thing]) -> Iterator[tuple[Record, Record]]:
    for thing in things:
        if osm_tags.life_ring_tags(thing.tags):
            station = {
                "code": thing.code,
                "name": osm_tags.name(thing.tags) or "救生圈",
                "geom": _middle(thing.shape),
            }
            item = {
                "_station_code": thing.code,
                "kind": "lifebuoy",
                "state": "unverified",
                "verified_on": None,
                "note": "OpenStreetMap",
            }
            yield station | _source(thing), item


def _source(thing: Thing) -> Record:
    return {
        "source_sheet": f"OpenStreetMap {thing.origin}",
        "source_row": None,
        "raw_position": None,
        "position_method": "derived" if thing.origin != "node" and thing.shape.area else "stated",
    }


def _box(things: list[Thing]) -> Any:  # noqa: ANN401
    bounds = shapely.total_bounds(np.array([thing.shape for thing in things], dtype=object))
    if not np.isfinite(bounds).all():
        raise IntakeError("摘录里没有可用的要素：请换一个摘录。")
    return shapely.box(*bounds)
