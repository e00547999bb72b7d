"""What the screen of accounts shows, and its answers to who sees what and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from data import rights
from layers import words

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS: Final = {"county": "县（市、区）", "township": "乡镇（街道）", "village": "村（居）"}
"""What an area is chosen by, from the viewer's own down."""
NEVER_GIVEN: Final = ("auditor", "urgent")
"""The one by whoever owns the machine alone: nobody administers users and audits it. The other by nobody."""
SENTENCE: Final = (
    "查看儿童信息的岗位和应急岗位（可紧急查看住址）由管理员提出、民政批准；审计岗位只能用命令行授予。"
    "谁都不能变更自己的权限，也不能授予超出自己辖区和任期的权限。这些限制由数据库执行。"
)


def people_table(
    people: pd.DataFrame, grants: pd.DataFrame, when: Callable[[Any], str], *, linking: bool = False
) -> pd.DataFrame:
    """Return accounts with their posts under Chinese headings; `linking`: with names at the provider."""
    standing = grants[grants["state"].isin(["standing", "coming"])]
    posts = {
        number: "、".join(post_in_words(row) for row in held.itertuples())
        for number, held in standing.groupby("account_id")
    }
    return pd.DataFrame(
        {
            "用户名": people["login"],
            "姓名": people["display_name"],
            "单位": people["bureau"],
            "岗位与范围": [posts.get(number, "（无）") for number in people.index],
            "状态": [state_in_words(row) for row in people.itertuples()],
            **(
                {
                    "统一身份标识": people["subject"],
                    "关联": [link_in_words(row) for _, row in people.iterrows()],
                }
                if linking
                else {}
            ),
            "登录": people["sessions"],
            "最近使用": people["last_seen_at"].map(when),
            "性质": people["demo"].map({True: "演示", False: ""}),
        }
    )


def state_in_words(row: Any) -> str:  # noqa: ANN401 - a named tuple of the frame
    """Return the state of an account."""
    if row.disabled:
        return "已停用"
    if row.locked:
        return "已锁定"
    return "待设密码" if row.must_change_password else "正常"


def link_in_words(row: Any) -> str:  # noqa: ANN401 - a row of accounts
    """Return how far the link of an account is; empty without one."""
    if not row["subject"]:
        return ""
    return "已确认" if row["confirmed"] else "待本人确认"


def is_stale(row: Any, issuer: str | None, claim: str) -> bool:  # noqa: ANN401 - a row of accounts
    """Return whether an account is linked to a person of another provider, or by another claim, than now."""
    return bool(row["subject"]) and (row["issuer"], row["claim"]) != (issuer, claim)


def post_in_words(row: Any) -> str:  # noqa: ANN401 - a named tuple of the frame
    """Return a grant as 水利（邵阳市）."""
    return f"{words.ROLES[row.role]}（{row.area_name}）"


def grant_table(grants: pd.DataFrame) -> pd.DataFrame:
    """Return grants and their history under Chinese headings."""
    return pd.DataFrame(
        {
            "姓名": grants["display_name"],
            "用户名": grants["login"],
            "岗位": grants["role"].map(words.ROLES),
            "区域": grants["area_name"],
            "状态": grants["state"].map(words.GRANT_STATES),
            "开始": grants["valid_from"],
            "截止": grants["valid_until"],
            "授权人": grants["granted_by"].fillna("命令行"),
            "批准人": grants["approved_by"].fillna("命令行"),
            "结束人": grants["ended_by"].fillna(""),
            "依据": grants["reason"],
        }
    )


def request_table(requests: pd.DataFrame, when: Callable[[Any], str]) -> pd.DataFrame:
    """Return what was asked for under Chinese headings."""
    decided = requests["approved"].map({True: "已批准", False: "已驳回"}).fillna("待批准")
    return pd.DataFrame(
        {
            "状态": decided,
            "姓名": requests["display_name"],
            "单位": requests["bureau"],
            "岗位": requests["role"].map(words.ROLES),
            "区域": requests["area_name"],
            "开始": requests["valid_from"],
            "截止": requests["valid_until"],
            "依据": requests["reason"],
            "申请人": requests["requested_by"].fillna("命令行"),
            "申请时间": requests["requested_at"].map(when),
            "办理人": requests["decided_by"].fillna(""),
        }
    )


def request_facts(row: pd.Series[Any], when: Callable[[Any], str]) -> list[tuple[str, str]]:
    """Return one request whole: whoever approves sees by which other way the person comes in."""
    return [
        ("申请给", f"{row['display_name']}（{row['login']}）　{row['bureau']}"),
        ("岗位与区域", f"{words.ROLES[row['role']]}（{row['area_name']}）"),
        ("期限", f"{_day(row['valid_from'])} 至 {_day(row['valid_until']) or '长期'}"),
        ("依据", str(row["reason"])),
        ("将可查看", "；".join(shown_by(row["role"]))),
        *_link_facts(row, when),
    ]


