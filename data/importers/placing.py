"""The rows of an opened file put on the ground: as declared, as diagnosed, or by their words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.engine import Login, connect
from data.importers import diagnosis, duplicates, kinds, surroundings, unplaced
from data.importers.diagnosis import DOCTOR, Examined
from data.importers.orders import scope_of
from data.importers.rows import CrsContradictedError, CrsUnknownError
from data.storage import hazards, institutions, stations, waters
from data.storage.unplaced import placed as stored_places
from geo.doctor.outlines import diagnose_outlines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd

    from data.importers.kinds import Opened
    from data.importers.orders import Order
    from data.importers.rows import Parsed, Row, Sheaf
    from data.importers.surroundings import Surroundings
    from data.settings import Settings
    from geo.doctor.outlines import OutlineVerdict

STORED: Final[dict[str, Callable[..., gpd.GeoDataFrame]]] = {
    "stations": stations.stations,
    "institutions": institutions.institutions,
    "waters": waters.waters,
    "hazards": hazards.comparable,
}
KIND_WORDS: Final = {
    "institutions": "institution_kind",
    "waters": "water_kind",
    "hazards": "hazard_domain",
}
"""Which words tell kinds of record apart, where a near one of another kind is another thing."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The rows of a file with the diagnosis of their numbers; `unknown` is why nobody knows their system."""

    sheaf: Sheaf
    unknown: str
    examined: Examined | None = None
    outlines: OutlineVerdict | None = None
    doubles: list[list[Any]] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    """What is said of rows of the file itself that may be one record."""

    @property
    def decided(self) -> str:
        """The system of outlines where the villages within leave no doubt; else nothing."""
        return self.outlines.system if self.outlines and self.outlines.confidence == "certain" else ""

    @property
    def contradicts(self) -> bool:
        """Whether the evidence leaves no doubt that the system that was named is a wrong one."""
        if self.unknown or self.sheaf.crs.startswith(f"{DOCTOR}:"):
            return False
        if self.decided:
            return self.decided != "cgcs2000"
        found = self.examined.diagnosis if self.examined else None
        return found is not None and found.contradicts and found.certainty == "certain"

    def document(self) -> dict[str, Any] | None:
        """Return the diagnosis as a page shows it."""
        if self.examined is None:
            return None
        return self.examined.document(applied=self.sheaf.crs.startswith(f"{DOCTOR}:"))


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is stored where the rows of a file may lie, and of their own kind."""

    around: Surroundings
    stored: gpd.GeoDataFrame | None


def ground_of(settings: Settings, order: Order) -> Ground:
    """Return what the rows of a file are placed and judged by."""
    stored = STORED.get(order.kind)
    with connect(settings, Login.IMPORTER, scope_of(settings, order), readonly=True) as connection:
        return Ground(
            around=surroundings.of(connection, settings.area_code, settings.metric_crs),
            stored=stored(connection, settings.area_code) if stored else None,
        )


def place(
    settings: Settings,
    order: Order,
    found: Opened,
    said: Mapping[str, Any] | None = None,
    ground: Ground | None = None,
) -> Placed:
    """Return the rows of a file where they lie; `order.crs` may be `doctor`, `said` the keeper's word.

    `ground` spares asking for it again.

    Raises
    ------
    IntakeError
        If the file as a whole cannot be read.
    """
    kind, declared = order.kind, None if order.crs == DOCTOR else order.crs
    try:
        sheaf, unknown = kinds.sheaf_of(kind, found, declared, order.learned), ""
    except CrsUnknownError as fault:
        sheaf, unknown = fault.sheaf, str(fault)
    if kind == "osm":
        return Placed(sheaf=sheaf, unknown=unknown)
    ground = ground or ground_of(settings, order)
    around, stored = ground.around, ground.stored
    if kind == "areas":
        if not unknown:
            return _outlined(sheaf, around)
        # The villages are asked about the degrees as they were written.
        asked = _outlined(kinds.sheaf_of(kind, found, "wgs84", order.learned), around)
        if order.crs != DOCTOR or not asked.decided:
            sheaf = replace(sheaf, notes=[*sheaf.notes, *asked.sheaf.notes])
            return replace(asked, sheaf=sheaf, unknown=unknown)
        placed = _outlined(kinds.sheaf_of(kind, found, asked.decided, order.learned), around)
        return replace(placed, sheaf=replace(placed.sheaf, crs=f"{DOCTOR}:{asked.decided}"))
    tabular = found.form in kinds.TABULAR
    hint = declared if tabular else ("cgcs2000" if not unknown else None)
    examined = None
    if tabular or not unknown:
        examined = diagnosis.examine(sheaf.rows, around, kind, declared=hint, said=said)
    if unknown and order.crs == DOCTOR and examined is not None and tabular:
        keys = sorted({str(key) for key in examined.diagnosis.system} - {"", "outside"})
        sheaf = replace(sheaf, rows=examined.applied(), crs=f"{DOCTOR}:{'+'.join(keys)}")
        unknown = ""
    if not unknown:
        rows, notes = unplaced.settle(sheaf.rows, around, kind)
        rows, more = _kept(settings, order, kind, rows, around)
        notes += more
        sheaf = replace(sheaf, rows=rows, notes=[*sheaf.notes, *notes, *_warnings(examined, sheaf)])
    doubles, inside = [], []
    if stored is not None and not unknown:
        doubles = duplicates.proposals(sheaf.rows, stored, settings.metric_crs, KIND_WORDS.get(kind))
        rows, doubles, notes = duplicates.settled(sheaf.rows, doubles, (said or {}).get("same") or ())
        inside = duplicates.among(rows, stored, settings.metric_crs, KIND_WORDS.get(kind))
        sheaf = replace(sheaf, rows=rows, notes=[*sheaf.notes, *notes])
    return Placed(sheaf=sheaf, unknown=unknown, examined=examined, doubles=doubles, inside=inside)


def _kept(
    settings: Settings, order: Order, kind: str, rows: list[Row], around: Surroundings
) -> tuple[list[Row], list[str]]:
    """Return the rows with the places that are stored already, where the file has words alone."""
    if kind not in unplaced.KEPT or not unplaced.rough(rows):
        return rows, []
    with connect(settings, Login.IMPORTER, scope_of(settings, order), readonly=True) as connection:
        return unplaced.kept(rows, stored_places(connection, unplaced.KEPT[kind]), around)


def settled(placed: Placed, order: Order) -> Parsed:
    """Return the records of rows whose reference system is settled.

    Raises
    ------
    CrsUnknownError
        If there are coordinates and nobody said in which system, with what the doctor found.
    CrsContradictedError
        If the rows leave no doubt that the system is another than was named, unless the giver insists.
    """
    said = "".join(placed.sheaf.notes[-1:])
    if placed.unknown:
        raise CrsUnknownError(f"{placed.unknown}{said}", placed.sheaf, placed.document())
    if placed.contradicts and not order.despite:
        raise CrsContradictedError(
            f"{order.path.name} 的坐标与坐标系 {placed.sheaf.crs} 不符，未写入任何内容：{said}",
            placed.document(),
        )
    return kinds.parsed_of(order.kind, placed.sheaf)


def _warnings(examined: Examined | None, sheaf: Sheaf) -> list[str]:
    if examined is None or sheaf.crs.startswith(DOCTOR) or not examined.diagnosis.contradicts:
        return []
    return [f"坐标诊断与所选坐标系（{sheaf.crs}）不一致：请查看“坐标诊断”后再确认写入。"]


def _outlined(sheaf: Sheaf, around: Surroundings) -> Placed:
    """Ask the stored villages whether the outlines of a file are in the system that it claims."""
    held = [row for row in sheaf.rows if row.shape is not None and row.shape.geom_type.endswith("Polygon")]
    if not held or not len(around.villages):
        return Placed(sheaf=sheaf, unknown="")
    verdict = outlines_of(held, around)
    shifted = verdict.system in {"gcj02", "bd09"}
    notes = list(sheaf.notes)
    if shifted:
        before, after = verdict.outside["cgcs2000"], verdict.outside[verdict.system]
        outside = f"{before} 个村落在自己的边界之外，按 {verdict.system} 为 {after} 个"
        notes.append(
            f"边界像是 {verdict.system}（{outside}，共 {verdict.places} 个村）：请改选坐标系后重新检查。"
        )
    return Placed(sheaf=replace(sheaf, notes=notes), unknown="", outlines=verdict)


def outlines_of(rows: list[Row], around: Surroundings) -> OutlineVerdict:
    """Return the verdict on outlines by code, of the villages whose code begins with theirs."""
    codes = {str(row.cells.get("code", "")).strip(): at for at, row in enumerate(rows)}
    own = np.full(len(around.villages), -1, dtype=np.int64)
    for at, code in enumerate(map(str, around.villages.index)):
        for size in range(len(code) - 1, 3, -1):
            if code[:size] in codes:
                own[at] = codes[code[:size]]
                break
    points = shapely.get_coordinates(np.asarray(around.villages.geometry.array, dtype=object))
    shapes = np.array([row.shape for row in rows], dtype=object)
    return diagnose_outlines(shapes, own, points[:, 0], points[:, 1])
