"""``python -m tests.faults.buggy``: the controller, with a bug that strikes some calls at random."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any

from ari_app.__main__ import main as run_controller
from ari_app.calls.flow import Flow

_STEPS = ("_own", "_find_operator", "_classify", "_locate", "_watch_recording")
_SHARE = 0.06


class Bug(Exception):
    """Nobody expected it."""


def _broken(step: Callable[..., Any]) -> Callable[..., Any]:
    def now_and_then(flow: Flow, *given: Any) -> Any:
        if random.random() < _SHARE:
            raise Bug(step.__name__)
        return step(flow, *given)

    return now_and_then


if __name__ == "__main__":
    for name in _STEPS:
        setattr(Flow, name, _broken(getattr(Flow, name)))
    sys.exit(run_controller())
