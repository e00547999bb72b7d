"""One way of doing a thing, run in processes of its own, so that no way warms or burdens another."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def answers(
    script: Path, arguments: Sequence[str], runs: int, environment: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return what each run printed last, as JSON with `seconds`; a run that fails ends the benchmark."""
    found = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | (environment or {}),
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)}: {done.stderr.strip().splitlines()[-1]}")
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def middle(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the run of median seconds, with `fastest` of all and how many `runs` there were."""
    seconds = [one["seconds"] for one in found]
    chosen = next(one for one in found if one["seconds"] == statistics.median_low(seconds))
    return {**chosen, "fastest": min(seconds), "runs": len(found)}
