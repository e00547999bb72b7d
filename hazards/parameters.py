"""The parameters of judgement: frozen, self-checking, each default with its source (建议值: ours)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from hazards.judged import Checked, Definition, ParameterError, cited, proposed
from hazards.protection_rules import BarrierRule, Closes, Equipment, PatrolRule, Survival, TrackRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GUANGXI = "Injury Prevention 2007;13(3):178: 广西 1–14 岁溺亡者 62 % 距家或学校 500 米以内"
UNDER_FIVE = "BMC Public Health 2020 s12889-020-09650-0: 五岁以下溺亡者 71.6 % 居所距水 100 米以内"
SMALL_CELLS = "门槛规则、区间保护：Hundepool 等 Statistical Disclosure Control (2012)；数值为平台建议值"
ROSPA = "RoSPA FAQ 334 (2010): 间距 100 米，任一处距设备不超过 50 米"


@dataclass(frozen=True, kw_only=True)
class ExposureDistances(Checked):
    """A bank is exposed if it lies within this distance of a place: distance_m <= limit."""

    home: float = cited(500.0, "岸线暴露距离：儿童住所", "m", GUANGXI)
    school: float = cited(500.0, "岸线暴露距离：学校", "m", GUANGXI)
    village: float = proposed(500.0, "岸线暴露距离：居民点", "m")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Hold every distance above zero."""
        yield min(self.home, self.school, self.village) > 0, "exposure_m: every distance must be above 0"


@dataclass(frozen=True, kw_only=True)
class ClassDistances(Checked):
    """Class A within these distances of a school or settlement, else class B within this one of a home."""

    school: float = proposed(500.0, "重点水域（A 类）距学校", "m")
    village: float = proposed(500.0, "重点水域（A 类）距居民点", "m")
    home: float = proposed(500.0, "一般水域（B 类）距儿童住所", "m")


@dataclass(frozen=True, kw_only=True)
class Reach(Checked):
    """Metres along the bank, each way, that one valid station covers."""

    A: float = cited(50.0, "点位覆盖半程：A 类水域", "m", ROSPA)
    B: float = proposed(100.0, "点位覆盖半程：B 类水域", "m")
    C: float = proposed(250.0, "点位覆盖半程：C 类水域", "m")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Hold a stricter class to the shorter reach."""
        yield self.A > 0, "reach_m.A: must be above 0"
        yield self.A <= self.B <= self.C, "reach_m: a stricter class must not reach further (A ≤ B ≤ C)"


@dataclass(frozen=True, kw_only=True)
class VerifyDays(Checked):
    """Days after which a check no longer proves anything: valid if checked_days <= window."""

    A_season: int = proposed(7, "复核期限：A 类水域，高发季", "d")
    A_other: int = proposed(30, "复核期限：A 类水域，其余月份", "d")
    B_season: int = proposed(14, "复核期限：B 类水域，高发季", "d")
    B_other: int = proposed(60, "复核期限：B 类水域，其余月份", "d")
    C_season: int = proposed(30, "复核期限：C 类水域，高发季", "d")
    C_other: int = proposed(90, "复核期限：C 类水域，其余月份", "d")
    small_season: int = proposed(14, "复核期限：水井、小水塘，高发季", "d")
    small_other: int = proposed(60, "复核期限：水井、小水塘，其余月份", "d")


@dataclass(frozen=True, kw_only=True)
class Season(Checked):
    """Months of the short verification windows, both included."""

    first_month: int = proposed(5, "高发季首月", "month")
    last_month: int = proposed(9, "高发季末月", "month")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Hold a season inside one year."""
        yield 1 <= self.first_month <= self.last_month <= 12, "season: 1 ≤ first month ≤ last month ≤ 12"  # noqa: PLR2004


@dataclass(frozen=True, kw_only=True)
class PlaceWeight(Checked):
    """How much one place counts where it exposes a bank."""

    home: float = proposed(1.0, "暴露权重：每名儿童的住所", "")
    boarder_share: float = proposed(
        0.45, "暴露权重：寄宿生一年中在家的天数比例（周末与假期；学期 40 周、每周在家 2 天，约 165 天）", ""
    )
    pupil: float = proposed(0.05, "暴露权重：机构内每名儿童（每处至少按一名住所计）", "")
    village: float = proposed(1.0, "暴露权重：居民点", "")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Keep a share a share."""
        yield self.boarder_share <= 1.0, "place_weight.boarder_share: at most 1"


@dataclass(frozen=True, kw_only=True)
class SmallRing(Checked):
    """Wells and small ponds: one sign, a pole or a rope, and a cover or fence; one set covers the ring."""

    perimeter_m: float = proposed(100.0, "水井、小水塘：周长小于", "m")
    cover_required: bool = proposed(default=True, label="水井、小水塘须有盖板或围栏", unit="")
    fenced_share: float = proposed(0.9, "水井、小水塘：围栏至少围住岸线的比例", "")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Keep the share a share."""
        yield 0 < self.fenced_share <= 1, "small_ring.fenced_share: above 0 and at most 1"


