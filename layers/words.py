"""Codes of storage in the words of the field."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from geo.chainage import format_chainage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from hazards.tracks import Walk

ROLES: Final = {
    "water": "水利",
    "emergency": "应急管理",
    "civil": "民政",
    "education": "教育",
    "administrator": "系统管理员",
    "auditor": "审计",
    "patroller": "巡河员",
    "child_director": "儿童主任",
    "urgent": "紧急查看",
}
ACTORS: Final = ROLES | {
    "operator": "服务器操作员",
    "founding": "初始化",
    "importer": "导入程序",
    "worker": "后台程序",
    "self": "本人",
    "stranger": "未登录者",
}
"""Who can have acted: a role, or the machine's own hands."""
ACTIONS: Final = {
    "read.homes": "查看儿童居住地",
    "read.identities": "查看儿童身份信息",
    "find.child": "按身份信息查找儿童",
    "save.identities": "登记儿童身份信息",
    "rotate.keys": "更换密钥",
    "drop.keys": "清理旧密钥",
    "export": "导出",
    "import": "导入",
    "import.undo": "撤销导入",
    "save.station": "保存点位",
    "place.record": "落点",
    "judge.twins": "判定疑似重复",
    "undo.twins": "撤回重复的判定",
    "save.water": "保存水域",
    "save.photo": "上传照片",
    "withdraw.photo": "撤下照片",
    "restore.photo": "恢复照片",
    "undo.water": "撤销水域修改",
    "save.patrol": "保存巡查轨迹",
    "save.barrier": "保存护栏、盖板",
    "save.camera": "保存摄像头",
    "verify.waters": "核实水域",
    "verify.hazards": "核实隐患",
    "unverify.hazards": "撤回隐患核实",
    "save.parameter": "修改参数",
    "purge.children": "清除到期儿童信息",
    "urgent.open": "启用紧急查看",
    "urgent.end": "结束紧急查看",
    "urgent.justified": "复核紧急查看：理由充分",
    "urgent.unjustified": "复核紧急查看：理由不充分",
    "child_export.ask": "申请导出儿童信息",
    "child_export.approve": "批准导出儿童信息",
    "child_export.decline": "不批准导出儿童信息",
    "child_export.start": "生成儿童信息下载链接",
    "child_export.lapse": "儿童信息导出申请失效",
    "read.sealed": "查看封存的儿童",
    "seal.child": "封存儿童",
    "seal.ask": "申请解除封存或增加人员",
    "seal.lift": "批准解除封存",
    "seal.name": "批准增加封存查看人员",
    "seal.decline": "驳回封存申请",
    "seal.release": "减少封存查看人员",
    "seal.renew": "延长封存复核日期",
    "lock.account": "账号锁定（密码连续五次不符）",
    "lock.factor": "动态口令锁定（连续五次不符）",
    "verify.failed": "核验访问记录：发现不符",
    "sign.in": "登录（密码）",
    "sign.in.provider": "登录（统一身份认证）",
    "link.account": "关联统一身份认证",
    "unlink.account": "解除统一身份认证关联",
    "link.confirm": "确认统一身份认证关联是本人",
    "link.refuse": "删除本人的统一身份认证关联",
    "reset.account": "重置账号",
    "change.password": "修改口令",
    "choose.post": "切换岗位",
    "end.session": "退出其他登录",
    "enrol.factor": "绑定动态口令",
    "use.recovery_code": "使用恢复码",
    "open.account": "开通账号",
    "disable.account": "停用账号",
    "enable.account": "重新启用账号",
    "unlock.account": "解除锁定",
    "give.grant": "授予岗位",
    "end.grant": "结束岗位",
    "approve.grant": "批准岗位",
    "decline.grant": "驳回岗位申请",
    "end.others_session": "退出他人登录",
}
WAYS: Final = {"password": "密码", "oidc": "统一身份认证"}
"""By which a session was opened."""
OBJECTS: Final = {
    "compliance": "合规审计材料",
    "station_ledger": "点位台账",
    "child": "儿童",
    "key": "密钥",
    "seal": "封存",
    "urgent_sight": "紧急查看",
    "child_export": "经审批的儿童信息",
    "children": "临近水域儿童",
    "station": "点位",
    "stations": "点位清单",
    "parameter": "参数",
    "account": "账号",
    "account_grant": "岗位",
    "account_link": "统一身份认证关联",
    "grant_request": "岗位申请",
    "session": "登录",
    "gaps": "岸线缺口",
    "banks": "岸线",
    "water": "水域",
    "waters": "水域清单",
    "exposure": "水域接近等级",
    "shopping": "采购清单",
    "reverify": "复核工作单",
    "ledger": "缺口台账",
    "bulletin": "月通报",
    "children-by-township": "乡镇儿童统计表",
    "routes": "上学路线",
    "barriers": "护栏、围栏与盖板",
    "cameras": "摄像头台账",
    "inspections": "汛期排查",
    "hazards": "隐患台账",
    "photo": "照片",
    "backup": "数据库备份",
    "homes": "儿童居住地",
    "areas": "行政区",
    "villages": "村（社区）",
    "institutions": "机构",
    "osm": "OpenStreetMap 摘录",
    "audit": "访问记录",
    "patrol": "巡查轨迹",
    "patrols": "巡查轨迹文件",
    "barrier": "护栏、盖板",
    "camera": "摄像头",
    "twin_verdict": "疑似重复的判定",
    "hazard": "隐患",
    "institution": "机构",
}
"""What an act was done with."""
INCIDENTS: Final = {
    "flood": "洪涝、山洪",
    "drowning": "溺水搜救",
    "missing": "儿童走失",
    "landslide": "滑坡、泥石流等地质灾害",
    "other": "其他险情",
}
PRECISIONS: Final = {"exact": "精确", "group": "到组", "village": "到村"}
SEAL_GROUNDS: Final = {
    "court": "法院人身安全保护",
    "police": "公安机关要求",
    "witness": "证人保护",
    "shelter": "临时监护或庇护",
    "other": "其他",
}
REVIEWS: Final = ("理由充分", "理由不充分", "待复核", "逾期未复核")
"""What is said of an urgent sight: the two conclusions of a review, then what stands without one."""
EXPORT_FIELDS: Final = {
    "code": "儿童编号",
    "birth_month": "出生年月",
    "category": "儿童类别",
    "school": "就读学校",
    "home": "住址点位",
    "name": "姓名",
    "id_number": "证件号",
    "phone": "电话",
    "guardian_name": "监护人姓名",
    "guardian_phone": "监护人电话",
}
"""What an export of children can hold, in the order of the file."""
EXPORT_STATES: Final = {
    "asked": "待审批",
    "approved": "已批准，待下载",
    "started": "链接已生成，十分钟内下载",
    "taken": "已下载",
    "declined": "未批准",
    "lapsed": "已失效",
}
EXPORT_FORMATS: Final = {"xlsx": "Excel 工作簿", "gpkg": "GeoPackage（地图）"}
GRANT_STATES: Final = {"standing": "有效", "coming": "未开始", "over": "已到期", "ended": "已结束"}
RIGHT_VERBS: Final = {
    "read": "查看",
    "own": "本人的",
    "bureau": "本单位的",
    "propose": "提出",
    "write": "登记修改",
    "verify": "核定",
    "approve": "批准",
    "configure": "配置",
    "export": "导出",
    "purge": "到期清除",
    "open": "启用",
    "review": "复核",
    "seal": "封存",
    "grade": "等级",
    "band": "人数区间",
    "count": "人数",
}
"""What one may do with a data set, or which of its fields one sees."""
AREA_RULES: Final = {
    "below": "岗位所在区域及下级",
    "village": "仅本村（居）",
    "school": "辖区内学校的在校学生，不含住址和类别",
    "own": "仅本人",
    "bureau": "仅本单位",
}
WATERS: Final = {
    "pond": "池塘",
    "pool": "水潭",
    "ditch": "水渠",
    "reach": "河段",
    "lake": "湖泊",
    "reservoir": "水库",
    "wharf": "码头",
    "ferry": "渡口",
    "well": "公用水井",
    "park": "公园内水域",
}
SIDES: Final = {"left": "左岸", "right": "右岸", "single": "单侧", "ring": "环岸"}
REASONS: Final = {
    "no_station": "无点位",
    "incomplete": "点位不完整",
    "expired": "点位过期未核",
    "other_bank": "点位在对岸",
}
STATUSES: Final = {
    "valid": "有效",
    "incomplete": "不完整",
    "expired": "过期未核",
    "off_bank": "远离岸线",
    "unplaced": "位置待定",
    "unassessed": "待核算",
}
CHANGES: Final = {"opened": "新增", "closed": "销号", "grown": "延长", "shrunk": "缩短", "same": "未变"}
"""What became of a gap between two days."""
ITEMS: Final = {
    "sign": "警示牌",
    "lifebuoy": "救生圈",
    "rope": "救生绳",
    "pole": "救生杆",
    "lifejacket": "救生衣",
}
MISSING: Final = ITEMS | {"cover": "盖板或围栏"}
"""What a station may lack: at a well or small pond a cover or fence as well."""
REQUIRED: Final = ("sign", "lifebuoy", "rope", "pole")
BOUGHT: Final = ("lifebuoy", "rope", "pole", "sign", "cover")
"""What a shopping list names, in its order."""
ITEM_STATES: Final = {
    "good": "完好",
    "damaged": "损坏",
    "missing": "缺失",
    "expired": "过期",
    "unverified": "未核",
}
BARRIERS: Final = {"barrier": "护栏", "fence": "围栏", "cover": "盖板"}
DEVICE_STATES: Final = {"good": "完好", "damaged": "损坏", "missing": "缺失", "unverified": "未核"}
INSTITUTIONS: Final = {
    "school": "中小学",
    "kindergarten": "幼儿园",
    "welfare": "儿童福利机构",
    "protection": "未成年人救助保护机构",
    "children_home": "儿童之家",
}
INSPECTIONS: Final = {
    "done": "已查",
    "planned": "待查",
    "missed": "漏查",
    "cancelled": "已取消",
    "none": "未列入",
}
DOMAINS: Final = {
    "B": "建筑物",
    "W": "围墙",
    "S": "山体",
    "R": "水域",
    "D": "排水",
    "E": "转移避险",
    "P": "上下学路线",
}
HAZARD_GRADES: Final = {"general": "一般", "major": "重大"}
HAZARD_STATES: Final = {
    "found": "发现",
    "registered": "登记",
    "assigned": "交办",
    "rectified": "整改",
    "rechecked": "复查",
    "closed": "销号",
}
CATEGORIES: Final = {
    "left_behind": "农村留守儿童",
    "orphan": "孤儿",
    "de_facto_unsupported": "事实无人抚养",
    "low_income": "低保、特困家庭",
    "ill_or_disabled": "重病重残",
    "vagrant": "流浪",
    "other": "其他",
}
COUNTED: Final = {
    "all": "儿童合计",
    "age_t": "0–4 岁",
    "age_p": "5–11 岁",
    "age_y": "12 岁及以上",
    "left_behind": CATEGORIES["left_behind"],
    "orphan": CATEGORIES["orphan"],
    "unsupported": CATEGORIES["de_facto_unsupported"],
    "low_income": CATEGORIES["low_income"],
    "ill": CATEGORIES["ill_or_disabled"],
    "other": "流浪及其他",
    "near_100": "距水 100 米以内",
    "near_500": "距水 100–500 米",
    "far": "距水 500 米以外",
}
"""Columns of the table of children by township."""
BANDS: Final = {"0": "0", "<5": "少于 5 人", "5-9": "5 至 9 人", "10-19": "10 至 19 人", "20+": "20 人及以上"}
NEAR_CHILDREN: Final = {
    "A": "A 级（周边儿童多）", "B": "B 级（周边儿童较多）", "C": "C 级（周边儿童少或无）",
}  # fmt: skip
"""Grades of the children near a hazard, as who may not know their band is told."""
TRACK_REASONS: Final = {
    "no_time": "轨迹没有时间，不能证明何时走过",
    "backwards": "轨迹的时间先后颠倒",
    "future": "轨迹的时间在将来，请核对手机时间",
    "too_fast": "速度像乘车，不是步行巡查",
    "off_bank": "离已登记的岸线太远",
    "too_short": "沿岸时间不足",
    "too_near": "沿岸里程不足",
    "elsewhere": "所走岸线不在授权区域之内",
}
DATUMS: Final = {"gcj02": "GCJ-02（高德、腾讯、微信）", "bd09": "BD-09（百度）"}
YES: Final = {True: "是", False: "否"}
METHODS: Final = {
    "stated": "原报坐标",
    "converted": "换算坐标",
    "clicked": "图上点选",
    "invented": "虚构（演示）",
    "village": "以村点代替",
    "derived": "推算",
}


