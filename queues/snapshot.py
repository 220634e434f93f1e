"""What stands in the ACD at one moment, for those who watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from queues.operators import Operator
from queues.vocabulary import OperatorState
from queues.waiting_line import WaitingLine


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """One caller who waits. ``position`` counts from 1 in her queue."""

    call_id: str
    queue: str
    priority: int
    position: int
    waited_s: float
    offered_to: str | None
    """Whose phone rings for her; the first, if several do."""
    overflowed_to: tuple[str, ...] = ()
    """The other queues whose operators may take her, too."""
    is_moved_to_head: bool = False


@dataclass(frozen=True, slots=True)
class OperatorView:
    """One operator."""

    operator_id: str
    state: OperatorState
    reason: str | None
    is_reachable: bool
    call_id: str | None
    queues: tuple[str, ...] = ()
    ends_in_s: float | None = None
    """When her wrap-up or her pause is over; below 0 for a pause that is overdue."""
    forced_by: str = ""
    phone: str = ""
    calls: int = 0
    """How many calls she has taken."""


@dataclass(frozen=True, slots=True)
class AcdSnapshot:
    """Everybody who waits, in order; every operator; who talks with whom."""

    waiting: tuple[WaitingCall, ...]
    operators: tuple[OperatorView, ...]
    talking: tuple[tuple[str, str], ...]
    """Call and operator."""


def take(
    line: WaitingLine, operators: Mapping[str, Operator], talking: Mapping[str, str], now: float
) -> AcdSnapshot:
    """Return what stands at ``now``."""
    positions: Counter[str] = Counter()
    waiting = []
    for one in line.in_order():
        positions[one.call.queue] += 1
        waiting.append(
            WaitingCall(
                one.id,
                one.call.queue,
                one.call.priority,
                positions[one.call.queue],
                round(now - one.since, 3),
                one.offered_to,
                one.need.queues[1:],
                one.is_moved,
            )
        )
    views = tuple(
        OperatorView(
            op.id,
            op.state,
            op.reason,
            op.is_reachable,
            op.call_id,
            op.queues,
            None if op.ends_at is None else round(op.ends_at - now, 3),
            op.forced_by,
            op.phone,
            op.calls,
        )
        for op in sorted(operators.values(), key=lambda op: op.id)
    )
    return AcdSnapshot(tuple(waiting), views, tuple(sorted(talking.items())))