@dataclass(frozen=True, kw_only=True)
class Snap(Checked):
    """How far from its bank a thing may stand and still belong to it: distance_m <= limit."""

    station: float = proposed(50.0, "点位距岸上限", "m")
    barrier: float = proposed(15.0, "护栏距岸上限", "m")
    patrol: float = proposed(30.0, "巡查轨迹距岸上限", "m")


@dataclass(frozen=True, kw_only=True)
class Sharing(Checked):
    """How homes count in what other bureaus see: together, between marks that stand whoever lives there."""

    homes_at_least: int = proposed(5, "共用图层：一段岸线至少有几名儿童住在附近才计入暴露", "")
    step_m: float = proposed(100.0, "共用图层：按住所计的暴露岸线以此间距分段", "m")

    changes_at_least: int = proposed(5, "共用图层：一个乡镇至少有几户变动，才在季初更新", "")
    changes_at_once: int = proposed(20, "共用图层：一个乡镇至少有几户变动，可随时更新", "")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Keep a home among others, a mark apart from the next, and one change among others."""
        yield self.changes_at_least >= 3, "sharing.changes_at_least: at least 3"  # noqa: PLR2004
        yield (
            self.changes_at_once >= self.changes_at_least,
            "sharing.changes_at_once: not below changes_at_least",
        )
        yield self.homes_at_least >= 3, "sharing.homes_at_least: at least 3, or a gap's end is an address"  # noqa: PLR2004
        yield self.step_m >= 1.0, "sharing.step_m: at least 1 m"


@dataclass(frozen=True, kw_only=True)
class Tables(Checked):
    """What a table of children by township withholds, and how seldom one of its rows changes."""

    children_at_least: int = proposed(5, "乡镇统计表：少于几名儿童的格不公布", "", SMALL_CELLS)
    width: int = proposed(5, "乡镇统计表：不公布的格，据其余各格推算的上下限至少相差", "", SMALL_CELLS)
    changes_at_least: int = proposed(5, "乡镇统计表：每种分类至少有几名儿童变动，该乡镇才更新", "")
    solver_s: float = proposed(600.0, "乡镇统计表：每步推算至多用时，超过则本季度暂不公布", "s")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Hide one child among others, in one table and between two."""
        yield self.children_at_least >= 3, "tables.children_at_least: at least 3"  # noqa: PLR2004
        yield self.width >= 3, "tables.width: at least 3"  # noqa: PLR2004
        yield self.changes_at_least >= 3, "tables.changes_at_least: at least 3"  # noqa: PLR2004
        yield self.solver_s > 0, "tables.solver_s: must be above 0"


