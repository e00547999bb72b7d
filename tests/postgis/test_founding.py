"""What a deployment without the sample starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.passwords import verify_password
from data.storage import accounts, links, sessions
from data.storage.areas import upsert_areas
from data.storage.parameters import read_parameters
from hazards.parameters import definitions
from jobs import founding

if TYPE_CHECKING:
    from data.settings import Settings


@pytest.fixture
def founded(database: Settings) -> Settings:
    founding.settle(database)
    with connect(database, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        area = pd.DataFrame(
            {"code": ["4305"], "name": ["市"], "level": ["prefecture"], "parent_code": [None]}
        )
        upsert_areas(connection, area)
    return database


def test_every_parameter_and_the_checklist_are_there_and_a_second_time_changes_nothing(
    founded: Settings,
) -> None:
    founding.settle(founded)
    with connect(founded, Login.GENERAL, readonly=True) as connection:
        assert set(read_parameters(connection)) == {one.key for one in definitions()}
        assert connection.execute(text("SELECT count(*) FROM checklist_item")).scalar_one() > 20
        assert connection.execute(text("SELECT max(version) FROM parameter")).scalar_one() == 1


def test_an_opened_account_signs_in_with_the_password_that_was_shown_once(founded: Settings) -> None:
    password = founding.open_account(
        founded, "first", name="首位", bureau="水利局", role="water", area="4305"
    )
    with connect(founded, Login.DOOR) as connection:
        attempt = accounts.count_attempt(connection, "first")
        assert attempt is not None
        assert verify_password(attempt.password_hash, password)
        granted = accounts.grants(connection, attempt.account_id)
        assert [(grant.role, grant.area_code) for grant in granted] == [("water", "4305")]


def test_the_owner_of_the_machine_links_an_account_to_one_person_and_ends_that(founded: Settings) -> None:
    settings = founded.model_copy(update={"oidc_issuer": "https://id.example"})
    for login, role in (("first", "auditor"), ("second", "administrator")):
        founding.open_account(founded, login, name="", bureau="", role=role, area="4305")
    person = links.Person(issuer="https://id.example", claim="sub", subject="p-1")

    def linked() -> int | None:
        with connect(founded, Login.DOOR) as connection:
            return links.account_of(connection, person)

    def confirmed() -> links.Link:
        """Let the owner confirm, as by a password of one's own."""
        with connect(founded, Login.OWNER) as connection:
            connection.execute(text("UPDATE account SET must_change_password = false"))
        with connect(founded, Login.DOOR) as connection:
            attempt = accounts.count_attempt(connection, "first")
            assert attempt is not None
            held = links.held(connection, attempt.account_id)
            assert held is not None
            token = sessions.create(connection, attempt.account_id, absolute_minutes=5)
            links.confirm(connection, token, held.id)
            return held

    founding.link_account(settings, "first", "p-1")
    assert linked() is None
    first = confirmed()
    number = linked()
    assert number is not None
    founding.start_anew(settings, "first")
    assert linked() is None
    again = confirmed()
    assert again.id != first.id
    assert linked() == number
    with pytest.raises(founding.FoundingError, match="另一个账号"):
        founding.link_account(settings, "second", "p-1")
    assert linked() == number
    founding.link_account(settings, "first", "")
    assert linked() is None
    for login, subject, said in (("nobody", "p-1", "没有账号"), ("first", "x\n", "标识应为")):
        with pytest.raises(founding.FoundingError, match=said):
            founding.link_account(settings, login, subject)
    with pytest.raises(founding.FoundingError, match="没有启用"):
        founding.link_account(founded, "first", "p-1")
    with connect(founded, Login.BACKUP, readonly=True) as connection:
        acts = connection.execute(text("SELECT action, object_ids, purpose FROM audit ORDER BY id")).all()
    assert [tuple(act) for act in acts] == [
        ("link.account", [str(first.id), str(number)], ""),
        ("reset.account", [str(number)], ""),
        ("unlink.account", [str(again.id), str(number)], ""),
    ]


def test_a_taken_name_and_an_unknown_area_are_sentences(founded: Settings) -> None:
    founding.open_account(founded, "first", name="首位", bureau="", role="water", area="4305")
    with pytest.raises(founding.FoundingError, match="已被使用"):
        founding.open_account(founded, "first", name="另一位", bureau="", role="civil", area="4305")
    with pytest.raises(founding.FoundingError, match="没有代码"):
        founding.open_account(founded, "second", name="第二位", bureau="", role="civil", area="9999")


@pytest.mark.parametrize("login", ["x", "a" * 41, "水利", "a b", "a\x00b", "a\n", "<b>"])
def test_a_login_that_nobody_could_type_is_refused(founded: Settings, login: str) -> None:
    with pytest.raises(founding.FoundingError, match="登录名应为"):
        founding.open_account(founded, login, name="某", bureau="", role="water", area="4305")


@pytest.mark.parametrize(
    ("name", "bureau"), [("长" * 41, ""), ("某", "局" * 41), ("某\x00", ""), ("某\n", "")]
)
def test_a_name_without_end_or_with_control_characters_is_refused(
    founded: Settings, name: str, bureau: str
) -> None:
    with pytest.raises(founding.FoundingError, match="姓名与单位"):
        founding.open_account(founded, "second", name=name, bureau=bureau, role="water", area="4305")
