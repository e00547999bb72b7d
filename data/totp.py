"""The second factor: time-based codes (RFC 6238, SHA-1, 30 s, 6 digits) and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Final

import pyotp

from data.keyring import Place

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""Clocks of phones may be this many steps off (RFC 6238, 5.2: at most one)."""
SECRET_BYTES: Final = 20
"""RFC 4226, 4 R6: 160 bits."""
CODE_DIGITS: Final = 6
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
"""80 random bits: a stored hash needs no salt."""
ISSUER: Final = "安澜"


def place(account_id: int) -> Place:
    """Return where the sealed secret of an account stands."""
    return Place(table="account", record=account_id, column="totp")


def new_secret() -> bytes:
    """Return a secret."""
    return secrets.token_bytes(SECRET_BYTES)


def readable(secret: bytes) -> str:
    """Return a secret as it is typed into a phone that cannot scan."""
    return base64.b32encode(secret).decode("ascii")


def address(secret: bytes, login: str) -> str:
    """Return the otpauth address that the picture to scan holds."""
    return pyotp.TOTP(readable(secret)).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(secret: bytes, code: str, *, after: int, now_s: float | None = None) -> int | None:
    """Return the step (later than `after`: no code is taken twice) whose code was typed; None for none."""
    typed = "".join(code.split())
    if len(typed) != CODE_DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    generator = pyotp.TOTP(readable(secret))
    current = int((time.time() if now_s is None else now_s) // STEP_S)
    steps = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    matching = [step for step in steps if hmac.compare_digest(generator.generate_otp(step), typed)]
    return next((step for step in matching if step > after), None)


def new_recovery_codes() -> list[str]:
    """Return codes to keep on paper, each good once."""
    made = (
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode("ascii") for _ in range(RECOVERY_CODES)
    )
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in made]


def hash_of_recovery(code: str) -> bytes:
    """Return what the database keeps of a recovery code, however it was typed."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).digest()
