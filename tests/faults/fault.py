"""What a row of the table is about."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from tests.faults.bed import PLAIN, Bed, Setting

Break = Callable[[Bed], Coroutine[None, None, None]]
"""Breaks something, and mends what does not mend itself before it returns."""


@dataclass(frozen=True)
class Fault:
    """One row."""

    name: str
    do: Break
    setting: Setting = PLAIN
    """What the city needs for it."""
    kills_calls: bool = False
    """Asterisk's own death: its calls are lost, and have to be on the callback list."""
    is_short: bool = False
    """Whether it is in the short cut that `make test` runs."""
    recordings_may_fail: bool = False
    """A full disk: what is missing has to be marked so."""
    falls_silent: bool = False
    """An operator's line goes silent: whoever talks to her hears nothing, until Asterisk notices."""
