"""How much a test that takes its chances tries: a little while one works, all of it before one sends."""

from __future__ import annotations

import os

IS_THOROUGH = os.environ.get("SUAR_TEST_EFFORT", "quick") == "thorough"


def examples(quick: int, thorough: int) -> int:
    """Return how many examples, or steps, a test takes."""
    return thorough if IS_THOROUGH else quick
