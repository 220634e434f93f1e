"""What happens to an operator: she comes to work, talks, wraps up, pauses, goes home."""

from __future__ import annotations

from queues.callers import take_out_of_talk
from queues.errors import IllegalEvent
from queues.events import (
    CallEnded,
    OperatorNotReady,
    OperatorQueuesChanged,
    OperatorReachable,
    OperatorReady,
    OperatorSignedOff,
    OperatorSignedOn,
    OperatorUnreachable,
    TalkAdopted,
    WrapUpExtended,
)
from queues.floor import Floor, must_wrap_up, rules_of
from queues.leases import end, lose, wait_on
from queues.operators import Move, Operator, WrapUp
from queues.pausing import begin_pause, begin_wished_pause, check_reason, end_pause
from queues.values import OfferEnd, OperatorState, WrapUpMode

_HAS_A_CALL = frozenset({OperatorState.RINGING, OperatorState.TALKING})


def sign_on(floor: Floor, event: OperatorSignedOn, now: float) -> None:
    """An operator has come to work. A phone that is not her own is hers alone while she is there."""
    _check_queues(floor, event.queues)
    known = floor.staff.operators.get(event.operator_id)
    if known is not None and known.state is not OperatorState.SIGNED_OFF:
        raise IllegalEvent(f"operator {event.operator_id} is signed on already")
    holder = floor.staff.phones.get(event.phone, event.operator_id)
    if holder != event.operator_id:
        raise IllegalEvent(f"phone {event.phone} is in use: {holder} is signed on there")
    operator = Operator(
        event.operator_id,
        event.queues,
        event.skills,
        event.languages,
        is_reachable=event.phone_is_reachable,
        order=event.order,
        phone=event.phone,
        idle_since=now,
        calls=known.calls if known is not None else 0,
        freed=known.freed if known is not None else 0,
    )
    if event.phone:
        floor.staff.phones[event.phone] = operator.id
    floor.staff.operators[operator.id] = operator
    floor.assign(operator)
    floor.move(operator, Move.SIGN_ON)


def change_queues(floor: Floor, event: OperatorQueuesChanged, now: float) -> None:
    """An operator signs on to other queues, or off from some. What she is doing goes on."""
    operator = floor.operator(event.operator_id)
    _check_queues(floor, event.queues)
    floor.staff.withdraw(operator)
    operator.queues = event.queues
    floor.assign(operator)
    floor.tell(operator)


def be_ready(floor: Floor, event: OperatorReady, now: float) -> None:
    """An operator wants calls. Out of a pause that a supervisor ordered, only a supervisor lets her."""
    operator = floor.operator(event.operator_id)
    forced_by = operator.forced_by or operator.next_forced_by
    if forced_by and not event.by:
        raise IllegalEvent(f"operator {operator.id} was told to pause by {forced_by}, who can end it")
    state = operator.state
    if state is OperatorState.READY or (
        state is OperatorState.RINGING and operator.next_state is OperatorState.READY
    ):
        return  # She is, or is to be.
    if state in _HAS_A_CALL or must_wrap_up(floor, operator):
        operator.forget_wishes()
        floor.tell(operator)
    else:
        _become_ready(floor, operator, now)


def be_not_ready(floor: Floor, event: OperatorNotReady, now: float) -> None:
    """An operator pauses: at once, or after the call that she is in and the wrap-up that it must have."""
    operator = floor.operator(event.operator_id)
    check_reason(floor, event.reason)
    forced_by = operator.forced_by or operator.next_forced_by
    if forced_by and not event.by:
        raise IllegalEvent(f"operator {operator.id} was told to pause by {forced_by}, who can end it")
    if operator.state is OperatorState.TALKING or must_wrap_up(floor, operator):
        operator.next_state, operator.next_reason = OperatorState.NOT_READY, event.reason
        operator.next_forced_by, operator.next_for_s = event.by, event.for_s
        floor.tell(operator)
        return
    _drop_offer(floor, operator)
    _end_wrap_up(floor, operator)
    operator.forget_wishes()
    begin_pause(floor, operator, event.reason, now, forced_by=event.by, for_s=event.for_s)


def sign_off(floor: Floor, event: OperatorSignedOff, now: float) -> None:
    """An operator goes home: at once, or after the call that she is in and the wrap-up that it must have."""
    operator = floor.operator(event.operator_id)
    if operator.state is OperatorState.TALKING or must_wrap_up(floor, operator):
        operator.forget_wishes()
        operator.next_state = OperatorState.SIGNED_OFF
        floor.tell(operator)
        return
    _drop_offer(floor, operator)
    _end_wrap_up(floor, operator)
    _go_home(floor, operator)


def extend_wrap_up(floor: Floor, event: WrapUpExtended, now: float) -> None:
    """An operator needs more time after her call, up to the queue's limit."""
    operator = floor.operator(event.operator_id)
    if operator.state is not OperatorState.WRAP_UP or operator.ends_at is None:
        raise IllegalEvent(f"operator {operator.id} is {operator.state.value}: there is no wrap-up to extend")
    if not event.by_s > 0:
        raise IllegalEvent("by_s: more than 0 seconds")
    limit_s = rules_of(floor, operator).wrap_up_limit_s
    latest = operator.wrap_up_began_at + limit_s
    if operator.ends_at >= latest:
        raise IllegalEvent(f"operator {operator.id} has had the {limit_s:g} s that a wrap-up may last")
    operator.ends_at = min(operator.ends_at + event.by_s, latest)
    floor.timers.set(("wrap-up", operator.id), operator.ends_at)
    floor.tell(operator)


