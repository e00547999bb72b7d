"""The demo sign-ins: one account a role and a second one that approves, no person behind any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from data.sample.settlements import Settlements

SIGN_INS: Final = (
    ("shuili", "水利演示账号", "水利局", "water", "prefecture"),
    ("yingji", "应急演示账号", "应急管理局", "emergency", "prefecture"),
    ("minzheng", "民政演示账号", "民政局", "civil", "prefecture"),
    ("jiaoyu", "教育演示账号", "教育局", "education", "prefecture"),
    ("guanli", "管理员演示账号", "", "administrator", "prefecture"),
    ("shenji", "审计演示账号", "", "auditor", "prefecture"),
    ("xunhe", "巡河员演示账号", "", "patroller", "township"),
    ("zhuren", "儿童主任演示账号", "", "child_director", "village"),
    ("shenpi", "民政审批演示账号", "民政局", "civil", "prefecture"),
)
"""Login, display name, bureau, role, reach."""


def accounts(root: str, home: Settlements, password_hash: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return account and account_grant; ids begin at 1. `home`: the county of the field staff."""
    rural = home.townships[~home.townships["name"].str.endswith("街道")]
    township = (rural if len(rural) else home.townships)["code"].iloc[0]
    village = home.villages.loc[home.villages["code"].str.startswith(township), "code"].iloc[0]
    reach = {"prefecture": root, "township": township, "village": village}
    number = range(1, len(SIGN_INS) + 1)
    account = pd.DataFrame(
        {
            "id": number,
            "login": [one[0] for one in SIGN_INS],
            "display_name": [one[1] for one in SIGN_INS],
            "bureau": [one[2] for one in SIGN_INS],
            "password_hash": password_hash,
            "demo": True,
        }
    )
    grant = pd.DataFrame(
        {
            "id": number,
            "account_id": number,
            "role": [one[3] for one in SIGN_INS],
            "area_code": [reach[one[4]] for one in SIGN_INS],
        }
    )
    return account, grant
