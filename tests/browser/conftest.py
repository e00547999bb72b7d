"""The program as it is served, over a thin sample, and a browser that cannot leave the machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, Page, Request, sync_playwright
from sqlalchemy import text

from data import engine
from data.server import cluster, migrate
from data.settings import ROOT, Settings
from jobs import assess, child_tables, sample
from pages.door import desk
from pages.door.headers import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

THIN = 8.0
START_S = 60
DRAWN_MS = 30_000
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name leads off the machine. To route each request instead would switch the browser's cache off, and
    # every page would load all of its script anew.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
OWN_SCHEMES = ("data:", "blob:")


@dataclass(frozen=True)
class Site:
    """A running program: where it answers and over which data."""

    settings: Settings
    url: str

    @property
    def password(self) -> str:
        return sample.demo_password(self.settings)


@dataclass
class Reader:
    """A browser of one person; whatever it asked of another machine did not leave and is listed."""

    context: BrowserContext
    page: Page
    site: Site
    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def sign_in(self, login: str, purpose: str = "日常走访与关爱服务") -> None:
        """Sign in; what for is said beforehand, so that a page of children asks no more (empty: it asks)."""
        self.page.goto(f"{self.site.url}/signin")
        self.page.fill("#login", login)
        self.page.fill("#password", self.site.password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".anlan-head", timeout=DRAWN_MS)
        if purpose:
            self.state_purpose(purpose)

    def state_purpose(self, purpose: str = "日常走访与关爱服务") -> None:
        """Say what this session looks at children for, as the page would ask."""
        token = next(one["value"] for one in self.context.cookies() if one["name"] == COOKIE)
        desk.state_purpose(self.site.settings, token, purpose)

    def dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def frame(self) -> Frame:
        handle = self.page.locator("iframe").first.element_handle()
        assert handle is not None
        found = handle.content_frame()
        assert found is not None
        return found

    def visit(self, path: str, *, drawn: bool = True) -> Page:
        self.page.goto(f"{self.site.url}{path}")
        self.page.wait_for_selector(".anlan-title, .anlan-empty", timeout=DRAWN_MS)
        if drawn:
            self.drawn()
        return self.page

    def drawn(self) -> None:
        frame = self.page.frame_locator("iframe").first
        frame.locator("[data-drawn=yes]").wait_for(timeout=DRAWN_MS)


@pytest.fixture(scope="session")
def filled(server: Settings) -> Iterator[Settings]:
    """Settings of an own server that holds a thin sample with findings."""
    with own_server(server) as settings:
        sample.load(settings, "county", thin=THIN)
        assess.refresh(settings)
        child_tables.tell(settings)
        engine.dispose()
        yield settings


@contextlib.contextmanager
def own_server(server: Settings) -> Iterator[Settings]:
    """Settings of a server beside `server`, migrated and empty, that ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-web-"))
    folder.chmod(0o755)  # the server's own user comes through
    (folder / "assets").symlink_to((server.state / "assets").resolve())
    settings = Settings(database_url=None, state=folder, durable=False)
    cluster.ensure_running(settings)
    migrate.upgrade(settings)
    yield settings
    engine.dispose()
    cluster.stop(settings)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def site(filled: Settings) -> Iterator[Site]:
    """The program, already started once."""
    with served(filled) as running:
        yield running


@pytest.fixture(autouse=True)
def everybody_gets_in(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold each test to leaving the accounts of the shared site open: the next test signs in with them.

    Which test is the next differs from run to run, by how the files fall to the processes.
    """
    yield
    if "filled" in request.fixturenames:
        with engine.connect(request.getfixturevalue("filled"), engine.Login.OWNER) as connection:
            shut = connection.execute(
                text("SELECT login FROM account WHERE demo AND (disabled OR locked_until > now())")
            ).scalars()
            assert shut.all() == []


@pytest.fixture
def fresh_site(filled: Settings) -> Iterator[Site]:
    """The program just started: nobody has asked it for anything but its health."""
    with served(filled) as running:
        yield running


@contextlib.contextmanager
def served(
    settings: Settings,
    script: Path = ROOT / "app.py",
    health: str = "/health",
    more: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Run a script of Streamlit, the program itself unless told otherwise, until the block ends.

    `more`: settings of the environment, in which `{url}` stands for where it answers.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ANLAN_STATE": str(settings.state), "ANLAN_DURABLE": "false"}
    url = f"http://127.0.0.1:{port}"
    environment |= {name: value.replace("{url}", url) for name, value in (more or {}).items()}
    with (settings.state / f"web-{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(url + health, process)
            yield Site(settings, url)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2),
        ):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the program did not answer at {url}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_OPTIONS))
        yield launched
        launched.close()


@pytest.fixture
def reader(browser: Browser, site: Site) -> Iterator[Reader]:
    """A person at a desk."""
    with reading(browser, site, width=1440) as made:
        yield made


@pytest.fixture
def walker(browser: Browser, site: Site) -> Iterator[Reader]:
    """A person with a phone 360 points wide."""
    with reading(browser, site, width=360) as made:
        yield made


@contextlib.contextmanager
def reading(browser: Browser, site: Site, *, width: int) -> Iterator[Reader]:
    phone = width < 500
    context = browser.new_context(
        viewport={"width": width, "height": 780 if phone else 900},
        locale="zh-CN",
        is_mobile=phone,
        has_touch=phone,
    )
    made = Reader(context, context.new_page(), site)

    def note(request: Request) -> None:
        if not request.url.startswith((f"{site.url}/", *OWN_SCHEMES)):
            made.outside.append(request.url)

    context.on("request", note)
    made.page.on("dialog", made.dismiss)
    yield made
    context.close()
