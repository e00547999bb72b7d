"""Passwords: argon2id, and the same time for somebody unknown."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
"""OWASP Password Storage Cheat Sheet (2024): argon2id with m=19 MiB, t=2, p=1."""


def hash_password(password: str) -> str:
    """Return the argon2id hash to store, its salt and costs within."""
    return _hasher().hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether `password` made `stored`; for None, an unknown user, False in the same time."""
    try:
        return _hasher().verify(_nobody() if stored is None else stored, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Return whether a stored hash has other costs than today's."""
    return _hasher().check_needs_rehash(stored)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher().hash("nobody's password")
