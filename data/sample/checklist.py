"""The questions of a flood-season inspection, by the seven domains, and where each comes from."""

from __future__ import annotations

from typing import Final

import pandas as pd

ORDER: Final = "邵民发〔2024〕3号 任务15（汛期排查建筑物、围墙、山体、水域）"
LETTER: Final = "教基厅函〔2022〕18号（排查学校、村庄与上下学路线周边水域）"
RULE: Final = "湖南省预防中小学生溺水若干规定（2024）"
OURS: Final = "平台检查表（建议值，按校舍与地质灾害排查通行做法编写）"

QUESTIONS: Final = (
    ("B", "主体承重结构有无裂缝、变形、倾斜", ORDER),
    ("B", "基础有无不均匀沉降、冲刷掏空", ORDER),
    ("B", "屋面、天沟、落水管是否通畅，有无渗漏", OURS),
    ("B", "栏杆、扶手、窗户护栏是否牢固、高度足够", OURS),
    ("B", "是否存在 D 级危房或停用房屋仍在使用", ORDER),
    ("W", "围墙有无倾斜、开裂、鼓胀", ORDER),
    ("W", "围墙两侧有无高差、积土、堆物挤压", ORDER),
    ("W", "是否为无砂浆砌筑的片石、砖围墙", OURS),
    ("W", "围墙墙脚有无积水、冲刷", OURS),
    ("S", "屋后边坡、山体有无新增裂缝、下错", ORDER),
    ("S", "坡面有无落石、松动危岩", ORDER),
    ("S", "截水沟、排水沟是否完好通畅", OURS),
    ("S", "周边有无滑坡、崩塌、泥石流、地面塌陷隐患点", ORDER),
    ("S", "是否存在切坡建房且未支护", OURS),
    ("S", "挡土墙有无变形、泄水孔是否通畅", OURS),
    ("R", "院墙外或必经处有无无防护的山塘、水渠、河段", ORDER),
    ("R", "周边水域有无警示牌、救生圈、救生绳、救生杆", RULE),
    ("R", "场地是否低于历史洪水位，有无进水记录", ORDER),
    ("R", "周边公用水井、蓄水池是否加盖或设护栏", RULE),
    ("R", "周边水域的所有人、使用人、管理人是否明确", RULE),
    ("D", "院内排水沟、检查井是否畅通、盖板完好", OURS),
    ("D", "低洼处有无积水倒灌，是否备有抽排设备", OURS),
    ("D", "化粪池、水池盖板是否牢固并有警示", OURS),
    ("E", "是否有防汛转移避险预案并经过演练", ORDER),
    ("E", "转移路线、集合地点是否明确并有标识", ORDER),
    ("E", "责任人、值班电话是否公示且能接通", ORDER),
    ("E", "预警信息能否在夜间传达到每间宿舍", OURS),
    ("P", "上下学路线是否经过漫水桥、渡口、无护栏水边", LETTER),
    ("P", "路线沿途边坡、陡坎有无塌方落石", LETTER),
    ("P", "校车停靠点是否避开水边与危险边坡", ORDER),
    ("P", "涨水、停课时的接送与告知办法是否落实", LETTER),
)


def checklist() -> pd.DataFrame:
    """Return checklist_item: code such as R-03, domain, question, source, position."""
    frame = pd.DataFrame(QUESTIONS, columns=["domain", "question", "source"])
    number = frame.groupby("domain").cumcount() + 1
    frame["code"] = [f"{domain}-{one:02d}" for domain, one in zip(frame["domain"], number, strict=True)]
    frame["position"] = range(1, len(frame) + 1)
    return frame
