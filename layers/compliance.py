"""The compliance pack of a year for minors' data: a summary, and a table of each thing that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words
from layers.handouts import TITLES, Heading, Section, moment, under

if TYPE_CHECKING:
    from layers.periods import Period

NAME: Final = "compliance"
CHILD_KINDS: Final = ("children", "homes", "child_export")
"""Kinds of import and export that tell of single children."""
READING: Final = ("read.homes", "read.identities", "read.sealed", "find.child")
SECURITY: Final = (
    "lock.account", "lock.factor", "sign.in", "sign.in.provider", "link.account", "unlink.account",
    "link.confirm", "link.refuse",
    "open.account", "disable.account", "enable.account", "reset.account", "unlock.account", "enrol.factor",
    "use.recovery_code", "change.password", "end.session", "end.others_session", "rotate.keys", "drop.keys",
)  # fmt: skip
BY_HAND: Final = (
    ("告知与监护人同意的实际办理", "平台只记各字段应否告知、同意，不记每户是否办妥"),
    ("监护人或儿童查阅、更正、删除的申请及答复", "平台不受理申请，只记由此发生的修改、撤销和清除"),
    ("未到锁定次数的登录失败", "平台只记连续五次不符的锁定（表九），不记单次失败"),
    ("个人信息泄露、投诉、举报及处置", "平台不登记"),
    ("服务器、数据库、备份介质的直接访问", "不经过平台的操作不在访问记录中"),
    ("导出文件离开平台以后的使用、转交、销毁", "平台只记导出这一步"),
    ("个人信息保护影响评估、人员培训、保密承诺", "平台不登记"),
    ("委托处理、对外提供、公开披露", "平台除导出外没有对外接口；线下发生的由单位填写"),
    ("审计机构、审计结论、整改事项、签章", "由单位填写"),
)
"""What the platform does not record, and what it does know of it."""
BY_HAND_COLUMNS: Final = ("事项", "平台记到哪一步", "填报")
MARKS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
MOST: Final = "最多列出 100 处。"
KEPT: Final = "离开登记满 {months} 个月，或年满 18 周岁满 {months} 个月，即永久清除；期限由民政部门核定。"
LOCKED: Final = (
    "锁定的“涉及记录”为锁定次数：同一账号一小时内的多次锁定并为一条记录；密码不符的人未登录，没有账号。"
)
PEOPLE: Final = "账号数在每行之内去重，各行不能相加；服务器操作员的操作没有账号。"
NOTES: Final = (
    "本材料不含儿童的姓名、编号、住址和身份信息；用途、理由、意见等人工填写的文字也不列入。",
    "区域按岗位所在的县（市、区）汇总，市级岗位列在市。统计期两端的日子都计入。",
)
_MONTH: Final = Heading(column="month", title="月份")
_ROLE: Final = Heading(column="role", title="岗位", words=words.ACTORS)
_AREA: Final = Heading(column="area_name", title="区域（县级汇总）")
_ACTION: Final = Heading(column="action", title="事项", words=words.ACTIONS)
_OBJECT: Final = Heading(column="object_kind", title="对象", words=TITLES | words.OBJECTS)
_ACTS: Final = Heading(column="acts", title="次数")
_PEOPLE: Final = Heading(column="people", title="账号数")
READS: Final = (
    _MONTH,
    _ACTION,
    _OBJECT,
    _ROLE,
    _AREA,
    _ACTS,
    _PEOPLE,
    Heading(column="rows", title="涉及记录"),
)
EXPORTS: Final = (
    _MONTH,
    _OBJECT,
    Heading(column="of_children", title="含单个儿童信息", words=words.YES),
    _ROLE,
    _AREA,
    _ACTS,
    _PEOPLE,
    Heading(column="rows", title="行数"),
)
GRANTS: Final = (
    Heading(column="role", title="岗位", words=words.ROLES),
    Heading(column="asked", title="申请"),
    Heading(column="approved", title="批准"),
    Heading(column="declined", title="驳回"),
    Heading(column="waiting", title="期末待批"),
    Heading(column="given", title="授予"),
    Heading(column="ended", title="提前结束"),
    Heading(column="lapsed", title="到期"),
    Heading(column="standing", title="期末有效"),
)
SIGHTS: Final = (
    Heading(column="id", title="编号"),
    Heading(column="area_name", title="乡镇（街道）"),
    Heading(column="incident", title="险情", words=words.INCIDENTS),
    Heading(column="bureau", title="单位"),
    Heading(column="opened_at", title="启用", read=moment),
    Heading(column="ended_at", title="结束", read=moment),
    Heading(column="readings", title="查看次数"),
    Heading(column="review_by", title="复核期限", read=moment),
    Heading(column="reviewed_at", title="复核时间", read=moment),
    Heading(column="outcome", title="复核结论"),
)


REQUESTS: Final = (
    Heading(column="id", title="编号"),
    Heading(column="area_name", title="区域"),
    Heading(
        column="fields", title="字段", read=lambda held: "、".join(words.EXPORT_FIELDS[one] for one in held)
    ),
    Heading(column="format", title="格式", words=words.EXPORT_FORMATS),
    Heading(column="bureau", title="申请单位"),
    Heading(column="asked_at", title="申请时间", read=moment),
    Heading(column="state", title="现状", words=words.EXPORT_STATES),
    Heading(column="decided_at", title="审批时间", read=moment),
    Heading(column="taken_at", title="下载时间", read=moment),
    Heading(column="row_count", title="行数"),
)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a pack tells: frames of `data.storage` (compliance, urgent, child_exports), and the chain."""

    inventory: pd.DataFrame
    """Under its headings already."""
    acts: pd.DataFrame
    grants: pd.DataFrame
    sights: pd.DataFrame
    requests: pd.DataFrame
    """For exports of children."""
    chain: tuple[int, int, tuple[str, ...]]
    """Acts that were verified, heads that were kept outside, what does not hold."""
    months: int
    """How long a child's record is kept after its reason ended."""


