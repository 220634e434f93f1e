"""The rules that a city sets for its queues. All times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from queues.values import OverflowTo, OverflowWhen, PauseEnd, WrapUpMode


@dataclass(frozen=True, slots=True)
class Overflow:
    """One way in which a queue overflows. Each is used once for a caller."""

    when: OverflowWhen
    at: float
    """Seconds of waiting; for ``length``, how many wait already."""
    to: OverflowTo
    target: str = ""
    """The queue's or the neighbour's id."""


@dataclass(frozen=True, slots=True)
class Announcements:
    """What a waiting caller is told, and how often."""

    first_after_s: float = 20.0
    every_s: float = 30.0
    position_up_to: int = 0
    """The last position that is told; further back, only that she is not forgotten. 0: never told."""


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """The rules of one queue."""

    ring_timeout_s: float = 12.0
    """How long one phone rings before the next is tried."""
    wrap_up_s: float = 30.0
    """How long an operator stays free of calls after one; 0 means none."""
    answer_target_s: float = 10.0
    """A caller who waits longer is an alarm."""
    strategy: str = "longest_idle"
    """Who is rung among those who fit best: one of :data:`queues.strategies.STRATEGIES`."""
    ring_at_once: int = 10
    """How many phones ring for one caller under ``ring_all``."""
    relax_s: tuple[float, ...] = ()
    """When a caller may be offered to the next worse fit; after the last, to anybody who serves the queue.
    Empty: the city's ``relax_after_s`` is the only step."""
    wrap_up_mode: WrapUpMode = WrapUpMode.OPTIONAL
    wrap_up_limit_s: float = 900.0
    """How long a wrap-up can become by being extended."""
    overflow: tuple[Overflow, ...] = ()
    announcements: Announcements | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A reason not to be ready."""

    limit_s: float = 0.0
    """How long it may last; 0 means without end."""
    then: PauseEnd = PauseEnd.ALARM


@dataclass(frozen=True, slots=True)
class AcdPolicy:
    """The rules of a city."""

    queues: Mapping[str, QueuePolicy]
    relax_after_s: float = 5.0
    """How long a caller is kept for an operator with the right skills and language while another is free."""
    ageing_s: float = 120.0
    """How long a caller has to wait to be before one who is one step more urgent and comes then."""
    redial_within_s: float = 300.0
    """A caller who hung up while she waited and rings again so soon has her place again; 0: never."""
    missed_pause_s: float = 0.0
    """How long an operator whose phone did not take an offer is not ready; 0: until she says so herself."""
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    """The reasons not to be ready, by code; empty: any text is a reason."""

    def relax_steps(self, queue: str) -> tuple[float, ...]:
        """Return after how many seconds a caller of a queue may be offered to the next worse fit."""
        return self.queues[queue].relax_s or (self.relax_after_s,)

    def handicap_s(self, priority: int) -> float:
        """Return by how much later a caller of this priority counts as having come."""
        return priority * self.ageing_s
