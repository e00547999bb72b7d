"""One profile for all laws: no deadline (a shared machine is slow at times), nothing left on the disk."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("anlan", deadline=None, max_examples=20, database=None)
settings.load_profile("anlan")
