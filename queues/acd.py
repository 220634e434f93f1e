"""Automatic call distribution: who is offered which caller, and when.

A pure machine: ``handle(event, now)`` and ``handle_timeout(now)`` return commands, ``next_timeout()`` says
when to call back, ``snapshot(now)`` shows what stands. An event that cannot be raises
:class:`~queues.errors.IllegalEvent` and changes nothing.

The rules:

* The most urgent caller first, and of those the one who has waited longest; a step of urgency is worth
  ``ageing_s`` of waiting and no more, so nobody waits for ever (docs/decisions/0011). A caller never loses
  her place: an offer that comes to nothing puts her back with the time at which she first began to wait.
* Of the free operators, the best fitting; among equals, by the queue's strategy.
* A caller is kept for an operator with the right language and skills only while such a one is at work, and
  never longer than the queue's last step of relaxing while anybody else who serves the queue is free.
* An offer is a lease to one operator: accepted, rejected, timed out, cancelled or rescinded. An answer that
  comes after its end is released, so no two operators can ever have one caller.
* An operator whose phone did not take an offer becomes not ready, so that the next caller is not lost to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from queues import alarms, announcing, callers, overflowing, pausing, policies, shifts
from queues.commands import AcdCommand
from queues.events import (
    AcdEvent,
    CallAbandoned,
    CallDiverted,
    CallEnded,
    CallMovedToHead,
    CallPicked,
    CallPriorityChanged,
    CallQueued,
    OfferAccepted,
    OfferFailed,
    OperatorNotReady,
    OperatorQueuesChanged,
    OperatorReachable,
    OperatorReady,
    OperatorSignedOff,
    OperatorSignedOn,
    OperatorUnreachable,
    PolicyChanged,
    TalkAdopted,
    WrapUpExtended,
)
from queues.floor import Floor
from queues.offering import match, relax
from queues.operators import Operator
from queues.policy import AcdPolicy
from queues.snapshot import AcdSnapshot, take
from queues.values import AlarmCode, OperatorState
from queues.waiting_line import WaitingLine

_DO: Mapping[type[AcdEvent], Callable[[Floor, Any, float], None]] = {
    CallQueued: callers.queue,
    CallAbandoned: callers.abandon,
    CallDiverted: callers.divert,
    CallEnded: shifts.end_talk,
    CallPicked: callers.pick,
    CallMovedToHead: callers.move_to_head,
    CallPriorityChanged: callers.change_priority,
    TalkAdopted: shifts.adopt_talk,
    OfferAccepted: callers.accept,
    OfferFailed: callers.fail,
    OperatorSignedOn: shifts.sign_on,
    OperatorQueuesChanged: shifts.change_queues,
    OperatorReady: shifts.be_ready,
    OperatorNotReady: shifts.be_not_ready,
    WrapUpExtended: shifts.extend_wrap_up,
    OperatorSignedOff: shifts.sign_off,
    OperatorReachable: shifts.set_reachable,
    OperatorUnreachable: shifts.set_reachable,
    PolicyChanged: policies.change,
}


class Acd:
    """The distribution of one city's callers among its operators."""

    def __init__(self, policy: AcdPolicy) -> None:
        self._floor = Floor(policy)

    def handle(self, event: AcdEvent, now: float) -> list[AcdCommand]:
        """Take an event. Timers that are due come first.

        Raises :class:`~queues.errors.IllegalEvent`; what the timers brought comes with the next commands.
        """
        floor = self._floor
        if now >= floor.timers.earliest:
            self._fire(now)
        _DO[type(event)](floor, event, now)
        return self._settled(now)

    def handle_timeout(self, now: float) -> list[AcdCommand]:
        """Do what is due."""
        self._fire(now)
        commands = self._settled(now)
        announcing.speak(self._floor, now)
        return commands + self._floor.take_out()

    def next_timeout(self) -> float | None:
        """Return when to call ``handle_timeout``, or None while nothing will be due."""
        floor = self._floor
        if floor.out or floor.has_news():
            return float("-inf")
        due = [at for at in (floor.timers.next(), floor.announcements.next()) if at is not None]
        return min(due, default=None)

    def snapshot(self, now: float) -> AcdSnapshot:
        """Return what stands: everybody who waits, in order, and every operator."""
        floor = self._floor
        return take(floor.line, floor.staff.operators, floor.talking, now)

    def waits(self, call_id: str) -> bool:
        """Whether a caller waits, those who are offered at this moment included."""
        return call_id in self._line

    def queues_of(self, operator_id: str) -> tuple[str, ...]:
        """Return the queues that an operator serves; none if she is not signed on."""
        operator = self._operators.get(operator_id)
        return () if operator is None or operator.state is OperatorState.SIGNED_OFF else operator.queues

    def phone_of(self, operator_id: str) -> str:
        """Return the phone at which an operator sits; "" for her own, or if she is not signed on."""
        operator = self._operators.get(operator_id)
        return "" if operator is None or operator.state is OperatorState.SIGNED_OFF else operator.phone

    @property
    def policy(self) -> AcdPolicy:
        return self._floor.policy

    @property
    def _operators(self) -> dict[str, Operator]:
        return self._floor.staff.operators

    @property
    def _line(self) -> WaitingLine:
        return self._floor.line

    def _fire(self, now: float) -> None:
        floor = self._floor
        while (due := floor.timers.take_due(now)) is not None:
            kind, subject = due
            match kind:
                case "ring":
                    callers.time_out(floor, subject, now)
                case "wrap-up":
                    shifts.go_on(floor, floor.staff.operators[subject], now)
                case "relax":
                    relax(floor, subject)
                case "late":
                    alarms.raise_alarm(floor, floor.waiting(subject), AlarmCode.WAITING_TOO_LONG)
                case "overflow":
                    overflowing.review(floor, floor.waiting(subject), now)
                case _:
                    pausing.is_over(floor, floor.staff.operators[subject], now)

    def _settled(self, now: float) -> list[AcdCommand]:
        """Match until nobody who waits can be served, and return what is to be done."""
        floor = self._floor
        if floor.staff.staffing_changed:
            # First, because who overflows when the last has gone may be before others elsewhere.
            alarms.watch_staff(floor, now)
        match(floor, now)
        return floor.take_out()
