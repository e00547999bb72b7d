"""An ID token of the provider, checked: who signed it, for whom, when, and for which flow."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any, Final

import jwt

from pages.door import provider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.settings import Settings

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""Signatures by a private key alone: neither `none` nor a secret, which a public key could stand in for."""
SKEW_S: Final = 60
"""By which two clocks may differ."""
OLDEST_S: Final = 600
"""How long before a token was signed at most: as long as a flow may take."""
LONGEST: Final = 16 * 1024
SUBJECT_LONGEST: Final = 255


class TokenError(Exception):
    """A token that proves nothing; the message is ours, for the log, and repeats nothing of it."""


def checked(settings: Settings, token: str, nonce: str) -> Mapping[str, Any]:
    """Return the claims of a token of this provider, for this program, of this flow and of now.

    Raises
    ------
    TokenError
        If any of that does not hold (OpenID Connect Core 3.1.3.7).
    ProviderError
        If the provider's keys cannot be had.
    """
    if len(token) > LONGEST:
        raise TokenError("too long")
    client = settings.oidc_client_id or ""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(settings, jwt.get_unverified_header(token)),
            algorithms=list(ALGORITHMS),
            audience=client,
            issuer=settings.oidc_issuer,
            leeway=SKEW_S,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "enforce_minimum_key_length": True,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as fault:
        raise TokenError(type(fault).__name__) from None
    _require_this_flow(claims, client, nonce)
    return claims


def subject(settings: Settings, claims: Mapping[str, Any]) -> str:
    """Return what names the person in checked claims.

    Raises
    ------
    TokenError
        If the claim is missing or nothing that could be linked.
    """
    given = claims.get(settings.oidc_claim)
    # A number is how some directories write a staff number; a truth value names nobody.
    named = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(named, str) or not named.isprintable() or not 0 < len(named) <= SUBJECT_LONGEST:
        raise TokenError("the claim that names the person is missing or unusable")
    return named


def proves_factor(settings: Settings, claims: Mapping[str, Any]) -> bool:
    """Return whether the provider proved a second factor in a way that the deployment said it counts."""
    counted, methods = set(settings.oidc_factor_values.split()), claims.get("amr")
    said = [claims.get("acr"), *(methods if isinstance(methods, list) else [])]
    return any(isinstance(value, str) and value in counted for value in said)


def _key(settings: Settings, header: Mapping[str, Any]) -> jwt.PyJWK:
    """Return the one public key that may have signed under this header, bound to its algorithm."""
    named, kid = header.get("alg"), header.get("kid")
    if named not in ALGORITHMS:
        raise TokenError("signed by an algorithm that is not allowed")
    fitting = [
        key
        for key in provider.keys(settings, kid)
        if key.get("use", "sig") == "sig" and key.get("alg", named) == named
    ]
    made = []
    for key in fitting:
        try:
            made.append(jwt.PyJWK(dict(key), algorithm=named))
        except (jwt.PyJWTError, ValueError, TypeError):
            # Of another kind than the algorithm, or none at all.
            continue
    if len(made) != 1:
        raise TokenError("no one key of the provider fits")
    return made[0]


def _require_this_flow(claims: Mapping[str, Any], client: str, nonce: str) -> None:
    audience, party, brought = claims["aud"], claims.get("azp"), claims.get("nonce")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise TokenError("for several programs, and none is named as the one that asked")
    if party is not None and party != client:
        raise TokenError("asked for by another program")
    if not isinstance(brought, str) or not hmac.compare_digest(brought.encode(), nonce.encode()):
        raise TokenError("of another flow")
    if time.time() - int(claims["iat"]) > OLDEST_S + SKEW_S:
        raise TokenError("signed too long ago")