def sections(found: Figures, period: Period, told_at: str) -> tuple[Section, ...]:
    """Return the tables of the pack; each names the days that it tells of. `told_at` is when it was asked."""
    days, part = f"统计期：{said(period)}", _parts(found.acts)
    now = f"按导出时（{told_at}）"
    verified, heads, faults = found.chain
    chain = [
        ("核验的记录（条）", verified),
        ("库外链头（个）", heads),
        ("不符（处）", len(faults)),
        (f"历次核验发现不符（次，{days}）", _sum(part["failed"], "acts")),
    ]
    drawn = (
        ("处理清单", f"{now}的数据表结构", found.inventory, (KEPT.format(months=found.months),)),
        (
            "访问",
            days,
            under(READS, part["reads"]),
            ("“涉及记录”逐次累加：同一名儿童被查看两次计两次。", PEOPLE),
        ),
        ("登记", days, under(READS, part["taken"]), ("只列儿童名册、住址的导入和身份信息的登记。", PEOPLE)),
        (
            "审批",
            f"{days}；“期末”指 {period.last:%Y-%m-%d} 日终，未到期末的{now}",
            under(GRANTS, found.grants),
            ("能看到儿童的岗位须由第二人审批；其余岗位由管理员直接授予。紧急查看列于表八。",),
        ),
        ("导出", days, under(EXPORTS, part["exports"]), (PEOPLE, "本次导出在汇总之后才记录，不在其中。")),
        (
            "删除",
            days,
            under(READS, part["deletions"]),
            ("“清除到期儿童信息”的涉及记录为儿童数，撤销导入的为撤回的记录数。",),
        ),
        ("封存", days, under(READS, part["seals"]), ("只计操作；封存的是谁，导出人无权查看。",)),
        (
            "紧急查看",
            f"{days}（按启用时间）",
            under(SIGHTS, found.sights.assign(outcome=[words.review_state(row) for row in rows_of(found)])),
            ("险情中先看后审，由第二人复核。理由与复核意见原文见“访问记录”页。",),
        ),
        ("账号与密钥", days, under(READS, part["security"]), (LOCKED, PEOPLE)),
        (
            "记录链核验",
            f"核验于 {told_at}；范围：全部访问记录，不限统计期和区域",
            pd.DataFrame(chain, columns=["项目", "结果"], dtype=object),
            (*faults, MOST) if faults else ("逐条相扣，没有缺失、改动或截断。",),
        ),
        (
            "导出审批",
            f"{days}（按申请时间）",
            under(REQUESTS, found.requests),
            (
                "一人申请、另一人批准、只下载一次的儿童信息导出；下载另计入表五。",
                "用途、理由与审批意见原文见“访问记录”页。",
            ),
        ),
        (
            "人工填报",
            days,
            pd.DataFrame([(*row, "") for row in BY_HAND], columns=list(BY_HAND_COLUMNS), dtype=object),
            ("以上事项平台没有记录或只记一部分，由单位据实填写。",),
        ),
    )
    return tuple(
        Section(
            name=name,
            banner=f"表{mark}　{name}",
            lines=(line,),
            table=table,
            footnotes=notes if len(table) else ("统计期内没有记录。", *notes),
        )
        for mark, (name, line, table, notes) in zip(MARKS, drawn, strict=True)
    )


