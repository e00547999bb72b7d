"""Plausible names; everything that could be taken for a real institution carries （演示）."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARK: Final = "（演示）"
FIRST: Final = "石龙白黄大小清金竹桐杉枫马杨栗柘桃梅莲双东西南北高长新古沙麻荷滩毛罗油茶鹿鸭鹅槐"
SECOND: Final = "山坪田塘子家木岩桥冲湾口井泥桂头麦背洲坝板门坳江源水牛羊石"
POND_FIRST: Final = (
    "大", "新", "老", "长", "高", "门前", "屋背", "庙边", "樟树", "枫树", "井边", "对门", "凉亭", "石板",
    "水口", "茶山", "桐子", "黄泥", "荷叶", "月亮", "牛角", "油榨", "学堂", "碾子", "葫芦", "上", "下", "中",
    "洋", "杉山",
)  # fmt: skip
RIVER_KM2: Final = 300.0
CREEK_KM2: Final = 40.0


def stream_names(rng: np.random.Generator, size_km2: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return a name for each stream, 江 or 水 for the large, 河 or 溪 for the small."""
    count = len(size_km2)
    first = rng.choice(list(FIRST), count)
    second = rng.choice(list(SECOND), count)
    large = rng.choice(["江", "水", "江"], count)
    middle = rng.choice(["河", "江", "溪"], count)
    small = rng.choice(["溪", "溪", "溪", "河"], count)
    ending = np.where(size_km2 >= RIVER_KM2, large, np.where(size_km2 >= CREEK_KM2, middle, small))
    return np.char.add(np.char.add(first, second), ending).astype(object)


def pond_names(rng: np.random.Generator, village: NDArray[np.object_], ending: str) -> NDArray[np.object_]:
    """Return a name for each pond: village, local word, kind."""
    word = rng.choice(POND_FIRST, len(village))
    return np.array(
        [f"{short(name)}{local}{ending}" for name, local in zip(village, word, strict=True)], object
    )


def committee(name: str) -> str:
    """Return the committee of a village or of a 社区."""
    plain = short(name)
    return f"{plain}居民委员会" if plain.endswith("社区") else f"{plain.removesuffix('村')}村民委员会"


def town_office(name: str) -> str:
    """Return the office that manages a township or a 街道."""
    return f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"


def short(name: str) -> str:
    """Return a village's or township's name as people say it, without its official ending."""
    for ending in ("社区居民委员会", "居民委员会", "村民委员会", "社区居委会", "村委会", "居委会"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name
