"""The door: what answers a stranger, and how one gets in and out."""

from __future__ import annotations

import http.client
import http.cookies
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, connect
from data.storage import accounts, sessions

if TYPE_CHECKING:
    from tests.browser.conftest import Site

PAGES = ("/civil", "/", "/overview", "/water", "/emergency", "/settings", "/audit")
FILES = (
    "/media/0123456789abcdef.xlsx",
    "/_stcore/health",
    "/_stcore/metrics",
    "/_stcore/host-config",
    "/_stcore/upload_file/a/b",
    "/_stcore/agent/openapi.json",
    "/static/js/index.js",
    "/component/streamlit_folium.st_folium/index.html",
    "/assets/anlan/map.js",
    "/layer/gaps",
    "/parcel/00",
    "/export/00",
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _host(site: Site) -> str:
    return urllib.parse.urlsplit(site.url).netloc


def ask(
    site: Site, path: str, *, method: str = "GET", body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(_host(site), timeout=30)
    connection.request(method, path, body=body.encode() or None, headers=headers or {})
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, {key.lower(): value for key, value in answer.getheaders()}, text


def sign_in(
    site: Site, login: str, password: str, *, following: str = "/"
) -> tuple[int, dict[str, str], str]:
    body = urllib.parse.urlencode({"login": login, "password": password, "next": following})
    return ask(site, "/signin", method="POST", body=body, headers=FORM | {"Origin": site.url})


def cookie_of(site: Site, login: str) -> dict[str, str]:
    status, headers, _ = sign_in(site, login, site.password)
    assert status == 303
    jar = http.cookies.SimpleCookie(headers["set-cookie"])
    return {"Cookie": f"anlan_session={jar['anlan_session'].value}"}


def upgrade(site: Site, headers: dict[str, str]) -> int:
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    connection = http.client.HTTPConnection(_host(site), timeout=30)
    connection.request("GET", "/_stcore/stream", headers=asked)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_fresh_server_leads_a_stranger_from_every_deep_link_to_the_sign_in(fresh_site: Site) -> None:
    for path in PAGES:
        status, headers, text = ask(fresh_site, path, headers={"Accept": "text/html"})
        assert (status, headers["location"], text) == (
            303,
            f"/signin?next={urllib.parse.quote(path, safe='')}",
            "",
        )
    assert upgrade(fresh_site, {"Origin": fresh_site.url}) == 403


@pytest.mark.parametrize("path", FILES)
def test_no_file_socket_or_layer_answers_a_stranger(site: Site, path: str) -> None:
    for accept in ("*/*", "text/html"):
        assert ask(site, path, headers={"Accept": accept})[0] == 401


def test_a_made_up_session_is_nobody(site: Site) -> None:
    assert ask(site, "/layer/gaps", headers={"Cookie": "anlan_session=guessed"})[0] == 401


def test_a_websocket_needs_a_session_and_our_own_origin(site: Site) -> None:
    session = cookie_of(site, "shuili")
    assert upgrade(site, {"Origin": site.url}) == 403
    assert upgrade(site, session) == 403
    assert upgrade(site, session | {"Origin": "http://elsewhere.example"}) == 403
    assert upgrade(site, session | {"Origin": site.url}) == 101


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(site: Site) -> None:
    _, headers, _ = sign_in(site, "shuili", site.password)
    jar = http.cookies.SimpleCookie(headers["set-cookie"])["anlan_session"]
    assert (jar["httponly"], jar["samesite"], jar["path"]) == (True, "strict", "/")
    assert len(jar.value) >= 43


def test_a_form_from_another_site_is_refused(site: Site) -> None:
    body = urllib.parse.urlencode({"login": "shuili", "password": site.password})
    for origin in ({}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}):
        assert ask(site, "/signin", method="POST", body=body, headers=FORM | origin)[0] == 403


@pytest.mark.parametrize(
    "target", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "/signout"]
)
def test_a_sign_in_leads_nowhere_but_to_our_own_pages(site: Site, target: str) -> None:
    assert sign_in(site, "shuili", site.password, following=target)[1]["location"] == "/"
    assert sign_in(site, "shuili", site.password, following="/water")[1]["location"] == "/water"


def test_an_unknown_name_and_a_wrong_password_read_the_same(site: Site) -> None:
    unknown, wrong = (sign_in(site, login, "not it") for login in ("nobody-here", "jiaoyu"))
    assert (unknown[0], unknown[2]) == (wrong[0], wrong[2])
    assert unknown[0] == 403


