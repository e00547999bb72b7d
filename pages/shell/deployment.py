"""The settings of this process, read once when first asked for."""

from __future__ import annotations

from functools import cache

from data.settings import Settings, load_settings


@cache
def deployment() -> Settings:
    """Return the settings that this web process runs under."""
    return load_settings()
