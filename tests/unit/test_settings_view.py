from __future__ import annotations

import pandas as pd
import pytest

from hazards.parameters import definitions
from pages.settings import view


def table() -> pd.DataFrame:
    rows = definitions()
    return pd.DataFrame({"value": [one.value for one in rows]}, index=[one.key for one in rows], dtype=object)


@pytest.mark.parametrize(
    ("key", "value"), [("sharing.homes_at_least", 1), ("reach_m.A", -5.0), ("reach_m.A", 10_000.0)]
)
def test_a_value_that_no_assessment_can_run_with_is_not_saved(key: str, value: object) -> None:
    with pytest.raises(view.ValueFaultError, match=key.split(".", maxsplit=1)[0]):
        view.require_sound(table(), key, value)


def test_a_sound_value_passes() -> None:
    view.require_sound(table(), "sharing.homes_at_least", 8)
