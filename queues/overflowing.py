"""Overflow: who waits too long, in too long a line or for nobody may be served elsewhere, too.

Nobody is ever moved away: a caller keeps her place in her own queue, and whoever comes first serves her.
"""

from __future__ import annotations

from queues.commands import CallOverflowed, ClearAlarm
from queues.floor import Floor
from queues.policy import Overflow
from queues.values import AlarmCode, OverflowTo, OverflowWhen
from queues.waiting_line import Waiting


def begin(floor: Floor, waiting: Waiting, now: float) -> None:
    """See to a caller who has just come."""
    waiting_before = floor.line.length(waiting.call.queue) - 1
    for bit, rule in _unused(floor, waiting):
        if rule.when is OverflowWhen.LENGTH and waiting_before >= rule.at:
            _use(floor, waiting, bit, rule)
    review(floor, waiting, now)


def review(floor: Floor, waiting: Waiting, now: float) -> None:
    """Use what is due for a caller, and have her looked at again when the next may be."""
    due_at: list[float] = []
    for bit, rule in _unused(floor, waiting):
        at = waiting.since + rule.at
        match rule.when:
            case OverflowWhen.WAIT if now >= at:
                _use(floor, waiting, bit, rule)
            case OverflowWhen.NO_OPERATOR if now >= at:
                # If somebody is at work now, whoever notes that the last has gone looks again.
                if not floor.staff.is_staffed(waiting.need.queues):
                    _use(floor, waiting, bit, rule)
            case OverflowWhen.WAIT | OverflowWhen.NO_OPERATOR:
                due_at.append(at)
            case _:
                pass
    if due_at:
        floor.timers.set(("overflow", waiting.id), min(due_at))
    else:
        floor.timers.cancel(("overflow", waiting.id))


def _unused(floor: Floor, waiting: Waiting) -> list[tuple[int, Overflow]]:
    rules = floor.policy.queues[waiting.call.queue].overflow
    return [(1 << place, rule) for place, rule in enumerate(rules) if not waiting.used & (1 << place)]


def _use(floor: Floor, waiting: Waiting, bit: int, rule: Overflow) -> None:
    waiting.used |= bit
    if rule.to is OverflowTo.QUEUE:
        if rule.target in waiting.need.queues:
            return
        floor.line.add_queue(waiting, rule.target)
        floor.stand(waiting)
        if floor.staff.is_staffed(waiting.need.queues) and AlarmCode.NO_OPERATOR in waiting.alarms:
            waiting.alarms -= {AlarmCode.NO_OPERATOR}
            floor.out.append(ClearAlarm(AlarmCode.NO_OPERATOR, waiting.id, waiting.call.queue))
    floor.out.append(CallOverflowed(waiting.id, waiting.call.queue, rule.when, rule.to, rule.target))
