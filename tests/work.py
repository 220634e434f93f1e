"""Counts the steps that our own code takes: what a busy machine does not change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import ari_app
import queues
from ari_app import fake_asterisk

_OURS = tuple(str(Path(str(one.__file__)).parent) for one in (ari_app, queues))
_FAKE = str(Path(str(fake_asterisk.__file__)).parent)


class Work:
    """The steps, Python's instructions, of `ari_app` and `queues`."""

    def __init__(self) -> None:
        self.steps = 0

    def __call__(self, frame: FrameType, what: str, _: Any) -> Work | None:
        path = frame.f_code.co_filename
        if not path.startswith(_OURS) or path.startswith(_FAKE):
            return None
        frame.f_trace_opcodes = True
        self.steps += what == "opcode"
        return self


@contextmanager
def counted() -> Iterator[Work]:
    """Count while this lasts, in this thread."""
    work, before = Work(), sys.gettrace()
    sys.settrace(work)
    try:
        yield work
    finally:
        sys.settrace(before)