@dataclass(frozen=True, kw_only=True)
class ToddlerProfile(Checked):
    """T, 0–4 at home: within distances_m[i] of home the weight is weights[i]."""

    distances_m: tuple[float, ...] = proposed(
        (20.0, 50.0, 100.0, 200.0), "0–4 岁：距住所分段", "m", UNDER_FIVE
    )
    weights: tuple[float, ...] = proposed((1.0, 0.8, 0.6, 0.2), "0–4 岁：分段权重", "", UNDER_FIVE)

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Hold one weight to a distance, distances rising, weights not rising."""
        yield len(self.distances_m) == len(self.weights), "profile_t: one weight for each distance"
        yield list(self.distances_m) == sorted(set(self.distances_m)), "profile_t: distances must rise"
        yield list(self.weights) == sorted(self.weights, reverse=True), "profile_t: weights must not rise"


@dataclass(frozen=True, kw_only=True)
class PupilProfile(Checked):
    """P, 5–11: any water near home, school or the route between them."""

    distance_m: float = cited(500.0, "5–11 岁：距家或学校", "m", GUANGXI)
    route_m: float = proposed(50.0, "5–11 岁：距上学路线", "m")
    weight: float = proposed(1.0, "5–11 岁：权重", "")


@dataclass(frozen=True, kw_only=True)
class YouthProfile(Checked):
    """Y, 12–16: rivers, reservoirs and known swimming places."""

    distance_m: float = proposed(2000.0, "12–16 岁：距河流、水库、野泳点", "m")
    weight: float = proposed(1.0, "12–16 岁：权重", "")
    incident_factor: float = proposed(2.0, "12–16 岁：曾有事故的倍数", "")


@dataclass(frozen=True, kw_only=True)
class Parameters(Checked):
    """Everything that the assessment judges by; `Parameters()` holds the defaults."""

    crossing_limit_m: float = proposed(20.0, "河宽超过此值，两岸分别计算", "m")
    well_diameter_m: float = proposed(1.5, "未记录宽度的水井直径", "m")
    min_gap_m: float = proposed(1.0, "短于此值的缺口不列出", "m")
    cover_factor: float = proposed(0.5, "有盖板或围栏时的暴露权重系数", "")
    exposure_m: ExposureDistances = field(default_factory=ExposureDistances)
    class_distance_m: ClassDistances = field(default_factory=ClassDistances)
    place_weight: PlaceWeight = field(default_factory=PlaceWeight)
    sharing: Sharing = field(default_factory=Sharing)
    tables: Tables = field(default_factory=Tables)
    reach_m: Reach = field(default_factory=Reach)
    verify_days: VerifyDays = field(default_factory=VerifyDays)
    season: Season = field(default_factory=Season)
    small_ring: SmallRing = field(default_factory=SmallRing)
    snap_m: Snap = field(default_factory=Snap)
    patrol: PatrolRule = field(default_factory=PatrolRule)
    track: TrackRule = field(default_factory=TrackRule)
    closes: Closes = field(default_factory=Closes)
    equipment: Equipment = field(default_factory=Equipment)
    barrier: BarrierRule = field(default_factory=BarrierRule)
    survival: Survival = field(default_factory=Survival)
    profile_t: ToddlerProfile = field(default_factory=ToddlerProfile)
    profile_p: PupilProfile = field(default_factory=PupilProfile)
    profile_y: YouthProfile = field(default_factory=YouthProfile)

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Give a well a rim."""
        yield self.well_diameter_m > 0, "well_diameter_m: must be above 0"


def definitions() -> tuple[Definition, ...]:
    """Return a row for each parameter: key (`reach_m.A`), default, label, unit, source, proposal."""
    default = Parameters()
    rows = []
    for part in fields(default):
        held = getattr(default, part.name)
        leaves = [(f"{part.name}.{leaf.name}", leaf) for leaf in fields(held)] if is_dataclass(held) else None
        rows += [
            Definition(key=key, value=_plain(leaf.default), **leaf.metadata)
            for key, leaf in leaves or [(part.name, part)]
        ]
    return tuple(rows)


def to_mapping(parameters: Parameters) -> dict[str, Any]:
    """Return the flat mapping that JSON can hold: `{"reach_m.A": 50.0, …}`."""
    flat: dict[str, Any] = {}
    for part in fields(parameters):
        held = getattr(parameters, part.name)
        if is_dataclass(held):
            flat |= {f"{part.name}.{leaf.name}": _plain(getattr(held, leaf.name)) for leaf in fields(held)}
        else:
            flat[part.name] = _plain(held)
    return flat


def from_mapping(mapping: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a flat mapping; absent keys keep their default.

    Raises
    ------
    ParameterError
        With every unknown key and every value that cannot be; nothing is corrected silently.
    """
    known = {row.key: row.value for row in definitions()}
    faults = [f"{key}: no such parameter" for key in mapping if key not in known]
    groups: dict[str, dict[str, Any]] = {}
    for key, value in mapping.items():
        if key in known:
            group, _, leaf = key.rpartition(".")
            groups.setdefault(group, {})[leaf] = _typed(value, known[key])
    top = groups.pop("", {})
    for group, values in groups.items():
        kind = type(getattr(Parameters(), group))
        try:
            top[group] = kind(**values)
        except ParameterError as error:
            faults += [fault if fault.startswith(group) else f"{group}.{fault}" for fault in error.faults]
    return _whole(top, faults)


def _whole(top: dict[str, Any], faults: list[str]) -> Parameters:
    try:
        parameters = Parameters(**top)
    except ParameterError as error:
        _refuse([*faults, *error.faults])
    if faults:
        _refuse(faults)
    return parameters


def _refuse(faults: list[str]) -> NoReturn:
    raise ParameterError(faults)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a leaf
    return list(value) if isinstance(value, tuple) else value


def _typed(value: Any, default: Any) -> Any:  # noqa: ANN401 - a leaf as JSON gives it
    if isinstance(default, list):
        return tuple(value) if isinstance(value, list | tuple) else value
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(default, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
