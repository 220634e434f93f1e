"""The rules that a city sets for its queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """The rules of one queue. All times in seconds."""

    ring_timeout_s: float = 12.0
    """How long one phone rings before the next is tried."""
    wrap_up_s: float = 30.0
    """How long an operator stays free of calls after one; 0 means none."""
    answer_target_s: float = 10.0
    """A caller who waits longer is an alarm."""


@dataclass(frozen=True, slots=True)
class AcdPolicy:
    """The rules of a city."""

    queues: Mapping[str, QueuePolicy]
    relax_after_s: float = 5.0
    """How long a caller is kept for an operator with the right skills and language while another is free."""
