"""Automatic call distribution: who is offered which caller, and when.

A pure machine: ``handle(event, now)`` and ``handle_timeout(now)`` return commands, ``next_timeout()`` says
when to call back, ``snapshot(now)`` shows what stands. An event that cannot be raises
:class:`~queues.errors.IllegalEvent` and changes nothing.

The rules:

* The most urgent caller first; among equals, the one who has waited longest. A caller never loses her
  place: an offer that comes to nothing puts her back with the time at which she first began to wait.
* Of the free operators, the best fitting; among equals, the one who has been free longest.
* A caller is kept for an operator with the right language and skills only while such a one is at work, and
  never longer than ``relax_after_s`` while anybody else who serves the queue is free.
* An offer is a lease to one operator: accepted, refused, timed out or rescinded. An answer that comes after
  its end is released, so no two operators can ever have one caller.
* An operator whose phone did not take an offer becomes not ready, so that the next caller is not lost to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from queues.errors import IllegalEvent, QueuesError, UnknownCall, UnknownOperator
from queues.matching import best_fitting, is_wanted
from queues.operators import Move, Operator
from queues.policy import AcdPolicy
from queues.snapshot import AcdSnapshot, take
from queues.strategies import longest_idle
from queues.timers import Timers
from queues.vocabulary import (
    AcdCommand,
    AcdEvent,
    AlarmCode,
    CallAbandoned,
    CallEnded,
    CallQueued,
    ClearAlarm,
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OfferEnd,
    OfferFailed,
    OperatorNotReady,
    OperatorReachable,
    OperatorReady,
    OperatorSignedOff,
    OperatorSignedOn,
    OperatorState,
    OperatorStateChanged,
    OperatorUnreachable,
    RaiseAlarm,
    ReleaseOperatorLeg,
    RescindOffer,
    TalkAdopted,
)
from queues.waiting_line import Waiting, WaitingLine

_PERFECT, _ANY = 0, 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One caller offered to one operator."""

    id: str
    call_id: str
    operator_id: str


