"""The life of an incident, as tables and arithmetic. No database, no clock.

::

    new ──► in_progress ──► sent ──► on_scene ──► closed
      └──────────┴───────────┴──────────┴────────► closed ──► (reopened) in_progress
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dashboards.errors import IllegalStep


class State(StrEnum):
    """Where an incident stands."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    SENT = "sent"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to an incident."""

    CONNECT = "connect"
    CLASSIFY = "classify"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    START = "start"
    ARRIVE = "on-scene"
    CLOSE = "close"
    REOPEN = "reopen"


STEPS: dict[tuple[State, Step], State] = {
    (State.NEW, Step.CONNECT): State.IN_PROGRESS,
    (State.IN_PROGRESS, Step.CONNECT): State.IN_PROGRESS,
    (State.SENT, Step.CONNECT): State.SENT,
    (State.ON_SCENE, Step.CONNECT): State.ON_SCENE,
    (State.CLOSED, Step.CONNECT): State.CLOSED,
    (State.NEW, Step.CLASSIFY): State.IN_PROGRESS,
    (State.IN_PROGRESS, Step.CLASSIFY): State.IN_PROGRESS,
    (State.SENT, Step.CLASSIFY): State.SENT,
    (State.ON_SCENE, Step.CLASSIFY): State.ON_SCENE,
    (State.NEW, Step.SEND): State.SENT,
    (State.IN_PROGRESS, Step.SEND): State.SENT,
    (State.SENT, Step.SEND): State.SENT,
    (State.ON_SCENE, Step.SEND): State.ON_SCENE,
    (State.SENT, Step.ACKNOWLEDGE): State.SENT,
    (State.ON_SCENE, Step.ACKNOWLEDGE): State.ON_SCENE,
    (State.SENT, Step.START): State.SENT,
    (State.ON_SCENE, Step.START): State.ON_SCENE,
    (State.SENT, Step.ARRIVE): State.ON_SCENE,
    (State.ON_SCENE, Step.ARRIVE): State.ON_SCENE,
    (State.NEW, Step.CLOSE): State.CLOSED,
    (State.IN_PROGRESS, Step.CLOSE): State.CLOSED,
    (State.SENT, Step.CLOSE): State.CLOSED,
    (State.ON_SCENE, Step.CLOSE): State.CLOSED,
    (State.CLOSED, Step.REOPEN): State.IN_PROGRESS,
}

MARKS = ("ring", "answered", "classified", "sent", "acknowledged", "start", "on_scene", "closed")
"""The marks of the seven-minute clock, in the order in which they are hoped for."""

# A task's own marks, in order: each waits for the one before it, except that a crew may forget a key.
TASK_STEPS: dict[Step, tuple[str, ...]] = {
    Step.ACKNOWLEDGE: ("acknowledged",),
    Step.START: ("acknowledged", "start"),
    Step.ARRIVE: ("acknowledged", "start", "on_scene"),
}


def advance(state: State, step: Step) -> State:
    """Return the state after a step. Raises :class:`~dashboards.errors.IllegalStep`."""
    target = STEPS.get((state, step))
    if target is None:
        allowed = sorted(other.value for (at, other) in STEPS if at is state)
        raise IllegalStep(
            f"an incident that is {state.value} cannot {step.value}; it can: {', '.join(allowed)}"
        )
    return target


class Stage(StrEnum):
    """How the clock stands."""

    RUNNING = "running"
    WARNING = "warning"
    LATE = "late"
    IN_TIME = "in_time"
    OVERDUE = "overdue"
    """Stopped, after the target."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The seven-minute clock of one incident."""

    elapsed_s: float
    target_s: float
    is_running: bool
    stage: Stage


def clock(marks: Mapping[str, datetime | None], target_s: float, now: datetime) -> Clock | None:
    """Return the clock at ``now``: from the ring to the scene, or to the closing. None before the ring."""
    ring = marks.get("ring")
    if ring is None:
        return None
    stopped = marks.get("on_scene") or marks.get("closed")
    elapsed_s = max(((stopped or now) - ring).total_seconds(), 0.0)
    if stopped:
        stage = Stage.IN_TIME if elapsed_s <= target_s else Stage.OVERDUE
    elif elapsed_s > target_s:
        stage = Stage.LATE
    else:
        stage = Stage.WARNING if elapsed_s > target_s * 5 / 7 else Stage.RUNNING
    return Clock(round(elapsed_s, 3), target_s, stopped is None, stage)
