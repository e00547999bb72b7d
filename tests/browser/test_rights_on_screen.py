"""Role x screen and role x layer, in a real browser: what opens is what the table of rights says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data import rights
from data.engine import Login, connect
from data.sample.accounts import SIGN_INS
from pages.shell.screens import FIRST, SCREENS, VERBS
from pages.shell.tiles import LAYERS
from tests.rights.counting import COUNTED

if TYPE_CHECKING:
    from tests.browser.conftest import Reader

PEOPLE = {login: role for login, _, _, role, _ in SIGN_INS}


@pytest.mark.parametrize("login", PEOPLE)
def test_a_person_opens_the_screens_and_layers_of_the_role_and_no_other(reader: Reader, login: str) -> None:
    role, site = PEOPLE[login], reader.site
    # Another test locks one of them.
    with connect(site.settings, Login.IMPORTER) as connection:
        connection.execute(text("UPDATE account SET failures = 0, locked_until = NULL"))
    reader.sign_in(login)
    for folder, title, dataset in SCREENS:
        page = reader.visit("/" if folder == FIRST else f"/{folder}", drawn=False)
        may = rights.may(role, dataset, VERBS.get(folder, "read"))
        refused = page.get_by_text("无权查看", exact=True)
        assert (refused.count() == 0) is may, (login, folder)
        links = page.get_by_role("link", name=title, exact=True)
        assert (links.count() > 0) is may, (login, folder)
        COUNTED["browser"] += 1
    for name, (dataset, verb) in LAYERS.items():
        answered = reader.context.request.get(f"{site.url}/layer/{name}")
        assert answered.status == (200 if rights.may(role, dataset, verb) else 404), (login, name)
        COUNTED["browser"] += 1
    assert reader.outside == []