class Acd:
    """The distribution of one city's callers among its operators."""

    def __init__(self, policy: AcdPolicy) -> None:
        self._policy = policy
        self._line = WaitingLine()
        self._operators: dict[str, Operator] = {}
        self._offers: dict[str, Offer] = {}
        """The live offers, by call."""
        self._talking: dict[str, str] = {}
        """The operator of each connected call."""
        self._timers = Timers()
        self._out: list[AcdCommand] = []
        self._unstaffed: set[str] = set()

    # ---------------------------------------------------------------------------------- entry points

    def handle(self, event: AcdEvent, now: float) -> list[AcdCommand]:
        """Take an event. Timers that are due come first.

        Raises :class:`~queues.errors.IllegalEvent`; what the timers brought comes with the next commands.
        """
        self._fire(now)
        self._dispatch(event, now)
        self._match(now)
        return self._taken()

    def handle_timeout(self, now: float) -> list[AcdCommand]:
        """Do what is due."""
        self._fire(now)
        self._match(now)
        return self._taken()

    def next_timeout(self) -> float | None:
        """Return when to call ``handle_timeout``, or None while nothing will be due."""
        return float("-inf") if self._out else self._timers.next()

    def snapshot(self, now: float) -> AcdSnapshot:
        """Return what stands: everybody who waits, in order, and every operator."""
        return take(self._line, self._operators, self._talking, now)

    # --------------------------------------------------------------------------------------- events

    def _dispatch(self, event: AcdEvent, now: float) -> None:
        match event:
            case CallQueued():
                self._queue(event, now)
            case CallAbandoned(call_id=call_id):
                self._abandon(call_id)
            case CallEnded(call_id=call_id):
                self._end(call_id, now)
            case TalkAdopted(call_id=call_id, operator_id=operator_id):
                self._adopt(call_id, self._operator(operator_id))
            case OfferAccepted():
                self._accept(event)
            case OfferFailed():
                self._fail(event)
            case OperatorSignedOn():
                self._sign_on(event)
            case OperatorReady(operator_id=operator_id):
                self._be_ready(self._operator(operator_id), now)
            case OperatorNotReady(operator_id=operator_id, reason=reason):
                self._withdraw(self._operator(operator_id), Move.BE_NOT_READY, reason)
            case OperatorSignedOff(operator_id=operator_id):
                self._withdraw(self._operator(operator_id), Move.SIGN_OFF, None)
            case OperatorReachable(operator_id=operator_id):
                self._set_reachable(operator_id, True)
            case OperatorUnreachable(operator_id=operator_id):
                self._set_reachable(operator_id, False)

    def _queue(self, call: CallQueued, now: float) -> None:
        if call.call_id in self._line or call.call_id in self._talking:
            raise IllegalEvent(f"{call.call_id} waits or talks already")
        if call.queue not in self._policy.queues:
            raise IllegalEvent(f"{call.queue}: no such queue")
        waiting = self._line.join(call, now)
        self._timers.set(("relax", call.call_id), waiting.enqueued_at + self._policy.relax_after_s)
        target_s = self._policy.queues[call.queue].answer_target_s
        self._timers.set(("late", call.call_id), waiting.enqueued_at + target_s)
        if call.queue in self._unstaffed:
            self._raise(waiting, AlarmCode.NO_OPERATOR)

    def _abandon(self, call_id: str) -> None:
        if call_id not in self._line:
            raise UnknownCall(f"{call_id} does not wait")
        offer = self._offers.pop(call_id, None)
        if offer:
            operator = self._operators[offer.operator_id]
            self._stop_ringing(offer, OfferEnd.RESCINDED)
            self._move(operator, Move.LOSE_OFFER)
        self._leave_line(call_id)

    def _end(self, call_id: str, now: float) -> None:
        operator_id = self._talking.pop(call_id, None)
        if operator_id is None:
            raise UnknownCall(f"{call_id} does not talk")
        operator = self._operators[operator_id]
        wrap_up_s = max((self._policy.queues[queue].wrap_up_s for queue in operator.queues), default=0.0)
        if wrap_up_s > 0:
            self._move(operator, Move.WRAP_UP, operator.next_reason, call_id)
            self._timers.set(("wrap-up", operator_id), now + wrap_up_s)
        else:
            self._go_on(operator, now)

    def _adopt(self, call_id: str, operator: Operator) -> None:
        if call_id in self._line or call_id in self._talking:
            raise IllegalEvent(f"{call_id} waits or talks already")
        goes_on = operator.state is not OperatorState.NOT_READY
        reason = operator.reason
        self._timers.cancel(("wrap-up", operator.id))
        self._move(operator, Move.BE_FOUND_TALKING, call_id=call_id)
        operator.next_state = OperatorState.READY if goes_on else OperatorState.NOT_READY
        operator.next_reason = None if goes_on else reason
        self._talking[call_id] = operator.id

    def _accept(self, event: OfferAccepted) -> None:
        offer = self._offers.get(event.call_id)
        if offer is None or offer.id != event.offer_id:
            self._out.append(ReleaseOperatorLeg(event.offer_id, event.call_id, event.operator_id))
            return
        del self._offers[offer.call_id]
        self._timers.cancel(("ring", offer.call_id))
        self._leave_line(offer.call_id)
        self._talking[offer.call_id] = offer.operator_id
        operator = self._operators[offer.operator_id]
        operator.next_state, operator.next_reason = OperatorState.READY, None
        self._move(operator, Move.CONNECT, call_id=offer.call_id)
        self._out.append(ConnectCall(offer.id, offer.call_id, offer.operator_id))

    def _fail(self, event: OfferFailed) -> None:
        offer = self._offers.get(event.call_id)
        if offer is not None and offer.id == event.offer_id:
            self._lose_offer(offer, event.outcome)

    def _sign_on(self, event: OperatorSignedOn) -> None:
        for queue in event.queues:
            if queue not in self._policy.queues:
                raise IllegalEvent(f"{queue}: no such queue")
        known = self._operators.get(event.operator_id)
        if known and known.state is not OperatorState.SIGNED_OFF:
            raise IllegalEvent(f"operator {event.operator_id} is signed on already")
        operator = Operator(
            event.operator_id,
            event.queues,
            event.skills,
            event.languages,
            is_reachable=event.phone_is_reachable,
        )
        self._operators[operator.id] = operator
        self._move(operator, Move.SIGN_ON)

    def _be_ready(self, operator: Operator, now: float) -> None:
        match operator.state:
            case OperatorState.READY | OperatorState.RINGING:
                return
            case OperatorState.TALKING:
                operator.next_state, operator.next_reason = OperatorState.READY, None
                self._tell(operator)
            case _:
                self._timers.cancel(("wrap-up", operator.id))
                self._move(operator, Move.BE_READY)
                operator.idle_since = now

    def _withdraw(self, operator: Operator, move: Move, reason: str | None) -> None:
        """Take an operator out of the distribution: at once, or after the call that she is in."""
        if operator.state is OperatorState.TALKING:
            off = move is Move.SIGN_OFF
            operator.next_state = OperatorState.SIGNED_OFF if off else OperatorState.NOT_READY
            operator.next_reason = reason
            self._tell(operator)
            return
        offer = self._offer_to(operator)
        if offer:
            del self._offers[offer.call_id]
            self._stop_ringing(offer, OfferEnd.RESCINDED)
            self._line.put_back(self._waiting(offer.call_id))
        self._timers.cancel(("wrap-up", operator.id))
        self._move(operator, move, reason)

    def _set_reachable(self, operator_id: str, is_reachable: bool) -> None:
        operator = self._operators.get(operator_id)
        if operator is None or operator.is_reachable == is_reachable:
            return  # The phone of somebody who is not at work.
        operator.is_reachable = is_reachable
        offer = self._offer_to(operator)
        if offer and not is_reachable:
            self._lose_offer(offer, OfferEnd.UNREACHABLE)
        elif operator.state is OperatorState.READY:
            operator.reason = None if is_reachable else OfferEnd.UNREACHABLE.value
            self._tell(operator)

    # --------------------------------------------------------------------------------------- timers

    def _fire(self, now: float) -> None:
        for name, subject in self._timers.due(now):
            match name:
                case "ring":
                    self._lose_offer(self._offers[subject], OfferEnd.NO_ANSWER)
                case "wrap-up":
                    self._go_on(self._operators[subject], now)
                case "late":
                    self._raise(self._waiting(subject), AlarmCode.WAITING_TOO_LONG)
                case _:
                    pass  # "relax": the next match looks further.

    # ------------------------------------------------------------------------------------- matching

    def _match(self, now: float) -> None:
        """Offer callers to operators until nobody who waits can be served."""
        free = [operator for operator in self._operators.values() if operator.is_available]
        while free and self._match_one(free, now):
            pass
        self._watch_staff()

    def _match_one(self, free: list[Operator], now: float) -> bool:
        for waiting in self._line.heads():
            relaxed = now >= waiting.enqueued_at + self._policy.relax_after_s
            keeps = not relaxed and is_wanted(waiting.call, self._operators.values())
            worst_fit = _PERFECT if keeps else _ANY
            candidates = best_fitting(waiting.call, free, worst_fit, waiting.refused_by)
            if candidates:
                chosen = longest_idle(candidates)
                self._offer(waiting, chosen, now)
                free.remove(chosen)
                return True
        return False

    def _offer(self, waiting: Waiting, operator: Operator, now: float) -> None:
        waiting.offers += 1
        waiting.offered_to = operator.id
        offer = Offer(f"{waiting.id}-of{waiting.offers}", waiting.id, operator.id)
        self._offers[waiting.id] = offer
        ring_timeout_s = self._policy.queues[waiting.call.queue].ring_timeout_s
        self._timers.set(("ring", waiting.id), now + ring_timeout_s)
        self._move(operator, Move.BE_OFFERED, call_id=waiting.id)
        self._out.append(OfferCall(offer.id, waiting.id, operator.id, ring_timeout_s))

    def _lose_offer(self, offer: Offer, outcome: OfferEnd) -> None:
        """An offer came to nothing: she waits on in her place, the operator is not ready."""
        del self._offers[offer.call_id]
        waiting = self._waiting(offer.call_id)
        waiting.refused_by.add(offer.operator_id)
        self._stop_ringing(offer, outcome)
        self._line.put_back(waiting)
        self._move(self._operators[offer.operator_id], Move.BE_NOT_READY, outcome.value)

    def _stop_ringing(self, offer: Offer, outcome: OfferEnd) -> None:
        self._timers.cancel(("ring", offer.call_id))
        self._out.append(RescindOffer(offer.id, offer.call_id, offer.operator_id, outcome))

    def _go_on(self, operator: Operator, now: float) -> None:
        """After a call: where the operator asked to go, or to the next call."""
        moves: dict[OperatorState, Move] = {
            OperatorState.READY: Move.BE_READY,
            OperatorState.NOT_READY: Move.BE_NOT_READY,
            OperatorState.SIGNED_OFF: Move.SIGN_OFF,
        }
        self._move(operator, moves[operator.next_state], operator.next_reason)
        operator.next_state, operator.next_reason = OperatorState.READY, None
        operator.idle_since = now

    # --------------------------------------------------------------------------------------- alarms

    def _watch_staff(self) -> None:
        """Raise an alarm for those whom nobody at work could serve; clear it when somebody is."""
        waited_for = {waiting.call.queue for waiting in self._line.heads()}
        for queue in sorted(waited_for | self._unstaffed):
            staffed = any(op.is_at_work and queue in op.queues for op in self._operators.values())
            if not staffed and queue not in self._unstaffed:
                self._unstaffed.add(queue)
                self._for_each_of(queue, lambda waiting: self._raise(waiting, AlarmCode.NO_OPERATOR))
            elif staffed and queue in self._unstaffed:
                self._unstaffed.discard(queue)
                self._for_each_of(queue, lambda waiting: self._clear(waiting, AlarmCode.NO_OPERATOR))

    def _for_each_of(self, queue: str, act: Callable[[Waiting], None]) -> None:
        for waiting in self._line:
            if waiting.call.queue == queue:
                act(waiting)

    def _raise(self, waiting: Waiting, code: AlarmCode) -> None:
        if code not in waiting.alarms:
            waiting.alarms.add(code)
            self._out.append(RaiseAlarm(code, waiting.id, waiting.call.queue))

    def _clear(self, waiting: Waiting, code: AlarmCode) -> None:
        if code in waiting.alarms:
            waiting.alarms.discard(code)
            self._out.append(ClearAlarm(code, waiting.id, waiting.call.queue))

    # --------------------------------------------------------------------------------------- helpers

    def _leave_line(self, call_id: str) -> None:
        waiting = self._line.leave(call_id)
        self._timers.cancel(("relax", call_id))
        self._timers.cancel(("late", call_id))
        for code in sorted(waiting.alarms):
            self._clear(waiting, code)

    def _move(
        self, operator: Operator, move: Move, reason: str | None = None, call_id: str | None = None
    ) -> None:
        operator.move(move, reason)
        operator.call_id = call_id
        self._tell(operator)

    def _tell(self, operator: Operator) -> None:
        reason = operator.reason or operator.next_reason
        self._out.append(OperatorStateChanged(operator.id, operator.state, reason, operator.call_id))

    def _operator(self, operator_id: str) -> Operator:
        operator = self._operators.get(operator_id)
        if operator is None or operator.state is OperatorState.SIGNED_OFF:
            raise UnknownOperator(f"operator {operator_id} is not signed on")
        return operator

    def _waiting(self, call_id: str) -> Waiting:
        waiting = self._line.get(call_id)
        if waiting is None:
            raise QueuesError(f"{call_id} is offered but does not wait: a bug")
        return waiting

    def _offer_to(self, operator: Operator) -> Offer | None:
        if operator.state is not OperatorState.RINGING or operator.call_id is None:
            return None
        return self._offers.get(operator.call_id)

    def _taken(self) -> list[AcdCommand]:
        taken, self._out = self._out, []
        return taken
