"""The scripts themselves show nothing to a run that no session stands behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [
    "shell/main.py",
    *(f"{page}/page.py" for page in ("overview", "water", "emergency", "civil", "settings", "accounts")),
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_run_without_a_session_shows_the_way_to_the_sign_in_alone(script: str) -> None:
    shown = AppTest.from_file(str(ROOT / "pages" / script), default_timeout=30).run()
    assert not shown.exception
    texts = [element.proto.body for element in shown.get("html") if "<style>" not in element.proto.body]
    assert len(texts) == 2
    assert "登录已过期" in texts[0]
    assert 'href="/signin"' in texts[1]
    assert shown.selectbox == shown.multiselect == shown.dataframe == []
