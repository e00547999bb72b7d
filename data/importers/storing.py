"""Records into tables: areas and references resolved, doubles set aside, one upsert a set of columns."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from data.importers.locating import STEPS, Tree
from data.importers.rows import Fault, Parsed, Record, RowError
from data.schema.children import child
from data.schema.inspections import inspection_round
from data.schema.institutions import institution
from data.schema.stations import station
from data.schema.tables import metadata
from data.schema.waters import water
from data.storage import (
    areas,
    barriers,
    children,
    hazards,
    inspections,
    institutions,
    stations,
    villages,
    waters,
)
from data.upserting import Tally, areas_by_code, codes_unseen, compare, ids_by_code
from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection, Table

    from data.engine import Scope

LOCATED: Final = frozenset(
    {
        "institution",
        "pupil_route",
        "water",
        "station",
        "barrier",
        "camera",
        "patrol",
        "hazard",
        "child",
        "home",
    }
)
KEYS: Final = {
    "station_item": ("_station_code", "kind"),
    "home": ("_child_code",),
    "inspection": ("_round_code", "_institution_code"),
}
STORED_KEYS: Final = {
    "station_item": ("station_id", "kind"),
    "home": ("child_id",),
    "inspection": ("round_id", "institution_id"),
}
DEPENDENT: Final = frozenset({"station_item", "home"})
"""Where rows with one key differ, what they belong to differs too, and is refused under its own key."""
SOURCE: Final = frozenset({"source_sheet", "source_row", "_row"})
REFERENCES: Final = {
    "_water_code": ("water_id", water, "没有编号为此的水域"),
    "_institution_code": ("institution_id", institution, "没有编号为此的机构"),
    "_round_code": ("round_id", inspection_round, "没有编号为此的排查轮次"),
}
PARENTS: Final = {
    "_station_code": ("station_id", station),
    "_child_code": ("child_id", child),
}
WRITERS: Final[dict[str, Callable[..., Tally]]] = {
    "area": areas.upsert_areas,
    "village": villages.upsert_villages,
    "institution": institutions.upsert_institutions,
    "pupil_route": institutions.upsert_routes,
    "water": waters.upsert_waters,
    "station": stations.upsert_stations,
    "station_item": stations.upsert_items,
    "barrier": barriers.upsert_barriers,
    "camera": barriers.upsert_cameras,
    "patrol": barriers.upsert_patrols,
    "inspection": inspections.upsert_inspections,
    "hazard": hazards.upsert_hazards,
    "child": children.upsert_children,
    "home": children.upsert_homes,
}
ORDER: Final = tuple(WRITERS)
STATING: Final = ("_area_code", *(name for name, _ in STEPS))
"""What a row says of its area."""
NEEDED_OF_CHILD: Final = ("code", "area_code", "category", "birth_month")
PARTS: Final = "parts"
"""Items and homes whose station or child was refused."""


class Store:
    """One import being stored within one transaction; `refused` gathers what the database's state refuses.

    Without a batch it is a trial: the same checks and the same counts, and nothing is written.
    """

    def __init__(self, connection: Connection, scope: Scope, batch: int | None) -> None:
        self.connection = connection
        self.scope = scope
        self.batch = batch
        self.tallies: dict[str, Tally] = {}
        self.refused: list[RowError] = []
        self.notes: list[str] = []
        self._gone: dict[str, set[str]] = {}
        self._ground: Tree | None = None
        self._targets: dict[str, dict[str, int]] = {}

    def put(self, parsed: Parsed) -> None:
        """Store the tables of a file, or of a piece of it, those first that others point at."""
        waiting = dict(parsed.tables)
        self._put_areas(waiting.pop("area", []))
        tree = self._tree() if any(waiting.get(table) for table in LOCATED) else None
        for table in ORDER:
            records = self._single(table, self._kept(table, waiting.get(table, [])))
            if tree is not None and table in LOCATED:
                records = self._passed(tree.looked_up(records), lambda record: self._located(record, tree))
            records = self._owned(records) if table in DEPENDENT else self._referenced(records)
            if table == "inspection":
                records = self._at_institutions(records)
            if table == "hazard":
                records = self._by_the_loop(records)
            records = self._not_of_others(table, records)
            if records:
                self._write(table, records)
        if tree is not None:
            self.notes += tree.warnings
            tree.warnings.clear()

    def _tree(self) -> Tree:
        if self._ground is None:
            self._ground = self._read_tree()
        return self._ground

    def _read_tree(self) -> Tree:
        root = self.scope.area_code
        outlines = pd.concat(
            [areas.outlines(self.connection, level, root) for level in ("prefecture", "county", "township")]
        )
        return Tree(
            root=root,
            areas=areas.tree(self.connection, root),
            outlines=gpd.GeoDataFrame(outlines, geometry="geometry", crs=GEOGRAPHIC),
            villages=villages.villages(self.connection, root),
        )

    def _put_areas(self, records: list[Record]) -> None:
        if not records:
            return
        self._ground = None
        stored = areas.tree(self.connection)
        given = {record["code"] for record in records}
        records = self._single("area", records)
        codes = set(stored.index) | {record["code"] for record in records}

        def completed(record: Record) -> Record:
            code = record["code"]
            name = record["name"] or stored["name"].get(code)
            if not isinstance(name, str) or not name:
                raise _error(record, "name", f"新的区划 {code} 没有名称", "请先导入带名称的区划表")
            if not code.startswith(self.scope.area_code) and not self.scope.area_code.startswith(code):
                raise _error(record, "code", f"不在本区域 {self.scope.area_code} 之内", "请核对区划代码")
            parents = [code[:size] for size in range(len(code) - 1, 1, -1) if code[:size] in codes]
            return record | {"name": name, "parent_code": parents[0] if parents else None}

        passed = self._passed(records, completed)
        self._gone["village"] = given - {record["code"] for record in passed}
        # A parent stands before its children, whatever columns each of them has.
        for size in sorted({len(record["code"]) for record in passed}):
            self._write("area", [record for record in passed if len(record["code"]) == size])

    def _kept(self, table: str, records: list[Record]) -> list[Record]:
        gone = self._gone.get(table)
        return [record for record in records if str(record.get("code", "")) not in gone] if gone else records

    def _single(self, table: str, records: list[Record]) -> list[Record]:
        """Return each record once; where one key has different data, all its rows are refused."""
        keys = KEYS.get(table, ("code",))
        named = list(map(itemgetter(*keys), records))
        if len(set(named)) == len(named):
            return records
        groups: dict[Any, list[Record]] = {}
        for name, record in zip(named, records, strict=True):
            groups.setdefault(name, []).append(record)
        single = []
        for group in groups.values():
            if all(_facts(other) == _facts(group[0]) for other in group[1:]):
                single.append(group[0])
                if len(group) > 1 and "code" in keys:
                    self.notes.append(f"{len(group)} 行完全相同，只写入一次。")
                continue
            if table in DEPENDENT:
                continue
            rows = "、".join(str(record["source_row"]) for record in group)
            self._gone.setdefault(PARTS, set()).add(str(group[0].get("code", "")))
            self.refused += [
                _error(record, "code", f"同一编号在第 {rows} 行内容不同，均未写入", "请只保留一行")
                for record in group
            ]
        return single

    def _located(self, record: Record, tree: Tree) -> Record:
        code = tree.locate(record)
        if not code.startswith(self.scope.area_code):
            raise _error(record, "area_code", "不在授权区域之内", "请联系有权的单位导入")
        record["area_code"] = code  # the record is a copy that the look-up made
        return record

    def _not_of_others(self, table: str, records: list[Record]) -> list[Record]:
        """Set aside rows whose code belongs to a record of another area: an import takes nobody's record."""
        if table not in LOCATED or table in DEPENDENT or not records:
            return records
        codes = [record["code"] for record in records]
        held = areas_by_code(self.connection, metadata.tables[table], codes)
        foreign = frozenset(code for code, area in held.items() if not area.startswith(self.scope.area_code))
        for record in records:
            # Without words for it the place tells the township alone: a village once stated stays.
            found = held.get(record["code"], "")
            if found.startswith(record["area_code"]) and not any(record.get(name) for name in STATING):
                record["area_code"] = found
        if table == child.name:
            # A sealed child and one of another area answer alike: the file's giver sees neither.
            tried = _frame(NEEDED_OF_CHILD, records)
            foreign |= codes_unseen(self.connection, child, tried, self.scope.area_code)

        def own(record: Record) -> Record:
            if record["code"] in foreign:
                raise _error(record, "code", "这个编号已属于另一区域的记录", "请核对编号，或由该区域更新")
            return record

        return self._passed(records, own) if foreign else records

    def _at_institutions(self, records: list[Record]) -> list[Record]:
        lying = institutions.area_codes(self.connection)

        def placed(record: Record) -> Record:
            code = lying[record["institution_id"]]
            if not code.startswith(self.scope.area_code):
                raise _error(record, "institution_code", "不在授权区域之内", "请联系有权的单位导入")
            return record | {"area_code": code}

        return self._passed(records, placed)

    def _by_the_loop(self, records: list[Record]) -> list[Record]:
        """Set aside rows that would move a hazard on: that is done with evidence, by those it is due to."""
        stored = hazards.states(self.connection, [record["code"] for record in records])

        def unmoved(record: Record) -> Record:
            held = stored.get(record["code"])
            if held is not None and held != record["state"]:
                raise _error(
                    record, "state", "与系统内的办理状态不同", "交办、整改、复查、销号须在系统内办理"
                )
            return record

        return self._passed(records, unmoved)

    def _owned(self, records: Iterable[Record]) -> list[Record]:
        """Return items and homes with the id of what they belong to; those of a refused row fall away."""
        owned = list(records)
        for name, (column, table) in PARENTS.items():
            if any(name in record for record in owned):
                ids = ids_by_code(self.connection, table, list({record[name] for record in owned}))
                if self.batch is None:
                    # In a trial the owners are not written: those to come get ids that nothing has.
                    fresh = [one for one in dict.fromkeys(r[name] for r in owned) if one not in ids.index]
                    ids = pd.concat([ids, pd.Series(range(-len(fresh), 0), index=fresh, dtype="int64")])
                gone = self._gone.get(PARTS, set())
                numbers = dict(zip(ids.index, ids.tolist(), strict=True))
                owned = [
                    record | {column: numbers[record[name]]}
                    for record in owned
                    if record[name] in numbers and record[name] not in gone
                ]
        return owned

    def _referenced(self, records: list[Record]) -> list[Record]:
        for name, (column, table, reason) in REFERENCES.items():
            if not any(record.get(name) for record in records):
                continue
            records = self._passed(records, _Resolver(name, column, reason, self._ids(table)))
        return records

    def _ids(self, table: Table) -> dict[str, int]:
        if table.name not in self._targets:
            found = ids_by_code(self.connection, table)
            self._targets[table.name] = {str(code): int(number) for code, number in found.items()}
        return self._targets[table.name]

    def _passed(self, records: list[Record], step: Callable[[Record], Record]) -> list[Record]:
        passed = []
        for record in records:
            try:
                passed.append(step(record))
            except RowError as error:
                self.refused.append(error)
                self._gone.setdefault(PARTS, set()).add(str(record.get("code", "")))
        return passed

    def _write(self, table: str, records: list[Record]) -> None:
        alike: dict[tuple[str, ...], list[Record]] = {}
        for record in records:
            alike.setdefault(tuple(record), []).append(record)
        groups: dict[tuple[str, ...], list[Record]] = {}
        for names, part in alike.items():
            columns = tuple(sorted(name for name in names if not name.startswith("_")))
            groups[columns] = groups[columns] + part if columns in groups else part
        for columns, group in groups.items():
            frame = _frame(columns, group)
            if self.batch is None:
                keys = STORED_KEYS.get(table, ("code",))
                tally = compare(self.connection, metadata.tables[table], frame, keys)
            else:
                tally = WRITERS[table](self.connection, frame, self.batch)
            before = self.tallies.get(table, Tally())
            self.tallies[table] = Tally(
                inserted=before.inserted + tally.inserted,
                updated=before.updated + tally.updated,
                unchanged=before.unchanged + tally.unchanged,
            )