def summary(found: Figures, period: Period, told_at: str) -> pd.DataFrame:
    """Return the figures that a report begins with: item, value, unit, days, source."""
    part, days, now = _parts(found.acts), said(period), f"导出时（{told_at}）"
    reads, exports, deletions = part["reads"], part["exports"], part["deletions"]
    grants, sights = found.grants.sum(numeric_only=True), rows_of(found)
    states = [words.review_state(row) for row in sights]
    verified, _, faults = found.chain
    purged = deletions[deletions["action"] == "purge.children"]
    listed = [
        ("处理的字段", len(found.inventory), "项", now, "表一"),
        *(
            (words.ACTIONS[name], _sum(reads[reads["action"] == name], "acts"), "次", days, "表二")
            for name in READING
        ),
        ("儿童信息登记与导入", _sum(part["taken"], "acts"), "次", days, "表三"),
        *(
            (f"岗位{title}", int(grants.get(name, 0)), "件", days, "表四")
            for name, title in (("asked", "申请"), ("approved", "批准"), ("declined", "驳回"))
        ),
        ("岗位申请期末待批", int(grants.get("waiting", 0)), "件", f"{period.last:%Y-%m-%d} 日终", "表四"),
        ("岗位授予", int(grants.get("given", 0)), "件", days, "表四"),
        ("岗位提前结束", int(grants.get("ended", 0)), "件", days, "表四"),
        ("导出", _sum(exports, "acts"), "次", days, "表五"),
        ("其中含单个儿童信息", _sum(exports[exports["of_children"]], "acts"), "次", days, "表五"),
        ("含单个儿童信息的行", _sum(exports[exports["of_children"]], "rows"), "行", days, "表五"),
        ("到期清除的儿童", _sum(purged, "rows"), "名", days, "表六"),
        ("封存操作", _sum(part["seals"], "acts"), "次", days, "表七"),
        ("紧急查看", len(sights), "次", days, "表八"),
        *((f"紧急查看{state}", states.count(state), "次", now, "表八") for state in words.REVIEWS),
        *(
            (title, _sum(part["security"][part["security"]["action"] == name], "rows"), "次", days, "表九")
            for name, title in (("lock.account", "账号锁定"), ("lock.factor", "动态口令锁定"))
        ),
        ("历次核验发现不符", _sum(part["failed"], "acts"), "次", days, "表十"),
        *((title, number, "件", days, "表十一") for title, number in _requests(found.requests)),
        ("访问记录核验", verified, "条", now, "表十"),
        ("访问记录核验不符", len(faults), "处", now, "表十"),
    ]
    return pd.DataFrame(listed, columns=["item", "value", "unit", "days", "source"])


def _requests(requests: pd.DataFrame) -> list[tuple[str, int]]:
    decided, state = requests["decided_at"].notna(), requests["state"]
    return [
        ("儿童信息导出申请", len(requests)),
        ("儿童信息导出批准", int((decided & (state != "declined")).sum())),
        ("儿童信息导出不批准", int((state == "declined").sum())),
        ("儿童信息导出失效", int((state == "lapsed").sum())),
        ("儿童信息导出下载", int((state == "taken").sum())),
    ]


def lead(area: str, period: Period) -> str:
    """Return the paragraph that opens the pack."""
    return (
        f"本材料按《未成年人网络保护条例》每年合规审计的要求，汇总{area}{said(period)}在本平台处理未成年人个人信息的"
        f"清单、访问、审批、导出、删除和事件。数字都取自平台的记录，平台没有记录的列在表十二，由单位填报。"
    )


def said(period: Period) -> str:
    """Return the days, both included."""
    return f"{period.first:%Y-%m-%d} 至 {period.last:%Y-%m-%d}"


def rows_of(found: Figures) -> list[Any]:
    """Return the sights as rows."""
    return list(found.sights.itertuples())


def _sum(frame: pd.DataFrame, column: str) -> int:
    return int(frame[column].sum())


def _parts(acts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    action, of_children = acts["action"], acts["object_kind"].isin(CHILD_KINDS)
    found = acts.assign(of_children=of_children)
    return {
        "reads": found[action.isin(READING)],
        "taken": found[(action == "save.identities") | (action == "import") & of_children],
        "exports": found[action == "export"],
        "deletions": found[(action == "purge.children") | (action == "import.undo") & of_children],
        "seals": found[action.str.startswith("seal.")],
        "security": found[action.isin(SECURITY)],
        "failed": found[action == "verify.failed"],
    }
