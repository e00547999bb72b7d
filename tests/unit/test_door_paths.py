"""Where a sign-in leads, and how many threads a provider that does not answer can hold."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import anyio
import pytest

from pages.door import oidc
from pages.door.headers import own_path

if TYPE_CHECKING:
    from collections.abc import Callable

MORE: Final = 3


@pytest.mark.parametrize(
    "target",
    [
        "/./signin/oidc",
        "/water/../signin",
        "/.",
        "/..",
        "/water/..",
        "/./",
        "//elsewhere.example",
        "/water//x",
        "/water//",
        "/signin",
        "/signout",
        "https://elsewhere.example",
        "/\\elsewhere",
        "",
    ],
)
def test_a_sign_in_leads_nowhere_but_straight_to_a_page(target: str) -> None:
    assert own_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/water", "/water/", "/me?done=post", "/files/a.b", "/x?next=.."])
def test_a_page_of_ours_is_reached(target: str) -> None:
    assert own_path(target) == target


def in_a_loop(asked: Callable[..., Any], *given: object) -> Any:
    """Run in a thread of its own: the browser of other tests has a loop going on in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, asked, *given).result()


def test_whoever_stops_waiting_leaves_the_thread_counted_until_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(oidc, "WAIT_S", 0.1)
    end, lock = threading.Event(), threading.Lock()
    begun: list[str] = []

    def work() -> None:
        with lock:
            begun.append(threading.current_thread().name)
        end.wait()

    async def ask() -> None:
        for _ in range(oidc.AT_ONCE + MORE):
            with pytest.raises(TimeoutError):
                await oidc._in_time(work)

    try:
        in_a_loop(ask)
        assert 0 < len(begun) <= oidc.AT_ONCE
    finally:
        end.set()
    monkeypatch.setattr(oidc, "WAIT_S", 60.0)
    # What nobody waits for any more and had not begun never begins.
    assert in_a_loop(oidc._in_time, threading.active_count) > 0
    assert len(begun) <= oidc.AT_ONCE
