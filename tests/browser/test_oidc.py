"""The second way in: through a provider of identities that really answers, over HTTP and in a browser."""

from __future__ import annotations

import http.client
import http.cookies
import re
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, connect
from data.storage import accounts, audit, links, sessions
from pages.door import oidc
from tests.browser.conftest import DRAWN_MS, Site, reading, served
from tests.browser.test_accounts_page import opened_account, pick_row
from tests.browser.test_door import ask, sign_in
from tests.identity_provider import CLIENT, SECRET, Provider, provided

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from data.settings import Settings

PASSED: Final = "已通过统一身份认证"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provided() as made:
        yield made


@pytest.fixture(autouse=True)
def straight(provider: Provider) -> None:
    provider.straight()


def settings_of(issuer: str, folder: Path) -> dict[str, str]:
    held = folder / "secret"
    held.write_text(SECRET + "\n", "utf-8")
    return {
        "ANLAN_OIDC_ISSUER": issuer,
        "ANLAN_OIDC_CLIENT_ID": CLIENT,
        "ANLAN_OIDC_CLIENT_SECRET_FILE": str(held),
        "ANLAN_OIDC_PUBLIC_URL": "{url}",
    }


@pytest.fixture(scope="module")
def linked(filled: Settings, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The program with the provider, whose person-1 is linked to the account of water."""
    link(filled, provider, "shuili", "person-1")
    with served(filled, more=settings_of(provider.issuer, tmp_path_factory.mktemp("oidc"))) as running:
        yield running


def link(settings: Settings, provider: Provider, login: str, subject: str) -> int:
    """Link an account by the hand of who owns the machine, and confirm it as its owner."""
    number, made = propose(settings, provider, login, subject)
    with connect(settings, Login.DOOR) as connection:
        token = sessions.create(connection, number, absolute_minutes=5)
        links.confirm(connection, token, made)
        sessions.revoke(connection, token)
    return number


def propose(settings: Settings, provider: Provider, login: str, subject: str) -> tuple[int, int]:
    """Link an account and leave the link unconfirmed; return the numbers of both."""
    with connect(settings, Login.IMPORTER) as connection:
        account = accounts.find_account(connection, login)
        assert account is not None
        made = links.place(
            connection, account.id, links.Person(issuer=provider.issuer, claim="sub", subject=subject)
        )
    assert made is not None
    return account.id, made


@dataclass
class Visitor:
    """A browser without a screen: keeps cookies, follows what it is told to."""

    site: Site
    jar: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> tuple[int, dict[str, str], str]:
        parts = urllib.parse.urlsplit(address)
        host = parts.netloc or urllib.parse.urlsplit(self.site.url).netloc
        connection = http.client.HTTPConnection(host, timeout=30)
        headers = {"Accept": "text/html"}
        if host in self.site.url:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        connection.request("GET", urllib.parse.urlunsplit(("", "", *parts[2:])), headers=headers)
        answer = connection.getresponse()
        content = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("set-cookie", []):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.jar[name] = morsel.value
        connection.close()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, content

    def set_out(self, following: str = "/") -> str:
        """Begin, and return the address at the provider."""
        status, headers, _ = self.get(f"/signin/oidc?next={urllib.parse.quote(following, safe='')}")
        assert status == 303
        return headers["location"]

    def consent(self, at_provider: str) -> str:
        """Agree there, and return the address that leads back."""
        status, headers, _ = self.get(f"{at_provider}&consent=yes")
        assert status == 302
        return headers["location"]

    def through(self, following: str = "/") -> tuple[int, dict[str, str], str]:
        return self.get(self.consent(self.set_out(following)))

    @property
    def session(self) -> str:
        return self.jar.get("anlan_session", "")

    def is_in(self) -> bool:
        return self.get("/layer/gaps")[0] == 200


def fault_in(content: str) -> str:
    found = re.search(r'<p class="fault" role="alert">(.*?)</p>', content)
    return found[1] if found else ""


def test_a_person_of_the_provider_comes_in_by_a_session_like_any_other(linked: Site) -> None:
    visitor = Visitor(linked)
    status, headers, content = visitor.through("/water")
    assert status == 200
    assert PASSED in content
    assert 'content="0;url=/water"' in content
    assert headers["cache-control"] == "no-store"
    assert visitor.is_in()
    assert visitor.jar["anlan_flow"] in {"", '""'}
    with connect(linked.settings, Login.BACKUP, readonly=True) as connection:
        row = connection.execute(
            text(
                "SELECT way, provider_factor, second_factor_at, expires_at - created_at = "
                "interval '720 minutes' AS whole FROM session ORDER BY id DESC LIMIT 1"
            )
        ).one()
        acts = audit.acts(connection, limit=1)
    assert tuple(row) == ("oidc", False, None, True)
    assert (*acts.iloc[0][["action", "login", "object_kind"]],) == (
        "sign.in.provider",
        "shuili",
        "account",
    )


def test_a_password_opens_a_session_that_says_so(linked: Site) -> None:
    assert sign_in(linked, "yingji", linked.password)[0] == 303
    with connect(linked.settings, Login.BACKUP, readonly=True) as connection:
        way = connection.scalar(text("SELECT way FROM session ORDER BY id DESC LIMIT 1"))
        acts = audit.acts(connection, limit=1)
    assert (way, *acts.iloc[0][["action", "login"]]) == ("password", "sign.in", "yingji")


def test_what_is_asked_of_the_provider_is_bound_to_one_browser(linked: Site) -> None:
    one, other = Visitor(linked), Visitor(linked)
    asked = [dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(who.set_out()).query)) for who in (one, other)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({query[name] for query in asked} | set(one.jar["anlan_flow"].split("."))) == 5
    assert asked[0]["code_challenge_method"] == "S256"
    assert asked[0]["tenant"] == "1"
    assert asked[0]["redirect_uri"] == f"{linked.url}/signin/oidc/callback"
    headers = ask(linked, "/signin/oidc")[1]["set-cookie"].lower()
    assert "httponly" in headers
    assert "samesite=lax" in headers
    assert "max-age=600" in headers


BENT: Final[dict[str, dict[str, Any]]] = {
    "a key of somebody else": {"signing": "other key"},
    "no signature": {"signing": "none"},
    "the public key as a shared secret": {"signing": "public key as secret"},
    "another audience": {"claims": {"aud": "another"}},
    "several audiences and nobody who asked": {"claims": {"aud": [CLIENT, "another"]}},
    "another program asked": {"claims": {"azp": "another"}},
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "no issuer": {"claims": {"iss": None}},
    "the nonce of another flow": {"claims": {"nonce": "x" * 43}},
    "no nonce": {"claims": {"nonce": None}},
    "a nonce that is no text": {"claims": {"nonce": ["x"]}},
    "expired": {"claims": {"exp": int(time.time()) - 120}},
    "never expires": {"claims": {"exp": None}},
    "signed in the future": {"claims": {"iat": int(time.time()) + 3600}},
    "signed long ago": {"claims": {"iat": int(time.time()) - 3600}},
    "signed at no time": {"claims": {"iat": None}},
    "signed at infinity": {"claims": {"iat": float("inf")}},
    "nobody": {"claims": {"sub": None}},
    "a person that is a list": {"claims": {"sub": ["person-1"]}},
    "a name with a line in it": {"claims": {"sub": "person-1\n"}},
    "a name as long as a book": {"claims": {"sub": "x" * 256}},
    "no ID token": {"tokens": "a list"},
    "nested without end": {"tokens": "no JSON"},
    "a token endpoint that leads elsewhere": {"tokens": "elsewhere"},
    "an answer without end": {"tokens": "endless"},
}


@pytest.mark.parametrize("bent", BENT)
def test_an_answer_that_proves_nothing_opens_nothing(linked: Site, provider: Provider, bent: str) -> None:
    for name, value in BENT[bent].items():
        setattr(provider, name, value)
    visitor = Visitor(linked)
    status, _, content = visitor.through()
    assert (status, fault_in(content)) == (403, oidc.UNPROVEN)
    assert "<script>" not in content
    assert visitor.session == ""


@pytest.mark.parametrize("kept", [{"signing": "right, no kid"}, {"claims": {"aud": [CLIENT]}}])
def test_what_the_standard_allows_is_let_through(
    linked: Site, provider: Provider, kept: dict[str, Any]
) -> None:
    for name, value in kept.items():
        setattr(provider, name, value)
    assert Visitor(linked).through()[0] == 200


def _changed(address: str, **changed: str | None) -> str:
    parts = urllib.parse.urlsplit(address)
    query = dict(urllib.parse.parse_qsl(parts.query)) | changed
    kept = {name: value for name, value in query.items() if value is not None}
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(kept)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"state": "x"}, oidc.OVER),
        ({"state": None}, oidc.OVER),
        ({"state": "é" * 43}, oidc.OVER),
        ({"code": None}, oidc.DECLINED),
        ({"code": None, "error": "access_denied", "error_description": "<b>pay</b>"}, oidc.DECLINED),
        ({"code": "x" * 5000}, oidc.DECLINED),
        ({"code": "guessed"}, oidc.UNPROVEN),
        ({"iss": "https://elsewhere.example"}, oidc.UNPROVEN),
        ({"iss": None}, oidc.UNPROVEN),
    ],
)
def test_a_way_back_that_was_changed_leads_nowhere(
    linked: Site, changed: dict[str, str | None], said: str
) -> None:
    visitor = Visitor(linked)
    status, _, content = visitor.get(_changed(visitor.consent(visitor.set_out()), **changed))
    assert (status, fault_in(content)) == (403, said)
    assert "<b>pay" not in content
    assert visitor.session == ""


def test_a_way_back_of_somebody_else_signs_nobody_in(linked: Site) -> None:
    attacker = Visitor(linked)
    back = attacker.consent(attacker.set_out())
    bare, busy = Visitor(linked), Visitor(linked)
    own = busy.consent(busy.set_out())
    for victim in (bare, busy):
        status, _, content = victim.get(back)
        assert (status, fault_in(content), victim.session) == (403, oidc.OVER, "")
    assert busy.get(own)[0] == 200


def test_a_way_back_opens_one_session_even_where_the_provider_takes_its_code_twice(
    linked: Site, provider: Provider
) -> None:
    provider.tokens = "reusable"
    visitor = Visitor(linked)
    back = visitor.consent(visitor.set_out())
    flow = visitor.jar["anlan_flow"]
    assert visitor.get(back)[0] == 200
    first = visitor.session
    again = Visitor(linked, jar={"anlan_flow": flow})
    status, _, content = again.get(back)
    assert (status, fault_in(content), again.session) == (403, oidc.OVER, "")
    assert fault_in(visitor.get(back)[2]) == oidc.OVER
    assert visitor.session == first


def test_a_code_is_worth_a_token_once(linked: Site) -> None:
    visitor = Visitor(linked)
    back = visitor.consent(visitor.set_out())
    flow = visitor.jar["anlan_flow"]
    assert visitor.get(back)[0] == 200
    again = Visitor(linked, jar={"anlan_flow": flow})
    assert fault_in(again.get(back)[2]) == oidc.UNPROVEN


@pytest.mark.parametrize(
    "cookie", ["", "x", "a.b.c", "x" * 43 + ".1700000000.Lw", "x" * 43 + ".99999999999.Lw"]
)
def test_a_cookie_that_is_none_or_of_another_day_finishes_nothing(linked: Site, cookie: str) -> None:
    visitor = Visitor(linked)
    back = visitor.consent(visitor.set_out())
    visitor.jar["anlan_flow"] = cookie
    assert fault_in(visitor.get(back)[2]) == oidc.OVER


def test_another_target_than_the_one_set_out_for_is_not_slipped_in(linked: Site) -> None:
    visitor = Visitor(linked)
    back = visitor.consent(visitor.set_out("/water"))
    secret, started, _ = visitor.jar["anlan_flow"].split(".")
    visitor.jar["anlan_flow"] = f"{secret}.{started}.{oidc._b64(b'/civil')}"
    assert fault_in(visitor.get(back)[2]) == oidc.OVER


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere",
        "/signout",
        '/"><script>',
        "/./signin/oidc",
    ],
)
def test_it_leads_nowhere_but_to_our_own_pages(linked: Site, target: str) -> None:
    content = Visitor(linked).through(target)[2]
    assert 'content="0;url=/"' in content
    assert "elsewhere" not in content


def test_unknown_unconfirmed_disabled_and_locked_get_one_answer(linked: Site, provider: Provider) -> None:
    said = set()
    provider.person = "nobody-here"
    said.add(_answer(linked, provider.person))
    provider.person = "person-2"
    propose(linked.settings, provider, "jiaoyu", "person-2")
    said.add(_answer(linked, provider.person))
    number = link(linked.settings, provider, "jiaoyu", "person-2")
    for disabled, locked, let_in in ((True, 0, False), (False, 5, False), (False, 0, True)):
        with connect(linked.settings, Login.OWNER) as connection:
            connection.execute(
                text(
                    "UPDATE account SET disabled = :disabled, "
                    "locked_until = now() + make_interval(mins => :minutes) WHERE id = :id"
                ),
                {"disabled": disabled, "minutes": locked, "id": number},
            )
        if let_in:
            assert Visitor(linked).through()[0] == 200
        else:
            said.add(_answer(linked, provider.person))
    assert len(said) == 1
    with connect(linked.settings, Login.BACKUP, readonly=True) as connection:
        made = connection.scalar(text("SELECT count(*) FROM account WHERE login LIKE '%nobody%'"))
        assert made == 0


def _answer(site: Site, subject: str) -> tuple[int, str]:
    visitor = Visitor(site)
    status, _, content = visitor.through()
    assert visitor.session == ""
    assert f'<code class="key">{subject}</code>' in content
    return status, content.replace(subject, "…")


def test_a_name_at_the_provider_is_shown_as_text(linked: Site, provider: Provider) -> None:
    provider.person = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    content = Visitor(linked).through()[2]
    assert "<img" not in content
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in content


def test_no_session_of_before_lives_on_in_the_cookie(linked: Site) -> None:
    visitor = Visitor(linked, jar={"anlan_session": "planted"})
    assert visitor.through()[0] == 200
    assert visitor.session not in {"", "planted"}
    assert visitor.is_in()
    assert ask(linked, "/layer/gaps", headers={"Cookie": "anlan_session=planted"})[0] == 401


@pytest.mark.parametrize("way", ["broken", "silent", "dripping"])
def test_a_provider_that_does_not_answer_leaves_the_password(
    linked: Site, provider: Provider, way: str
) -> None:
    visitor = Visitor(linked)
    back = visitor.consent(visitor.set_out("/water"))
    provider.tokens = way
    status, _, content = visitor.get(back)
    assert (status, fault_in(content)) == (503, oidc.AWAY)
    assert 'name="password"' in content
    assert 'value="/water"' in content
    assert sign_in(linked, "yingji", linked.password)[0] == 303


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, oidc.AWAY),
        ({"issuer": "https://elsewhere.example"}, oidc.MISSET),
        ({"token_endpoint": "http://elsewhere.example/token"}, oidc.MISSET),
        ({"authorization_endpoint": "javascript:alert(1)"}, oidc.MISSET),
        ({"jwks_uri": 7}, oidc.MISSET),
    ],
)
def test_a_provider_that_is_away_or_lies_of_itself_sends_nobody_anywhere(
    filled: Settings, tmp_path: Path, document: dict[str, Any] | None, said: str
) -> None:
    with provided() as liar:
        liar.document = document or {}
        issuer = "http://localhost:9" if document is None else liar.issuer
        with served(filled, more=settings_of(issuer, tmp_path)) as site:
            status, headers, content = ask(site, "/signin/oidc")
            assert (status, fault_in(content)) == (503, said)
            assert "location" not in headers
            assert sign_in(site, "yingji", site.password)[0] == 303


def test_without_a_provider_there_is_no_button_and_no_way(site: Site) -> None:
    assert "统一身份认证" not in ask(site, "/signin")[2]
    for path in ("/signin/oidc", "/signin/oidc/callback?code=x&state=y"):
        assert "anlan_session" not in ask(site, path)[1].get("set-cookie", "")


def test_another_name_of_the_site_is_told_where_to_go(linked: Site) -> None:
    status, headers, content = ask(linked, "/signin/oidc", headers={"Host": "elsewhere.example"})
    assert status == 400
    assert linked.url in fault_in(content)
    assert "set-cookie" not in headers


def test_a_role_that_sees_children_still_shows_its_factor_at_our_door(
    filled: Settings, provider: Provider, tmp_path: Path
) -> None:
    link(filled, provider, "minzheng", "person-3")
    provider.person = "person-3"
    asked = {"ANLAN_DEMO_SECOND_FACTOR": "true"}
    with served(filled, more=settings_of(provider.issuer, tmp_path) | asked) as site:
        visitor = Visitor(site)
        assert visitor.through("/civil")[0] == 200
        assert not visitor.is_in()
        status, headers, _ = visitor.get("/signin")
        assert (status, headers["location"]) == (303, "/signin/enrol?next=%2F")
    trusted = asked | {"ANLAN_OIDC_FACTOR_VALUES": "mfa otp"}
    with served(filled, more=settings_of(provider.issuer, tmp_path) | trusted) as site:
        visitor = Visitor(site)
        assert visitor.through("/civil")[0] == 200
        assert visitor.is_in()
        provider.claims = {"amr": ["pwd"]}
        weaker = Visitor(site)
        assert weaker.through("/civil")[0] == 200
        assert not weaker.is_in()


def test_a_link_made_on_the_page_opens_only_once_its_owner_confirmed_it(
    browser: Browser, linked: Site, provider: Provider
) -> None:
    provider.person = "clicked-person"
    unknown = _answer(linked, provider.person)
    with reading(browser, linked, width=1440) as person:
        person.sign_in("guanli")
        login, page = opened_account(person), person.page
        pick_row(page, login)
        page.get_by_role("button", name="统一身份认证").click()
        page.get_by_label("统一身份标识", exact=True).fill(provider.person)
        page.get_by_role("button", name="关联", exact=True).click()
        expect(page.get_by_text("已关联统一身份认证，待本人确认。")).to_be_visible(timeout=DRAWN_MS)
        rows = page.locator("[data-testid=stDataFrame] canvas tbody tr").filter(has_text=login)
        expect(rows.first).to_contain_text(provider.person, timeout=DRAWN_MS)
        expect(rows.first).to_contain_text("待本人确认")
    assert _answer(linked, provider.person) == unknown
    with connect(linked.settings, Login.BACKUP, readonly=True) as connection:
        act = audit.acts(connection, limit=500).query("action == 'link.account'").iloc[0]
    assert (act["object_kind"], provider.person in str(dict(act))) == ("account_link", False)


def decide(site: Site, token: str, number: int, answer: str) -> tuple[int, str]:
    """Post an answer from the page of one's own account; return the status and what it says."""
    status, headers, content = ask(
        site,
        "/me/link",
        method="POST",
        body=urllib.parse.urlencode({"link": number, "answer": answer}),
        headers={
            "Cookie": f"anlan_session={token}",
            "Origin": site.url,
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    return status, headers.get("location", "") or fault_in(content)


def test_on_the_page_of_one_s_own_account_nobody_but_the_owner_by_password_confirms(
    browser: Browser, linked: Site, provider: Provider
) -> None:
    provider.person = "<b>shuili-2</b>"
    by_provider = _opened_by_provider(linked, provider)
    number, made = propose(linked.settings, provider, "yingji", provider.person)
    stranger = by_password(linked, "shuili")
    for token, said in ((by_provider, "密码登录"), (stranger, "已变更")):
        for answer in ("mine", "other"):
            status, fault = decide(linked, token, made, answer)
            assert status == 403
            assert said in fault
    with reading(browser, linked, width=1440) as person:
        person.sign_in("yingji")
        page = person.page
        page.goto(f"{linked.url}/me")
        form = page.locator("form[action='/me/link']")
        for shown in (provider.person, provider.issuer, "命令行", "待本人确认"):
            expect(form).to_contain_text(shown)
        assert form.locator("b").count() == 0
        form.get_by_role("button", name="确认是我的").click()
        expect(page.get_by_text("已确认关联，以后可由统一身份认证登录。")).to_be_visible()
        expect(form).to_contain_text("已确认")
        assert Visitor(linked).through()[0] == 200
        form.get_by_role("button", name="删除关联").click()
        expect(page.get_by_text("已删除关联")).to_be_visible()
        assert form.count() == 0
    assert Visitor(linked).through()[0] == 403
    with connect(linked.settings, Login.BACKUP, readonly=True) as connection:
        acts = audit.acts(connection, account_id=number, limit=500).query("object_kind == 'account_link'")
    assert [*acts["action"]] == ["link.refuse", "link.confirm"]
    assert {*acts["object_ids"]} == {f"{made} {number}"}


def _opened_by_provider(site: Site, provider: Provider) -> str:
    """Return the token of a session that the provider opened, for the account of emergency."""
    link(site.settings, provider, "yingji", provider.person)
    visitor = Visitor(site)
    assert visitor.through()[0] == 200
    return visitor.session


def by_password(site: Site, login: str) -> str:
    """Return the token of a session by password."""
    with connect(site.settings, Login.DOOR) as connection:
        attempt = accounts.count_attempt(connection, login)
        assert attempt is not None
        assert accounts.record_success(connection, attempt)
        return sessions.create(connection, attempt.account_id, absolute_minutes=5)


def test_in_a_browser_one_click_leads_through_another_site_and_back(
    browser: Browser, linked: Site, provider: Provider
) -> None:
    with reading(browser, linked, width=1440) as person:
        page = person.page
        page.goto(f"{linked.url}/water")
        page.get_by_role("link", name="统一身份认证登录").click()
        page.get_by_role("button", name="同意").click()
        page.wait_for_selector(".anlan-head", timeout=DRAWN_MS)
        assert urllib.parse.urlsplit(page.url).path == "/water"
        assert {one["name"] for one in person.context.cookies()} >= {"anlan_session"}
        page.goto(f"{linked.url}/me")
        assert page.get_by_role("cell", name="统一身份认证").first.is_visible()
        assert {urllib.parse.urlsplit(url).netloc for url in person.outside} == {
            urllib.parse.urlsplit(provider.issuer).netloc
        }
