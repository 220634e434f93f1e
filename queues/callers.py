"""What happens to a caller: she comes, is moved, is answered, goes."""

from __future__ import annotations

from queues import alarms, announcing, overflowing
from queues.commands import ConnectCall, ReleaseOperatorLeg
from queues.errors import CallTaken, IllegalEvent, UnknownCall
from queues.events import (
    CallAbandoned,
    CallDiverted,
    CallMovedToHead,
    CallPicked,
    CallPriorityChanged,
    CallQueued,
    OfferAccepted,
    OfferFailed,
)
from queues.floor import Floor, must_wrap_up
from queues.leases import lose, offer, take_back
from queues.offers import Offer
from queues.operators import Move, Operator
from queues.pausing import end_pause
from queues.skills import parse
from queues.values import OfferEnd, OperatorState
from queues.waiting_line import Waiting


def queue(floor: Floor, call: CallQueued, now: float) -> None:
    """Let a caller in: at her own place if she has waited before, on this line or on an earlier one."""
    call_id = call.call_id
    if call_id in floor.line or call_id in floor.talking:
        raise IllegalEvent(f"{call_id} waits or talks already")
    rules = floor.queue_policy(call.queue)
    for text in call.wants:
        parse(text)
    since = now if call.enqueued_at is None else call.enqueued_at
    rank = 0
    if call.caller and (left := floor.left.pop(call.caller, None)):
        until, waited_since, left_rank = left
        if now <= until:
            since, rank = min(since, waited_since), left_rank
    waiting = floor.line.enter(call, since, rank)
    floor.timers.set(("late", call_id), since + rules.answer_target_s)
    if not floor.staff.at_work[call.queue]:
        alarms.check(floor, waiting)
    if rules.overflow:
        overflowing.begin(floor, waiting, now)
    if rules.announcements is not None:
        announcing.begin(floor, waiting, now)
    floor.stand(waiting)


def abandon(floor: Floor, event: CallAbandoned, now: float) -> None:
    """A caller hung up while she waited."""
    waiting = floor.waiting(event.call_id)
    _withdraw(floor, waiting, OfferEnd.CANCELLED, now)
    caller, within_s = waiting.call.caller, floor.policy.redial_within_s
    if caller and within_s > 0:
        left = floor.left
        left.pop(caller, None)
        left[caller] = (now + within_s, waiting.since, waiting.place[0])
        while left[oldest := next(iter(left))][0] < now:
            del left[oldest]


def divert(floor: Floor, event: CallDiverted, now: float) -> None:
    """A neighbouring PSAP, or a supervisor, has her."""
    _withdraw(floor, floor.waiting(event.call_id), OfferEnd.RESCINDED, now)


def move_to_head(floor: Floor, event: CallMovedToHead, now: float) -> None:
    """A supervisor has her served next, by anybody who serves the queue. Phones that ring go on."""
    waiting = floor.waiting(event.call_id)
    floor.line.move_to_head(waiting)
    floor.stand(waiting)


def change_priority(floor: Floor, event: CallPriorityChanged, now: float) -> None:
    """She counts as having come at another time, and began to wait when she did. Phones that ring go on."""
    waiting = floor.waiting(event.call_id)
    floor.line.change_priority(waiting, event.priority)
    floor.stand(waiting)


def pick(floor: Floor, event: CallPicked, now: float) -> None:
    """An operator takes a certain caller: her phone alone rings. Who comes second hears that she is taken."""
    operator = floor.operator(event.operator_id)
    if holder := floor.talking.get(event.call_id):
        raise CallTaken(event.call_id, holder)
    waiting = floor.waiting(event.call_id)
    if waiting.is_picked and waiting.live[0].operator is not operator:
        raise CallTaken(event.call_id, waiting.live[0].operator.id)
    if operator.offer is not None and operator.offer.waiting is waiting:
        operator.offer.is_pick = True  # It rings there already; from now on nobody else may have her.
        for lease in _others(waiting, operator.offer):
            take_back(floor, lease, OfferEnd.RESCINDED, now)
        floor.line.step_out(waiting)
        return
    _check_may_pick(floor, operator)
    for lease in waiting.live:
        take_back(floor, lease, OfferEnd.RESCINDED, now)
    floor.line.step_out(waiting)
    if operator.state is OperatorState.NOT_READY:
        # After this one call she is where she was.
        operator.next_state, operator.next_reason = OperatorState.NOT_READY, operator.reason
        operator.next_forced_by = operator.forced_by
        end_pause(floor, operator)
    elif operator.state is OperatorState.WRAP_UP:
        floor.timers.cancel(("wrap-up", operator.id))
        operator.ends_at = None
    offer(floor, waiting, operator, now, is_pick=True)


