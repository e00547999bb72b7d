from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from data.settings import Settings


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Niue"])
def test_a_day_ends_at_midnight_where_the_offices_are(zone: str) -> None:
    before = dt.datetime.now(ZoneInfo(zone)).date()
    day = Settings(time_zone=zone).today()
    assert before <= day <= dt.datetime.now(ZoneInfo(zone)).date()


def test_two_offices_on_both_sides_of_the_date_line_count_different_days() -> None:
    east, west = Settings(time_zone="Pacific/Kiritimati").today(), Settings(time_zone="Pacific/Niue").today()
    assert east > west


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="ANLAN_TIME_ZONE"):
        Settings(time_zone="Asia/Shaoyang")
