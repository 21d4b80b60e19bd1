"""HARTLAB_WITHOUT=blocks, memory_loops or idle_loops: the tests without it, which must change nothing."""

from __future__ import annotations

import os

from hartlab import _engine

TECHNIQUES = {"blocks": True, "memory_loops": True, "idle_loops": True}

without = os.environ.get("HARTLAB_WITHOUT")
if without is not None:
    if without not in TECHNIQUES:
        raise ValueError(f"HARTLAB_WITHOUT={without!r} is none of {', '.join(TECHNIQUES)}")
    _engine.set_techniques(**(TECHNIQUES | {without: False}))
