"""Pauses: an operator who is at work and not ready, for a reason and perhaps for a time."""

from __future__ import annotations

from queues.commands import ClearAlarm, RaiseAlarm
from queues.errors import UnknownPause
from queues.floor import Floor
from queues.operators import Move, Operator
from queues.policy import Pause
from queues.values import OfferEnd, OperatorAlarm, PauseEnd

GENERAL = "pause"
"""A reason that every city has."""
FORCED = "supervisor"
"""Another: a supervisor has told her to pause, and gave no other reason."""
_MISSED = frozenset(end.value for end in OfferEnd)
ALWAYS = _MISSED | {GENERAL, FORCED}
"""Reasons that a city need not name."""


def check_reason(floor: Floor, reason: str) -> None:
    """Raise :class:`~queues.errors.UnknownPause` for a reason that the city does not have."""
    reasons = floor.policy.pauses
    if reasons and reason not in reasons and reason not in ALWAYS:
        known = ", ".join(sorted({*reasons, GENERAL}))
        raise UnknownPause(f"{reason!r} is no reason here: one of {known}")


def begin_pause(
    floor: Floor,
    operator: Operator,
    reason: str | None,
    now: float,
    *,
    forced_by: str = "",
    for_s: float | None = None,
) -> None:
    """Make an operator not ready. The caller of this has taken care of her call."""
    end_pause(floor, operator)
    limit_s = _rule(floor, reason).limit_s if for_s is None else for_s
    operator.forced_by = forced_by
    if limit_s > 0:
        operator.ends_at = now + limit_s
        floor.timers.set(("pause", operator.id), operator.ends_at)
    floor.move(operator, Move.BE_NOT_READY, reason)


def begin_wished_pause(floor: Floor, operator: Operator, now: float) -> None:
    """Make an operator not ready in the way that she, or a supervisor, wished while she had a call."""
    reason, forced_by, for_s = operator.next_reason, operator.next_forced_by, operator.next_for_s
    operator.forget_wishes()
    begin_pause(floor, operator, reason, now, forced_by=forced_by, for_s=for_s)


def end_pause(floor: Floor, operator: Operator) -> None:
    """A pause is over, if there was one: no timer and no alarm is left of it."""
    operator.ends_at, operator.forced_by = None, ""
    floor.timers.cancel(("pause", operator.id))
    if operator.is_overdue:
        operator.is_overdue = False
        floor.out.append(ClearAlarm(OperatorAlarm.PAUSE_OVERDUE, "", "", operator.id))


def is_over(floor: Floor, operator: Operator, now: float) -> None:
    """A pause has lasted as long as it may: by its reason she is ready, or the supervisors are told."""
    if _rule(floor, operator.reason).then is PauseEnd.READY and not operator.forced_by:
        end_pause(floor, operator)
        operator.idle_since = now
        floor.move(operator, Move.BE_READY)
    else:
        operator.is_overdue = True
        floor.out.append(RaiseAlarm(OperatorAlarm.PAUSE_OVERDUE, "", "", operator.id))


def _rule(floor: Floor, reason: str | None) -> Pause:
    """Return what a reason allows; a missed call is a pause by the city's general rule for it."""
    if reason in _MISSED:
        return Pause(floor.policy.missed_pause_s, PauseEnd.READY)
    return floor.policy.pauses.get(reason or "", Pause())
