"""Signing in by a provider of identities: authorization code with PKCE, bound to the browser that began it.

Nothing is kept on the server while a person is at the provider: state, nonce and verifier are derived from
the secret in a cookie of that browser alone (OpenID Connect Core 15.5.2); whoever lacks it finishes nothing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

import anyio
import anyio.to_thread
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.storage.links import Person
from data.storage.sessions import FlowUsedError, Opening
from pages.door import desk, id_token, provider
from pages.door.headers import own_path
from pages.door.notices import page, sign_in_page
from pages.door.signing import device_of, keep_session
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from data.settings import Settings

START: Final = "/signin/oidc"
CALLBACK: Final = "/signin/oidc/callback"
FLOW_S: Final = 600
"""How long a person may be at the provider."""
WAIT_S: Final = 12.0
"""How long a person waits for what we ask of the provider, in all."""
AT_ONCE: Final = 8
"""Threads that ask the provider: where it is slow, all others still serve whoever is inside."""
FOLLOWING_LONGEST: Final = 1000
CODE_LONGEST: Final = 4096
COOKIE_FORM: Final = re.compile(r"([A-Za-z0-9_-]{43})\.([0-9]{10,11})\.([A-Za-z0-9_=-]{0,1400})")
AWAY: Final = "统一身份认证暂时没有应答：请稍后再试，或在下面用本系统的用户名和密码登录。"
MISSET: Final = "统一身份认证的设置或其答复有误，已记入日志：请告诉系统管理员，或在下面改用密码登录。"
OVER: Final = "本次统一身份认证没有在这个浏览器里开始、已经用过或已超过十分钟：请重新点击下面的按钮。"
DECLINED: Final = "统一身份认证没有通过，或已被取消：请重试，或在下面用本系统的用户名和密码登录。"
UNPROVEN: Final = "统一身份认证的答复没有通过核验，已记入日志：请重试；如再次出现，请告诉系统管理员。"
NOBODY: Final = (
    "已通过统一身份认证，但没有可用的对应账号：请把下面的标识告诉系统管理员；已关联的，请先用密码登录，"
    "在“我的账号”确认关联是本人。"
)
"""To somebody unknown, linked and not confirmed, disabled and locked alike."""
ELSEWHERE: Final = "统一身份认证只能从 {origin} 登录：请用这个地址打开本系统。"
log = logging.getLogger(__name__)
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One way to the provider and back; what its cookie holds, and all that is derived from it."""

    secret: str
    started: int
    following: str

    @property
    def state(self) -> str:
        """What the provider brings back through the browser."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the provider signs into the token."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What proves to the provider that whoever brings the code also asked for it (RFC 7636)."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """Return the S256 challenge of the verifier."""
        return _b64(hashlib.sha256(self.verifier.encode()).digest())

    def written(self) -> str:
        """Return the cookie."""
        return f"{self.secret}.{self.started}.{_b64(self.following.encode())}"

    def _derived(self, purpose: str) -> str:
        # Start and target are part of it: a cookie that was changed fits no state.
        named = f"{purpose}|{self.started}|{self.following}"
        return _b64(hmac.digest(self.secret.encode(), named.encode(), "sha256"))


def routes() -> list[Route]:
    """Return the way out and the way back."""
    return [Route(START, _start), Route(CALLBACK, _callback)]


async def _start(request: Request) -> Response:
    settings = deployment()
    following = own_path(request.query_params.get("next", "/"))
    if not settings.oidc:
        return RedirectResponse("/signin", status_code=303)
    if request.headers.get("host", "").lower() != urlsplit(settings.oidc_origin).netloc.lower():
        # The cookie would stay at this name, and the way back leads to the other.
        return _refused(following, ELSEWHERE.format(origin=settings.oidc_origin), 400)
    flow = Flow(
        secret=secrets.token_urlsafe(32),
        started=int(time.time()),
        following=following if len(following) <= FOLLOWING_LONGEST else "/",
    )
    try:
        target = await _in_time(_authorization, settings, flow)
    except (provider.ProviderError, TimeoutError) as fault:
        return _unanswered(fault, following)
    answer = RedirectResponse(target, status_code=303)
    _keep_flow(answer, settings, flow.written())
    return answer


async def _callback(request: Request) -> Response:
    settings, asked = deployment(), request.query_params
    flow = _read(request.cookies.get(_cookie(settings), ""))
    state = asked.get("state", "")
    if not settings.oidc or flow is None or not hmac.compare_digest(state.encode(), flow.state.encode()):
        return _refused("/", OVER, 403)
    answer = await _arrived(request, settings, flow)
    # Used up, whatever came of it; an answer of somebody else's flow does not end this one.
    _keep_flow(answer, settings, "")
    return answer


async def _arrived(request: Request, settings: Settings, flow: Flow) -> Response:
    asked, device = request.query_params, device_of(request.headers.get("user-agent", ""))
    try:
        person, proven = await _in_time(_meant, settings, flow, asked.get("code", ""), asked.get("iss"))
        opening = Opening(device=device, state=flow.state, provider_factor=proven)
        token = await anyio.to_thread.run_sync(desk.sign_in_person, settings, person, opening)
    except (provider.ProviderAwayError, TimeoutError) as fault:
        return _unanswered(fault, flow.following)
    except _DeclinedError:
        return _refused(flow.following, DECLINED, 403)
    except FlowUsedError:
        return _refused(flow.following, OVER, 403)
    except (provider.ProviderError, id_token.TokenError) as fault:
        log.warning("an answer of the provider proves nothing: %s", fault)
        return _refused(flow.following, UNPROVEN, 403)
    if token is None:
        return _refused(flow.following, NOBODY, 403, subject=person.subject)
    # A page and no redirect: the session's cookie is SameSite=Strict, and a browser that is still on its way
    # from another site would not send it. From here our own page leads on.
    answer = page("entering.html", following=flow.following)
    keep_session(answer, settings, token)
    return answer


class _DeclinedError(Exception):
    """The provider says that the person did not come through."""


def _authorization(settings: Settings, flow: Flow) -> str:
    """Return where the browser is sent."""
    provider.secret(settings)  # before anybody is sent away: without it nobody comes back
    place = provider.endpoints(settings).authorization
    asked = {
        "response_type": "code",
        "response_mode": "query",
        "client_id": settings.oidc_client_id or "",
        "redirect_uri": _callback_address(settings),
        "scope": "openid",
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": flow.challenge,
        "code_challenge_method": "S256",
    }
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def _meant(settings: Settings, flow: Flow, code: str, issuer: str | None) -> tuple[Person, bool]:
    """Return whom the provider means, and whether it proved a second factor that counts."""
    place = provider.endpoints(settings)
    # RFC 9207: an answer that another provider gave is not carried to this one.
    if (issuer is not None or place.names_itself) and issuer != settings.oidc_issuer:
        raise id_token.TokenError("the answer came from another issuer")
    if not 0 < len(code) <= CODE_LONGEST:
        raise _DeclinedError
    token = provider.id_token(settings, code, flow.verifier, _callback_address(settings))
    claims = id_token.checked(settings, token, flow.nonce)
    person = Person(
        issuer=settings.oidc_issuer or "",
        claim=settings.oidc_claim,
        subject=id_token.subject(settings, claims),
    )
    return person, id_token.proves_factor(settings, claims)


def _refused(following: str, fault: str, status: int, *, subject: str = "") -> Response:
    return sign_in_page(deployment(), following=following, fault=fault, status=status, subject=subject)


def _unanswered(fault: Exception, following: str) -> Response:
    away = isinstance(fault, (provider.ProviderAwayError, TimeoutError))
    log.warning("the provider of identities cannot be used: %s", fault or "it took too long")
    return _refused(following, AWAY if away else MISSET, 503)


def _read(cookie: str) -> Flow | None:
    """Return the flow that a browser began less than ten minutes ago, or None."""
    found = COOKIE_FORM.fullmatch(cookie)
    if found is None or not 0 <= time.time() - int(found[2]) + 1 <= FLOW_S:
        return None
    try:
        following = base64.urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4)).decode("ascii")
    except ValueError:
        return None
    return Flow(secret=found[1], started=int(found[2]), following=own_path(following))


def _keep_flow(answer: Response, settings: Settings, written: str) -> None:
    # Lax and not Strict: the way back is a navigation from the provider's site, and only what is sent with it
    # binds the answer to this browser. With HTTPS the name of the cookie keeps other hosts from setting it.
    answer.set_cookie(
        _cookie(settings),
        written,
        max_age=FLOW_S if written else 0,
        httponly=True,
        samesite="lax",
        path="/",
        secure=_over_tls(settings),
    )


def _cookie(settings: Settings) -> str:
    return "__Host-anlan_flow" if _over_tls(settings) else "anlan_flow"


def _over_tls(settings: Settings) -> bool:
    return settings.oidc_origin.startswith("https:")


def _callback_address(settings: Settings) -> str:
    return f"{settings.oidc_origin}{CALLBACK}"


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def _in_time(work: Callable[Asked, Answer], *given: Asked.args, **named: Asked.kwargs) -> Answer:
    """Return what `work` returns, or stop waiting: what has begun then keeps its thread until it ends.

    Raises
    ------
    TimeoutError
        If it takes longer than `WAIT_S`, the wait for a thread included.
    """
    with anyio.fail_after(WAIT_S):
        return await asyncio.wrap_future(_asking().submit(work, *given, **named))


@lru_cache(maxsize=1)
def _asking() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="provider")
