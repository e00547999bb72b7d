"""Parameters of what protects a bank: layers, patrols, equipment, barriers, and how long things last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hazards.judged import Checked, cited, proposed

if TYPE_CHECKING:
    from collections.abc import Iterator

IRELAND = "Water Safety Ireland (ringbuoys.ie): 救生圈绳长 25 米，不超过 30 米"
HANDLING = "通行经验值（救生圈抛 10–15 米、手持杆 3–5 米），待主管部门核定"
BAND = 5
"""The smallest number of children that other bureaus may tell from none."""
MAYO = "Water Safety Ireland (ringbuoys.ie)：梅奥郡每年约损失 10 % 的救生圈"
THREE = "教基厅函〔2022〕18号：重点水域全岸线以人防、技防、物防覆盖"


@dataclass(frozen=True, kw_only=True)
class PatrolRule(Checked):
    """A patrol counts if it took long enough, walked far enough and is not too old: each limit included."""

    min_minutes: float = proposed(5.0, "有效巡查：最短时长", "min")
    min_walked_m: float = proposed(300.0, "有效巡查：最短里程", "m")
    valid_days: int = proposed(7, "有效巡查：计入天数", "d")


@dataclass(frozen=True, kw_only=True)
class TrackRule(Checked):
    """What of a recorded track was walked: each limit included; steps shorter than the least are no steps."""

    min_step_m: float = proposed(10.0, "巡查轨迹：短于此值的移动视为定位抖动", "m")
    min_step_s: float = proposed(10.0, "巡查轨迹：取点的最短间隔", "s")
    max_step_m: float = proposed(100.0, "巡查轨迹：相邻记录超过此距离的一段视为未记录", "m")
    max_speed_m_s: float = proposed(3.0, "巡查轨迹：快于此值不是步行", "m/s")
    fast_share: float = proposed(0.5, "巡查轨迹：快于步行的里程超过此比例，整段不收", "")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Keep a step a step, and a share a share."""
        yield 0 < self.min_step_m < self.max_step_m, "track: 0 < min_step_m < max_step_m"
        yield self.max_speed_m_s > 0, "track.max_speed_m_s: must be above 0"
        yield self.fast_share <= 1, "track.fast_share: at most 1"


@dataclass(frozen=True, kw_only=True)
class Closes(Checked):
    """Which of the three layers close a gap; the others are reported beside it."""

    physical: bool = cited(default=True, label="物防（点位、护栏、盖板）消除缺口", unit="", source=THREE)
    technical: bool = cited(default=True, label="技防（摄像头）消除缺口", unit="", source=THREE)
    personal: bool = cited(default=True, label="人防（有效巡查）消除缺口", unit="", source=THREE)


@dataclass(frozen=True, kw_only=True)
class Equipment(Checked):
    """How far each item carries: where the water is wider than twice the rope, none reaches its middle."""

    rope_m: float = cited(25.0, "救生绳长度", "m", IRELAND)
    throw_m: float = proposed(15.0, "救生圈抛投距离", "m", HANDLING)
    pole_m: float = proposed(5.0, "救生杆可及距离", "m", HANDLING)


@dataclass(frozen=True, kw_only=True)
class BarrierRule(Checked):
    """A barrier is advised where a school, a settlement or several homes lie this near to a gap."""

    place_m: float = proposed(50.0, "建议设护栏：距学校、居民点或成片住所", "m")
    homes: int = proposed(5, "建议设护栏：成片住所的最少户数", "")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Keep a single home from being told by the advice."""
        yield self.homes >= BAND, f"barrier.homes: must not be below {BAND}, a home could be told"


@dataclass(frozen=True, kw_only=True)
class Survival(Checked):
    """How items get lost: what is believed before any check, and when a place loses too often."""

    yearly_loss: float = cited(0.1, "器材年损失率（尚无检查记录时）", "", MAYO)
    prior_failures: float = proposed(1.0, "先验强度：相当于几次损失", "")
    repeat_losses: int = proposed(2, "多次丢失或损坏：次数", "")
    repeat_days: int = proposed(365, "多次丢失或损坏：统计天数", "d")

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Keep the prior a rate."""
        yield 0 < self.yearly_loss < 1, "survival.yearly_loss: must lie between 0 and 1"
        yield self.prior_failures > 0, "survival.prior_failures: must be above 0"