def end_talk(floor: Floor, event: CallEnded, now: float) -> None:
    """A talk is over: its operator wraps up, or goes on."""
    operator = take_out_of_talk(floor, event.call_id)
    interrupted, operator.interrupted = operator.interrupted, None
    if not event.has_spoken:
        _go_back(floor, operator, interrupted, now)
        return
    rules = rules_of(floor, operator)
    if rules.wrap_up_mode is WrapUpMode.NONE or rules.wrap_up_s <= 0:
        go_on(floor, operator, now)
        return
    operator.wrap_up_began_at = now
    operator.ends_at = now + rules.wrap_up_s
    floor.move(operator, Move.WRAP_UP, operator.next_reason, event.call_id)
    floor.timers.set(("wrap-up", operator.id), operator.ends_at)


def go_on(floor: Floor, operator: Operator, now: float) -> None:
    """After a call: where the operator asked to go, or to the next call."""
    operator.ends_at = None
    match operator.next_state:
        case OperatorState.NOT_READY:
            begin_wished_pause(floor, operator, now)
        case OperatorState.SIGNED_OFF:
            _go_home(floor, operator)
        case _:
            operator.idle_since = now
            floor.move(operator, Move.BE_READY)


def adopt_talk(floor: Floor, event: TalkAdopted, now: float) -> None:
    """Two talked before this ACD was: after it, the operator is where she is now."""
    operator = floor.operator(event.operator_id)
    if event.call_id in floor.line or event.call_id in floor.talking:
        raise IllegalEvent(f"{event.call_id} waits or talks already")
    was, reason, forced_by = operator.state, operator.reason, operator.forced_by
    operator.move(Move.BE_FOUND_TALKING)
    if was is OperatorState.WRAP_UP and operator.ends_at is not None:
        operator.interrupted = WrapUp(operator.queue, operator.call_id, operator.ends_at)
        _end_wrap_up(floor, operator)
    if was is OperatorState.NOT_READY:
        end_pause(floor, operator)
        operator.next_state, operator.next_reason = OperatorState.NOT_READY, reason
        operator.next_forced_by = forced_by
    operator.queue, operator.call_id = None, event.call_id
    floor.tell(operator)
    floor.talking[event.call_id] = operator.id


def set_reachable(floor: Floor, event: OperatorReachable | OperatorUnreachable, now: float) -> None:
    """An operator's phone has come or gone. That of somebody who is not at work is no concern."""
    operator = floor.staff.operators.get(event.operator_id)
    is_reachable = isinstance(event, OperatorReachable)
    if operator is None or operator.is_reachable is is_reachable:
        return
    operator.is_reachable = is_reachable
    if operator.offer is not None and not is_reachable:
        lose(floor, operator.offer, OfferEnd.UNREACHABLE, now)
    elif operator.state is OperatorState.READY:
        operator.reason = None if is_reachable else OfferEnd.UNREACHABLE.value
        floor.tell(operator)
    elif operator.state is not OperatorState.SIGNED_OFF:
        floor.staff.note(operator)


def _go_back(floor: Floor, operator: Operator, interrupted: WrapUp | None, now: float) -> None:
    """An operator who was called in vain is where she was; of a wrap-up she has what is left of it."""
    if interrupted is not None and interrupted.ends_at > now:
        operator.queue, operator.ends_at = interrupted.queue, interrupted.ends_at
        floor.move(operator, Move.WRAP_UP, operator.next_reason, interrupted.call_id)
        floor.timers.set(("wrap-up", operator.id), operator.ends_at)
    else:
        go_on(floor, operator, now)


def _become_ready(floor: Floor, operator: Operator, now: float) -> None:
    if operator.state is OperatorState.WRAP_UP:
        _end_wrap_up(floor, operator)
    else:
        end_pause(floor, operator)
    operator.forget_wishes()
    operator.idle_since = now
    floor.move(operator, Move.BE_READY)


def _go_home(floor: Floor, operator: Operator) -> None:
    end_pause(floor, operator)
    operator.forget_wishes()
    if operator.phone:
        floor.staff.phones.pop(operator.phone, None)
    floor.move(operator, Move.SIGN_OFF)


def _end_wrap_up(floor: Floor, operator: Operator) -> None:
    if operator.state is OperatorState.WRAP_UP or operator.ends_at is not None:
        floor.timers.cancel(("wrap-up", operator.id))
        operator.ends_at = None


def _drop_offer(floor: Floor, operator: Operator) -> None:
    """Take an offer from an operator who goes; the caller waits on in her place, at no other's cost."""
    lease = operator.offer
    if lease is not None:
        end(floor, lease, OfferEnd.RESCINDED)
        wait_on(floor, lease.waiting)


def _check_queues(floor: Floor, queues: tuple[str, ...]) -> None:
    for queue in queues:
        floor.queue_policy(queue)
