"""The provider of identities, asked over HTTP: where it answers, its keys, and what a code is worth."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode

import urllib3

from data.settings_provider import is_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.settings import Settings

TIMEOUT: Final = urllib3.Timeout(connect=3.0, read=4.0)
LONGEST_S: Final = 6.0
"""Of one answer from its first octet asked for to its last: a drip is no answer."""
LARGEST: Final = 256 * 1024
"""Octets of one answer."""
KEPT_S: Final = 3600.0
"""How long its document and its keys are kept; a key not among them is looked for earlier."""
KEYS_AGAIN_S: Final = 30.0
"""Keys are asked for anew no oftener, whatever a token names."""
AWAY_S: Final = 5.0
"""After a fault it counts as away for so long: nobody else waits to learn the same."""
OK: Final = 200
FAULTY: Final = 500


class ProviderError(Exception):
    """What the provider said cannot be used; the message is ours, for the log, and repeats nothing of it."""


class ProviderAwayError(ProviderError):
    """The provider does not answer, or not in time."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where the provider answers, from its discovery document."""

    authorization: str
    token: str
    keys: str
    secret_in_form: bool
    """It takes the secret in the form alone, not in the header."""
    names_itself: bool
    """It says in its answers through the browser who it is (RFC 9207), so that none without is its own."""


@dataclass(kw_only=True)
class _Kept:
    """What is remembered of one provider by this process."""

    endpoints: Endpoints | None = None
    endpoints_at: float = 0.0
    keys: tuple[Mapping[str, Any], ...] = ()
    keys_at: float = float("-inf")
    away_at: float = float("-inf")


_kept: dict[str, _Kept] = {}
_guard = threading.Lock()


def endpoints(settings: Settings) -> Endpoints:
    """Return where the provider answers.

    Raises
    ------
    ProviderError
        If it is away, or its document names another issuer or an address that is not asked by HTTPS.
    """
    issuer, kept = settings.oidc_issuer or "", _kept_of(settings)
    if kept.endpoints is not None and time.monotonic() - kept.endpoints_at < KEPT_S:
        return kept.endpoints
    if time.monotonic() - kept.away_at < AWAY_S:
        raise ProviderAwayError("the provider did not answer a moment ago")
    try:
        said = _ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    except ProviderError:
        kept.away_at = time.monotonic()
        raise
    # OpenID Connect Discovery 4.3: another issuer in the document is an attempt to be taken for it.
    if said.get("issuer") != issuer:
        raise ProviderError("the discovery document names another issuer")
    methods = said.get("token_endpoint_auth_methods_supported")
    listed = methods if isinstance(methods, list) else ["client_secret_basic"]
    kept.endpoints = Endpoints(
        authorization=_address(said, "authorization_endpoint"),
        token=_address(said, "token_endpoint"),
        keys=_address(said, "jwks_uri"),
        secret_in_form="client_secret_basic" not in listed and "client_secret_post" in listed,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )
    kept.endpoints_at = time.monotonic()
    return kept.endpoints


def keys(settings: Settings, kid: str | None) -> tuple[Mapping[str, Any], ...]:
    """Return the provider's public keys of a name, of any name for None; as it wrote them, to be checked."""
    kept = _kept_of(settings)
    age_s = time.monotonic() - kept.keys_at
    found = _named(kept.keys, kid)
    if age_s > KEPT_S or (not found and age_s > KEYS_AGAIN_S):
        listed = _ask("GET", endpoints(settings).keys).get("keys")
        if not isinstance(listed, list):
            raise ProviderError("the key document holds no list of keys")
        kept.keys = tuple(key for key in listed if isinstance(key, dict))
        kept.keys_at = time.monotonic()
        found = _named(kept.keys, kid)
    return found


def id_token(settings: Settings, code: str, verifier: str, callback: str) -> str:
    """Return the ID token that a code is worth, unchecked as yet.

    Raises
    ------
    ProviderError
        If the provider does not give one for this code and verifier.
    """
    place, client = endpoints(settings), settings.oidc_client_id or ""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if place.secret_in_form:
        form |= {"client_id": client, "client_secret": secret(settings)}
    else:
        # RFC 6749 2.3.1: both are form-encoded before they are put together.
        pair = f"{quote_plus(client)}:{quote_plus(secret(settings))}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    token = _ask("POST", place.token, body=urlencode(form), headers=headers).get("id_token")
    if not isinstance(token, str):
        raise ProviderError("no ID token came for the code")
    return token


def secret(settings: Settings) -> str:
    """Return the secret of this program at the provider.

    Raises
    ------
    ProviderError
        If its file cannot be read or is empty.
    """
    path = settings.oidc_client_secret_file
    try:
        held = path.read_text("utf-8").strip() if path is not None else ""
    except (OSError, UnicodeDecodeError):
        held = ""
    if not held:
        raise ProviderError("the file of ANLAN_OIDC_CLIENT_SECRET_FILE cannot be read or is empty")
    return held


def _ask(
    method: str, address: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object at an address; no redirect is followed, nothing is asked a second time."""
    given = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    started, content = time.monotonic(), b""
    try:
        answer = _pool().request(
            method, address, body=body, headers=given, redirect=False, retries=False, preload_content=False
        )
        try:
            while piece := answer.read1(16 * 1024, decode_content=False):
                content += piece
                if len(content) > LARGEST:
                    raise ProviderError("the answer is too large")
                if time.monotonic() - started > LONGEST_S:
                    raise ProviderAwayError("the answer took too long")
        finally:
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as fault:
        raise ProviderAwayError(f"no answer: {type(fault).__name__}") from None
    if answer.status >= FAULTY:
        raise ProviderAwayError(f"answered with status {answer.status}")
    if answer.status != OK:
        raise ProviderError(f"answered with status {answer.status}")
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        raise ProviderError("the answer is no JSON") from None
    if not isinstance(said, dict):
        raise ProviderError("the answer is no JSON object")
    return said


def _address(said: Mapping[str, Any], name: str) -> str:
    given = said.get(name)
    if not isinstance(given, str) or not is_safe(given, query=True):
        raise ProviderError(f"the discovery document holds no safe {name}")
    return given


def _named(keys: tuple[Mapping[str, Any], ...], kid: str | None) -> tuple[Mapping[str, Any], ...]:
    return tuple(key for key in keys if kid is None or key.get("kid") == kid)


def _kept_of(settings: Settings) -> _Kept:
    with _guard:
        return _kept.setdefault(settings.oidc_issuer or "", _Kept())


@lru_cache(maxsize=1)
def _pool() -> urllib3.PoolManager:
    # No proxy and no trust of its own: the authorities of the operating system, an intranet's among them.
    return urllib3.PoolManager(num_pools=4, maxsize=2, timeout=TIMEOUT)
