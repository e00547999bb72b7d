"""Settings of the second way in: whole or not at all, and nothing asked without TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError
from starlette.responses import Response

from data.settings import Settings
from data.settings_provider import NEEDED, is_safe
from pages.door import oidc

WHOLE: Final[dict[str, Any]] = {
    "oidc_issuer": "https://id.example.gov.cn/realms/sy",
    "oidc_client_id": "anlan",
    "oidc_client_secret_file": Path("/etc/anlan/secret"),
    "oidc_public_url": "https://anlan.example.gov.cn/",
}


def test_without_settings_there_is_no_provider_and_with_all_there_is_one() -> None:
    assert not Settings().oidc
    made = Settings(**WHOLE)
    assert made.oidc
    assert made.oidc_origin == "https://anlan.example.gov.cn"


@pytest.mark.parametrize("missing", NEEDED)
def test_what_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ValidationError, match=f"还缺 ANLAN_{missing.upper()}；"):
        Settings(**{name: value for name, value in WHOLE.items() if name != missing})


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://anlan.example.gov.cn:443/", "https://anlan.example.gov.cn"),
        ("https://anlan.example.gov.cn:8443", "https://anlan.example.gov.cn:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_the_origin_is_written_as_browsers_write_it(given: str, origin: str) -> None:
    assert Settings(**WHOLE | {"oidc_public_url": given}).oidc_origin == origin


def test_over_tls_no_other_host_sets_the_cookie_of_a_flow() -> None:
    for url, name, rest in (
        (
            "https://anlan.example.gov.cn",
            "__Host-anlan_flow",
            {"httponly", "path=/", "samesite=lax", "secure"},
        ),
        ("http://127.0.0.1:8501", "anlan_flow", {"httponly", "path=/", "samesite=lax"}),
    ):
        answer = Response()
        oidc._keep_flow(answer, Settings(**WHOLE | {"oidc_public_url": url}), "x")
        written, *marks = answer.headers["set-cookie"].split("; ")
        assert written == f"{name}=x"
        assert {mark.lower() for mark in marks} == rest | {"max-age=600"}


def test_a_blank_label_is_the_usual_one() -> None:
    assert Settings(**WHOLE | {"oidc_label": ""}).oidc_label == "统一身份认证登录"


@pytest.mark.parametrize(
    "changed",
    [
        {"oidc_issuer": "http://id.example.gov.cn"},
        {"oidc_issuer": "https://id.example.gov.cn?x=1"},
        {"oidc_public_url": "http://anlan.example.gov.cn"},
        {"oidc_public_url": "https://anlan.example.gov.cn/app"},
        {"oidc_claim": "a b"},
    ],
)
def test_an_address_without_tls_and_a_claim_that_is_none_are_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**WHOLE | changed)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example/token", True),
        ("https://id.example/token?tenant=1", True),
        ("http://127.0.0.1:9/token", True),
        ("http://[::1]:9/token", True),
        ("http://127.0.0.1.example/token", False),
        ("http://127.0.0.1@example/token", False),
        ("https://user:x@id.example/token", False),
        ("https://id.example:port/token", False),
        ("https://[id.example/token", False),
        ("https:///token", False),
        ("//id.example/token", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://id.example/#x", False),
        ("https://id.example/\nx", False),
        ("https://id.example/ x", False),
        ("https://id.example\\@evil", False),
        ("", False),
    ],
)
def test_an_endpoint_is_asked_by_https_or_on_this_machine(address: str, safe: bool) -> None:  # noqa: FBT001 - a parameter
    assert is_safe(address, query=True) is safe