def test_five_failures_lock_the_account_even_for_the_right_password(site: Site) -> None:
    try:
        for _ in range(5):
            sign_in(site, "zhuren", "not it")
        assert sign_in(site, "zhuren", site.password)[0] == 403
    finally:
        # The tests of this process share the site: whoever signs in next as the same person must get in.
        with connect(site.settings, Login.OWNER) as connection:
            connection.execute(text("UPDATE account SET locked_until = NULL WHERE login = 'zhuren'"))
    assert sign_in(site, "zhuren", site.password)[0] == 303


def test_a_sign_out_ends_every_copy_of_the_cookie(site: Site) -> None:
    session = cookie_of(site, "shuili")
    assert ask(site, "/layer/gaps", headers=session)[0] == 200
    left = ask(site, "/signout", method="POST", headers=session | {"Origin": site.url})
    assert (left[0], left[1]["location"]) == (303, "/signin")
    assert ask(site, "/layer/gaps", headers=session)[0] == 401
    assert upgrade(site, session | {"Origin": site.url}) == 403


def test_a_disabled_account_is_out_at_once(site: Site) -> None:
    session = cookie_of(site, "jiaoyu")
    with connect(site.settings, Login.DOOR) as connection:
        found = accounts.find_account(connection, "jiaoyu")
        assert found is not None
        sessions.revoke_all(connection, found.id)
    assert ask(site, "/layer/gaps", headers=session)[0] == 401


def test_layers_follow_the_table_of_rights(site: Site) -> None:
    assert ask(site, "/layer/gaps", headers=cookie_of(site, "minzheng"))[0] == 200
    assert ask(site, "/layer/gaps", headers=cookie_of(site, "shenji"))[0] == 404
    assert ask(site, "/layer/homes", headers=cookie_of(site, "minzheng"))[0] == 404


def test_an_export_link_serves_its_owner_once(site: Site) -> None:
    with connect(site.settings, Login.DOOR) as connection:
        owner = accounts.find_account(connection, "shuili")
        assert owner is not None
        token = sessions.create_link(connection, owner.id, "gaps", {"format": "csv"})
    path, asked = f"/export/{token}", {"Accept": "text/html"}
    assert ask(site, path, headers=cookie_of(site, "yingji") | asked)[0] == 404
    mine = cookie_of(site, "shuili") | asked
    status, headers, text = ask(site, path, headers=mine)
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert headers["content-disposition"].startswith("attachment")
    assert "缺口" in text
    assert ask(site, path, headers=mine)[0] == 404


def test_an_address_of_no_page_is_answered_in_the_language_of_the_house(site: Site) -> None:
    mine = cookie_of(site, "shuili") | {"Accept": "text/html"}
    for path in ("/overview", "/overview/"):
        status, headers, _ = ask(site, path, headers=mine)
        assert (status, headers["location"]) == (303, "/")
    assert ask(site, "/water/", headers=mine)[1]["location"] == "/water"
    status, _, text = ask(site, "/nowhere/at-all", headers=mine)
    assert status == 404
    assert "没有找到" in text
    assert ask(site, "/water?section=x", headers=mine)[0] == 200


def test_an_unchanged_layer_is_not_sent_again(site: Site) -> None:
    session = cookie_of(site, "shuili")
    tag = ask(site, "/layer/gaps", headers=session)[1]["etag"]
    assert ask(site, "/layer/gaps", headers=session | {"If-None-Match": tag})[0] == 304


@pytest.mark.parametrize(
    "path", ["/assets/../data/rights.toml", "/assets/anlan/../maps.py", "/assets/anlan/%2e%2e/maps.py"]
)
def test_assets_lead_nowhere_else(site: Site, path: str) -> None:
    status, _, text = ask(site, path, headers=cookie_of(site, "shuili"))
    assert status in {400, 404}
    assert "import" not in text


def test_every_answer_carries_its_headers(site: Site) -> None:
    for path in ("/signin", "/health", "/layer/gaps"):
        headers = ask(site, path)[1]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "default-src 'none'" in headers["content-security-policy"]
    page = ask(site, "/", headers=cookie_of(site, "shuili") | {"Accept": "text/html"})[1]
    assert "'unsafe-eval'" not in page["content-security-policy"]
    assert "connect-src 'self'" in page["content-security-policy"]


def test_a_login_with_a_null_character_reads_the_same_as_an_unknown_one(site: Site) -> None:
    unknown, broken = (sign_in(site, login, "not it") for login in ("nobody-here", "shui\x00li"))
    assert (broken[0], broken[2]) == (unknown[0], unknown[2])
    assert broken[0] == 403