class _Resolver:
    def __init__(self, name: str, column: str, reason: str, ids: dict[str, int]) -> None:
        self.name, self.column, self.reason, self.ids = name, column, reason, ids

    def __call__(self, record: Record) -> Record:
        code = record.get(self.name)
        if not code:
            return record
        if code not in self.ids:
            raise _error(record, self.name[1:], self.reason, "请先导入，或改正编号")
        return record | {self.column: self.ids[code]}


def _frame(columns: tuple[str, ...], records: list[Record]) -> pd.DataFrame:
    data = {name: pd.Series([record[name] for record in records], dtype=object) for name in columns}
    if "geom" not in data:
        return pd.DataFrame(data)
    shapes = gpd.GeoSeries(data.pop("geom").to_list(), crs=GEOGRAPHIC)
    frame: pd.DataFrame = gpd.GeoDataFrame(data, geometry=shapes, crs=GEOGRAPHIC)
    return frame


def _facts(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in SOURCE}


def _error(record: Record, column: str, reason: str, remedy: str) -> RowError:
    row = record.get("_row")
    if row is not None:
        error: RowError = row.error(row.fault(column, reason, remedy))
        return error
    fault = Fault(header=column, value=str(record.get("code", "")), reason=reason, remedy=remedy)
    return RowError(str(record.get("source_sheet", "")), None, (fault,))
