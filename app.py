"""The door of the program: the gate, the routes beside the pages, and the main script behind them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from data.server.cluster import ensure_running
from pages.door.gate import Gate
from pages.door.routes import routes
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Have the embedded server up before the first request; a server of one's own is left alone."""
    if deployment().embedded:
        await anyio.to_thread.run_sync(ensure_running, deployment())
    yield {}


app = st.App(
    Path(__file__).parent / "pages" / "shell" / "main.py",
    routes=routes(),
    middleware=[Middleware(Gate, settings=deployment)],
    lifespan=lifespan,
)
