"""A working area that is not the sample: its parameters, and sign-ins to try it with."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from data.engine import Login, Scope, connect
from data.passwords import hash_password
from data.sample.accounts import SIGN_INS
from data.storage import accounts, areas
from data.storage.parameters import add_missing_parameters
from hazards.parameters import definitions
from jobs.sample import demo_password

if TYPE_CHECKING:
    from data.settings import Settings


def found(settings: Settings) -> list[str]:
    """Give the area its missing parameters and the demo sign-ins; return their logins.

    Whoever looks after one township or village gets the first of the area. Run again, nothing is doubled;
    the sign-ins get the demo password of this installation anew. A real account of the same login stays.
    """
    root = settings.area_code
    with connect(settings, Login.IMPORTER, Scope(root, None, "founding")) as connection:
        add_missing_parameters(connection, pd.DataFrame([asdict(one) for one in definitions()]))
        tree = areas.tree(connection, root)
        reach = {"prefecture": root}
        for level in ("township", "village"):
            codes = tree.index[tree["level"] == level]
            reach[level] = str(codes[0]) if len(codes) else root
        hashed = hash_password(demo_password(settings))
        made = []
        for login, name, bureau, role, level in SIGN_INS:
            held = accounts.find_account(connection, login)
            if held is not None and not held.demo:
                continue
            made.append(login)
            number = accounts.create_account(
                connection, login=login, display_name=name, bureau=bureau, password_hash=hashed, demo=True
            )
            accounts.add_grant(connection, number, role, reach[level])
    return made
