"""``python -m tests.faults.buggy``: the controller, with a bug that strikes some calls at random."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any

from ari_app.__main__ import main as run_controller
from ari_app.calls import flow
from ari_app.calls.flow import Flow

STEPS: tuple[tuple[object, str], ...] = (
    (Flow, "_own"),
    (Flow, "_find_operator"),
    (Flow, "_classify"),
    (Flow, "_watch_recording"),
    (flow, "locate_and_follow"),
)
_SHARE = 0.06


class Bug(Exception):
    """Nobody expected it."""


def _broken(step: Callable[..., Any]) -> Callable[..., Any]:
    def now_and_then(*given: Any) -> Any:
        if random.random() < _SHARE:
            raise Bug(step.__name__)
        return step(*given)

    return now_and_then


if __name__ == "__main__":
    for where, name in STEPS:
        setattr(where, name, _broken(getattr(where, name)))
    sys.exit(run_controller())