def _link_facts(row: pd.Series[Any], when: Callable[[Any], str]) -> list[tuple[str, str]]:
    if not row["subject"]:
        return []
    linked_by = row["linked_by"] if isinstance(row["linked_by"], str) else "命令行"
    told = f"{row['subject']}（{link_in_words(row)}；{linked_by}关联于 {when(row['linked_at'])}）"
    return [("统一身份认证", told)]


def shown_by(role: str) -> list[str]:
    """Return what of single children a role shows."""
    about = ("children", "categories", "identities", "homes", "visits", "proximity")
    return [
        f"{rights.sets()[name].title}：{given}" for name in about if (given := rights_in_words(role, name))
    ]


def standing_in_words(standing: pd.DataFrame) -> list[str]:
    """Return grants as lines: post, state, until when."""
    return [
        f"{post_in_words(row)}　{words.GRANT_STATES[str(row.state)]}，{_until(row.valid_until)}"
        for row in standing.itertuples()
    ]


def _until(day: Any) -> str:  # noqa: ANN401 - a day, or nothing
    return f"至 {_day(day)}" if _day(day) else "长期"


def session_table(sessions: pd.DataFrame, when: Callable[[Any], str]) -> pd.DataFrame:
    """Return who is signed in under Chinese headings."""
    return pd.DataFrame(
        {
            "姓名": sessions["display_name"],
            "用户名": sessions["login"],
            "设备": sessions["device"].replace("", "未知"),
            "方式": sessions["way"].map(words.WAYS),
            "登录时间": sessions["created_at"].map(when),
            "最近使用": sessions["last_seen_at"].map(when),
        }
    )


def datasets() -> dict[str, str]:
    """Return the titles of what rights are about."""
    return {name: one.title for name, one in rights.sets().items() if not one.inner}


def rights_in_words(role: str, dataset: str) -> str:
    """Return what a role may do with a data set, with its rule of area; empty for nothing."""
    verbs = rights.roles()[role].may[dataset]
    if not verbs:
        return ""
    done = "、".join(words.RIGHT_VERBS[verb] for verb in verbs)
    return f"{done}（{words.AREA_RULES[rights.rule(role, dataset)]}）"


def reasons(grants: pd.DataFrame, account_id: int, dataset: str, area: str) -> list[tuple[str, ...]]:
    """Return why an account reaches a data set at `area`, or why not: one row a grant, giving ones first.

    Columns 岗位, 结论, 可以做什么, 由谁授予和批准, 期限.
    """
    held = grants[grants["account_id"] == account_id]
    rows = []
    for row in held.itertuples():
        given = rights_in_words(str(row.role), dataset)
        why = _refusal(row, dataset, area)
        rows.append(
            (
                why != "",
                (
                    post_in_words(row),
                    why or "可以",
                    "" if why else given,
                    f"{_name(row.granted_by)}授予，{_name(row.approved_by)}批准",
                    f"{_day(row.valid_from)} 至 {_day(row.valid_until) or '长期'}",
                ),
            )
        )
    return [cells for _, cells in sorted(rows, key=lambda pair: pair[0])]


def who_sees(grants: pd.DataFrame, people: pd.DataFrame, dataset: str, area: str) -> pd.DataFrame:
    """Return the people who reach a data set at `area` today, with the grant that gives it."""
    closed = set(people.index[people["disabled"]])
    rows = [
        {
            "姓名": row.display_name,
            "用户名": row.login,
            "岗位与范围": post_in_words(row),
            "可以做什么": rights_in_words(str(row.role), dataset),
            "截止": row.valid_until,
        }
        for row in grants.itertuples()
        if row.account_id not in closed and not _refusal(row, dataset, area)
    ]
    return pd.DataFrame(rows, columns=["姓名", "用户名", "岗位与范围", "可以做什么", "截止"])


def _refusal(row: Any, dataset: str, area: str) -> str:  # noqa: ANN401 - a named tuple of the frame
    if row.state != "standing":
        return f"不可以：授权{words.GRANT_STATES[row.state]}"
    if not rights.roles()[row.role].may[dataset]:
        return "不可以：该岗位无此权限"
    exact = rights.rule(row.role, dataset) == "village"
    inside = area == row.area_code if exact else area.startswith(row.area_code)
    open_to_all = rights.sets()[dataset].reading == "open"
    return "" if inside or open_to_all else "不可以：不在授权区域内"


def _name(name: Any) -> str:  # noqa: ANN401 - a name, or nothing
    return "命令行" if pd.isna(name) else str(name)


def _day(day: Any) -> str:  # noqa: ANN401 - a day, or nothing
    return "" if pd.isna(day) else f"{day:%Y-%m-%d}"
