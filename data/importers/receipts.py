"""The receipt of an import: what was written, what stayed as it was, what was refused and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from data.importers.kinds import TITLES

if TYPE_CHECKING:
    from data.importers.rows import RowError
    from data.upserting import Tally

TABLE_TITLES: Final = {
    "area": "行政区",
    "village": "村（社区）",
    "institution": "机构",
    "pupil_route": "上学路线",
    "water": "水域",
    "station": "点位",
    "station_item": "设施",
    "barrier": "护栏、围栏与盖板",
    "camera": "摄像头",
    "patrol": "巡查",
    "inspection": "排查",
    "hazard": "隐患",
    "child": "儿童",
    "home": "住处",
}
SHOWN_MAX: Final = 20


@dataclass(kw_only=True)
class Receipt:
    """What became of a file; `applied` is false where nothing was written because rows were refused."""

    kind: str
    file_name: str
    crs: str
    batch: int | None = None
    already: int | None = None
    applied: bool = True
    tallies: dict[str, Tally] = field(default_factory=dict)
    refused: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def written(self) -> int:
        """Rows inserted or changed, of all tables."""
        return sum(tally.written for tally in self.tallies.values())

    @property
    def unchanged(self) -> int:
        """Rows that were stored just so already."""
        return sum(tally.unchanged for tally in self.tallies.values())

    def document(self) -> dict[str, Any]:
        """Return the receipt for a program that reads it."""
        return {
            "kind": self.kind,
            "file": self.file_name,
            "crs": self.crs,
            "batch": self.batch,
            "already_applied_as": self.already,
            "applied": self.applied,
            "written": self.written,
            "unchanged": self.unchanged,
            "tables": {
                name: {"inserted": tally.inserted, "updated": tally.updated, "unchanged": tally.unchanged}
                for name, tally in self.tallies.items()
            },
            "refused": [
                {
                    "sheet": error.sheet,
                    "row": error.number,
                    "faults": [
                        {
                            "header": fault.header,
                            "value": fault.value,
                            "reason": fault.reason,
                            "remedy": fault.remedy,
                        }
                        for fault in error.faults
                    ],
                }
                for error in self.refused
            ],
            "notes": self.notes,
        }

    def text(self, shown: int = SHOWN_MAX) -> str:
        """Return the receipt as a keeper reads it, with at most `shown` refused rows."""
        lines = [f"{TITLES[self.kind]}：{self.file_name}" + (f"（坐标系 {self.crs}）" if self.crs else "")]
        if self.already is not None:
            lines.append(f"已作为第 {self.already} 批导入，未写入任何内容。")
        elif not self.applied:
            lines.append("有行被拒，按要求整份未写入。")
        elif self.batch is None:
            lines.append("没有可写入的行，未写入任何内容。")
        else:
            lines.append(
                f"第 {self.batch} 批：写入 {self.written}，未变 {self.unchanged}，"
                f"拒收 {len(self.refused)} 行。"
            )
            lines += [
                f"  {TABLE_TITLES[name]}：新增 {tally.inserted}，更新 {tally.updated}，未变 {tally.unchanged}"
                for name, tally in self.tallies.items()
            ]
        if self.refused:
            lines.append(f"拒收 {len(self.refused)} 行：")
            lines += [f"  {error}" for error in self.refused[:shown]]
            if len(self.refused) > shown:
                lines.append(f"  ……另有 {len(self.refused) - shown} 行，见 --json。")
        lines += [f"注意：{note}" for note in self.notes[:shown]]
        if len(self.notes) > shown:
            lines.append(f"注意：……另有 {len(self.notes) - shown} 条，见 --json。")
        return "\n".join(lines)
