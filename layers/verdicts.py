"""The verdict of the coordinate doctor in words, for pages and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Tone = Literal["good", "warn", "bad"]
SYSTEMS: Final = {
    "cgcs2000": "国家 2000 / WGS84 经纬度",
    "gcj02": "GCJ-02（微信、高德、腾讯）",
    "bd09": "BD-09（百度）",
    "packed_dms": "度.分秒连写（111.2804 即 111°28′04″）",
    "metric": "国家 2000 平面，本地分带",
    "zone3": "国家 2000 平面，3 度带加带号",
    "zone6": "国家 2000 平面，6 度带加带号",
    "zone6_plain": "国家 2000 平面，6 度带",
    "neighbour_west": "国家 2000 平面，误用西邻 3 度带",
    "neighbour_east": "国家 2000 平面，误用东邻 3 度带",
    "utm": "UTM 平面（手持 GPS）",
    "mercator": "网络地图平面（墨卡托）",
}
CERTAINTIES: Final = {"certain": "证据充分", "likely": "证据较强，请人工核对", "none": "证据不足"}


def system(key: str) -> str:
    """Return a system in words; the verdicts that are none too."""
    return {**SYSTEMS, "": "待定", "outside": "不在本区域"}.get(key, key)


def headline(found: Mapping[str, Any]) -> tuple[Tone, str]:
    """Return the tone and the sentence of the verdict."""
    verdict, certainty = found["verdict"], found["certainty"]
    if verdict == "outside":
        return "bad", "按任何坐标系，文件里的坐标都不在本区域内：请核对是否选错了文件。"
    if verdict == "insufficient":
        return "warn", (
            "证据不足：不能确定坐标系。请补充所在村、所属水域等列后再传，或向提供人问清来源后自行选择。"
        )
    if verdict == "mixed":
        parts = "、".join(
            f"{system(key)} {count:,} 行"
            for key, count in found["counts"].items()
            if key not in {"", "outside"}
        )
        return "warn", f"混合文件：{parts or '各行来源不同'}。已逐行判定（{CERTAINTIES[certainty]}）。"
    if found["contradicts"]:
        return "bad", (
            f"与声明不符：声明为{system(found['declared'])}，证据表明是{system(verdict)}（{CERTAINTIES[certainty]}）。"
        )
    return (
        "good" if certainty == "certain" else "warn",
        f"{system(verdict)}（{CERTAINTIES[certainty]}）。",
    )