def accept(floor: Floor, event: OfferAccepted, now: float) -> None:
    """A phone was answered. If its lease had ended, it is put down; the first in time has her."""
    waiting = floor.line.get(event.call_id)
    lease = waiting.lease(event.offer_id) if waiting is not None else None
    if waiting is None or lease is None:
        floor.out.append(ReleaseOperatorLeg(event.offer_id, event.call_id, event.operator_id))
        return
    operator = lease.operator
    waiting.end_lease(lease)
    operator.offer = None
    floor.timers.cancel(("ring", lease.id))
    floor.talking[waiting.id] = operator.id
    operator.queue = waiting.call.queue
    operator.calls += 1
    floor.move(operator, Move.CONNECT, call_id=waiting.id)
    floor.out.append(ConnectCall(lease.id, waiting.id, operator.id))
    for other in waiting.live:
        take_back(floor, other, OfferEnd.RESCINDED, now)
    _leave(floor, waiting)


def fail(floor: Floor, event: OfferFailed, now: float) -> None:
    """A phone did not take the caller. What comes after the lease's end means nothing any more."""
    waiting = floor.line.get(event.call_id)
    lease = waiting.lease(event.offer_id) if waiting is not None else None
    if lease is not None:
        lose(floor, lease, event.outcome, now)


def time_out(floor: Floor, call_and_count: str, now: float) -> None:
    """A phone has rung for as long as it may."""
    call_id, _, _ = call_and_count.rpartition("-of")
    lease = floor.waiting(call_id).lease(call_and_count)
    if lease is not None:
        lose(floor, lease, OfferEnd.NO_ANSWER, now)


def take_out_of_talk(floor: Floor, call_id: str) -> Operator:
    """A talk is over; return its operator. Raises :class:`~queues.errors.UnknownCall`."""
    operator_id = floor.talking.pop(call_id, None)
    if operator_id is None:
        raise UnknownCall(f"{call_id} does not talk")
    return floor.staff.operators[operator_id]


def _withdraw(floor: Floor, waiting: Waiting, outcome: OfferEnd, now: float) -> None:
    for lease in waiting.live:
        take_back(floor, lease, outcome, now)
    _leave(floor, waiting)


def _leave(floor: Floor, waiting: Waiting) -> None:
    """A caller waits no more: nothing that was meant for her is left."""
    floor.line.leave(waiting)
    floor.timers.cancel(("late", waiting.id))
    rules = floor.policy.queues[waiting.call.queue]
    if rules.overflow:
        floor.timers.cancel(("overflow", waiting.id))
    if rules.announcements is not None:
        floor.announcements.cancel(("announce", waiting.id))
    if waiting.alarms:
        alarms.clear_all(floor, waiting)


def _others(waiting: Waiting, lease: Offer) -> list[Offer]:
    return [one for one in waiting.live if one is not lease]


def _check_may_pick(floor: Floor, operator: Operator) -> None:
    """Raise :class:`~queues.errors.IllegalEvent` for an operator who cannot take a call now."""
    if not operator.is_reachable:
        raise IllegalEvent(f"operator {operator.id} cannot pick: her phone is not registered")
    if must_wrap_up(floor, operator):
        raise IllegalEvent(f"operator {operator.id} cannot pick: her wrap-up is mandatory")
    if operator.state not in {OperatorState.READY, OperatorState.NOT_READY, OperatorState.WRAP_UP}:
        raise IllegalEvent(f"operator {operator.id} is {operator.state.value} and cannot pick a call")
