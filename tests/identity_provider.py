"""A small provider of identities that really answers: discovery, consent, codes with PKCE, signed tokens.

What it says can be bent, one thing at a time, so that a test sees the program refuse it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import html
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT: Final = "anlan"
SECRET: Final = "a secret: with / signs & a 密"  # noqa: S105 - of a provider that lives as long as a test
KID: Final = "key-1"


@dataclass(kw_only=True)
class Provider:
    """The provider, and what it says other than it should."""

    issuer: str = ""
    person: str = "person-1"
    """Who is signed in there."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over those that are right; None takes one away."""
    signing: str = "right"
    """`right`, `other key`, `none`, `public key as secret`, `right, no kid`."""
    document: dict[str, Any] = field(default_factory=dict)
    """Put over the discovery document."""
    key: dict[str, Any] = field(default_factory=dict)
    """Put over its published key."""
    tokens: str = "given"
    """`given`, `reusable`, `broken`, `silent`, `dripping`, `endless`, `elsewhere`, `no JSON`, `a list`."""
    asked: list[str] = field(default_factory=list)
    flows: dict[str, dict[str, str]] = field(default_factory=dict)
    made: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    other: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def straight(self) -> None:
        """Say everything as it should be said."""
        self.person, self.signing, self.tokens = "person-1", "right", "given"
        self.claims, self.document, self.key = {}, {}, {}

    def discovery(self) -> dict[str, Any]:
        right = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }
        return right | self.document

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.made.public_key()))
        return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"} | self.key, 7]}

    def signed(self, nonce: str) -> str:
        now = int(time.time())
        right: dict[str, Any] = {
            "iss": self.issuer,
            "sub": self.person,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "amr": ["pwd", "otp"],
        }
        said = {name: value for name, value in (right | self.claims).items() if value is not None}
        kid = {"kid": KID}
        if self.signing == "none":
            return jwt.encode(said, "", algorithm="none", headers=kid)
        if self.signing == "public key as secret":
            pem = self.made.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return _by_secret(said, pem)
        by = self.other if self.signing == "other key" else self.made
        named = {} if self.signing == "right, no kid" else kid
        return jwt.encode(said, by, algorithm="RS256", headers=named)


@contextlib.contextmanager
def provided() -> Iterator[Provider]:
    """Have a provider answer until the block ends, at another site than 127.0.0.1 is for a browser."""
    provider = Provider()

    class Desk(_Desk):
        of = provider

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    provider.issuer = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


class _Desk(BaseHTTPRequestHandler):
    of: Provider

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, _single(urlsplit(self.path).query)
        self.of.asked.append(path)
        if path == "/.well-known/openid-configuration":
            self._json(self.of.discovery())
        elif path == "/keys":
            self._json(self.of.keys())
        elif path == "/authorize" and "consent" in query:
            self._back(query)
        elif path == "/authorize":
            fields = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in (query | {"consent": "yes"}).items()
            )
            self._send(
                200, f"<form>{fields}<button>同意</button></form>".encode(), "text/html; charset=utf-8"
            )
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        self.of.asked.append(urlsplit(self.path).path)
        way = getattr(self, f"_{self.of.tokens.replace(' ', '_').lower()}", self._given)
        way(_single(body))

    def _back(self, query: dict[str, str]) -> None:
        if query["response_type"] != "code" or query["client_id"] != CLIENT:
            self._send(400, b"", "text/plain")
            return
        code = secrets.token_urlsafe(24)
        self.of.flows[code] = query
        brought = {"code": code, "state": query["state"], "iss": self.of.issuer}
        self.send_response(302)
        self.send_header("location", f"{query['redirect_uri']}?{urlencode(brought)}")
        self.send_header("content-length", "0")
        self.end_headers()

    def _given(self, form: dict[str, str]) -> None:
        flow = self.of.flows.get(form.get("code", ""))
        if self.of.tokens != "reusable":
            self.of.flows.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        named = base64.b64decode(self.headers.get("authorization", "Basic ")[6:]).decode()
        right = (
            flow is not None
            and tuple(unquote_plus(part) for part in named.split(":")) == (CLIENT, SECRET)
            and flow["code_challenge"] == challenge.rstrip(b"=").decode()
            and flow["code_challenge_method"] == "S256"
            and flow["redirect_uri"] == form.get("redirect_uri")
            and form.get("grant_type") == "authorization_code"
        )
        if not right or flow is None:
            self._json({"error": "invalid_grant", "error_description": "<script>alert(1)</script>"}, 400)
            return
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": self.of.signed(flow["nonce"])})

    def _broken(self, _: dict[str, str]) -> None:
        self._send(503, b"<h1>away</h1>", "text/html")

    def _silent(self, _: dict[str, str]) -> None:
        time.sleep(20)

    def _dripping(self, _: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("content-length", "100000")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _drop in range(60):
                self.wfile.write(b" ")
                time.sleep(0.3)

    def _endless(self, _: dict[str, str]) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _piece in range(2000):
                self.wfile.write(b" " * 65536)

    def _elsewhere(self, _: dict[str, str]) -> None:
        self.send_response(302)
        self.send_header("location", f"{self.of.issuer}/keys")
        self.send_header("content-length", "0")
        self.end_headers()

    def _no_json(self, _: dict[str, str]) -> None:
        self._send(200, b"[" * 100_000, "application/json")

    def _a_list(self, _: dict[str, str]) -> None:
        self._send(200, b"[1]", "application/json")

    def _json(self, said: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(said).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _by_secret(said: dict[str, Any], shared: bytes) -> str:
    """Return a token by HS256 whose secret is a public key, which no library of good will writes."""
    parts = [json.dumps({"alg": "HS256", "typ": "JWT", "kid": KID}), json.dumps(said)]
    body = b".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=") for part in parts)
    seal = base64.urlsafe_b64encode(hmac.digest(shared, body, "sha256")).rstrip(b"=")
    return f"{body.decode()}.{seal.decode()}"