def of(listed: Mapping[Any, str]) -> Callable[[Any], str]:
    """Return the function that gives a code its word."""
    return lambda code: listed[code]


def chainage(metres: float) -> str:
    """Return metres along a bank as engineers write them: 120 is K0+120."""
    return format_chainage(metres)


def missing(kinds: Any) -> str:  # noqa: ANN401 - a list, or nothing
    """Return what a station lacks in words: 救生圈、盖板或围栏."""
    listed = kinds if isinstance(kinds, list | tuple) else ()
    return "、".join(MISSING.get(str(kind), str(kind)) for kind in listed)


def track_fault(reason: str, walk: Walk, shifted: str) -> str:
    """Return why a walk is refused, with what was found."""
    found = {
        "too_fast": f"最快 {walk.fastest_m_s * 3.6:.0f} 公里/小时",
        "off_bank": f"最近处 {walk.nearest_m:.0f} 米"
        if math.isfinite(walk.nearest_m)
        else "1 公里以内没有岸线",
        "too_short": f"{walk.minutes:.1f} 分钟",
        "too_near": f"{walk.walked_m:.0f} 米",
    }.get(reason, "")
    hint = f"；按 {DATUMS[shifted]} 换算后与岸线相符，请改选坐标系" if shifted else ""
    return TRACK_REASONS[reason] + (f"（{found}）" if found else "") + hint


def kilometres(metres: float) -> str:
    """Return metres as kilometres with one decimal, or two below ten kilometres."""
    km = metres / 1000
    return f"{km:,.1f}" if km >= 10 else f"{km:,.2f}"  # noqa: PLR2004 - three figures are enough to compare


def value(held: object) -> str:
    """Return the value of a parameter as people read it."""
    if isinstance(held, bool):
        return YES[held]
    if isinstance(held, list | tuple):
        return "、".join(map(value, held))
    if isinstance(held, dict):
        return "；".join(f"{key} {value(part)}" for key, part in held.items())
    return f"{held:g}" if isinstance(held, float) else str(held)


def review_state(sight: Any) -> str:  # noqa: ANN401 - a row of a frame, in one of pandas' forms
    """Return how the review of an urgent sight stands: `reviewed_at`, `justified`, `overdue`."""
    if sight.reviewed_at is None or sight.reviewed_at != sight.reviewed_at:
        return REVIEWS[3] if sight.overdue else REVIEWS[2]
    return REVIEWS[0] if sight.justified else REVIEWS[1]


def quarter(day: dt.date) -> str:
    """Return a quarter by its first day: 2026 年第 3 季度."""
    return f"{day.year} 年第 {(day.month + 2) // 3} 季度"
