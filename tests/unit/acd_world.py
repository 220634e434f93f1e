"""A small world around an ACD that keeps its own books: what must hold is checked after every step.

Used by the state machine of hypothesis and by the seeded explorer (``python -m tests.bench.explorer``).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from queues.acd import Acd
from queues.errors import QueuesError
from queues.journal import encode_event, replay_into
from queues.operators import Operator
from queues.policy import AcdPolicy, Announcements, Overflow, Pause, QueuePolicy
from queues.vocabulary import (
    AcdCommand,
    AcdEvent,
    AnnounceWait,
    CallAbandoned,
    CallDiverted,
    CallEnded,
    CallMovedToHead,
    CallOverflowed,
    CallPicked,
    CallPriorityChanged,
    CallQueued,
    ClearAlarm,
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OfferEnd,
    OfferFailed,
    OperatorNotReady,
    OperatorQueuesChanged,
    OperatorReady,
    OperatorSignedOff,
    OperatorStateChanged,
    OverflowTo,
    OverflowWhen,
    PauseEnd,
    PolicyChanged,
    RaiseAlarm,
    ReleaseOperatorLeg,
    RescindOffer,
    TalkAdopted,
    WrapUpMode,
)
from tests.unit import acd_checks

_FIRST = QueuePolicy(5, 4, 10, relax_s=(2.0, 4.0, 7.0))
_ALL = QueuePolicy(8, 0, 15, strategy="ring_all", ring_at_once=2, announcements=Announcements(3, 5, 2))
_INFO = QueuePolicy(
    6,
    3,
    8,
    strategy="fewest_calls",
    wrap_up_mode=WrapUpMode.MANDATORY,
    overflow=(
        Overflow(OverflowWhen.NO_OPERATOR, 1, OverflowTo.SUPERVISORS),
        Overflow(OverflowWhen.WAIT, 6, OverflowTo.QUEUE, "all"),
        Overflow(OverflowWhen.LENGTH, 2, OverflowTo.NEIGHBOUR, "sidoarjo"),
    ),
)
_OTHER_INFO = dataclasses.replace(
    _INFO,
    wrap_up_mode=WrapUpMode.NONE,
    overflow=(
        Overflow(OverflowWhen.WAIT, 3, OverflowTo.SUPERVISORS),
        Overflow(OverflowWhen.NO_OPERATOR, 2, OverflowTo.QUEUE, "fire"),
    ),
    announcements=Announcements(2, 4, 3),
)
_PAUSES = {"break": Pause(9), "meal": Pause(5, PauseEnd.READY)}
POLICIES = (
    AcdPolicy({"fire": _FIRST, "all": _ALL, "info": _INFO}, 3, 20, 12, pauses=_PAUSES),
    AcdPolicy(
        {
            "fire": QueuePolicy(4, 2, 6, "skill_first"),
            "all": QueuePolicy(3, 3, 9, "fixed_order"),
            "info": _OTHER_INFO,
        },
        6,
        2,
        0,
        missed_pause_s=4,
        pauses=_PAUSES,
    ),
    AcdPolicy({"fire": _FIRST, "all": _ALL}, 1, 50, 30, pauses=_PAUSES),
)
QUEUES = ("fire", "all", "info")
WANTS: tuple[tuple[str, ...], ...] = ((), ("medical and calm", "medical"), ("not calm",))


@dataclass
class Caller:
    """What the books say of one who waits."""

    event: CallQueued
    since: float
    rank: int
    arrival: int
    queues: list[str]
    offers: dict[str, OfferCall] = field(default_factory=dict)
    made: int = 0
    """How many offers of her there were."""
    is_picked: bool = False
    refused: set[str] = field(default_factory=set)
    """Whose phone did not take her."""
    ways: set[Overflow] = field(default_factory=set)
    """How she has overflowed."""

    def place(self, policy: AcdPolicy) -> tuple[int, float, int]:
        return self.rank, self.since + self.event.priority * policy.ageing_s, self.arrival


class World:
    """Drives an ACD and compares it with the books."""

    def __init__(self) -> None:
        self.acd = Acd(POLICIES[0])
        self.policy = POLICIES[0]
        self.rules = dict(POLICIES[0].queues)
        self.now = 0.0
        self.waiting: dict[str, Caller] = {}
        self.talking: dict[str, str] = {}
        self.served: dict[str, Caller] = {}
        """Who waited before they talked."""
        self.over: list[OfferCall] = []
        self.left: dict[str, tuple[float, float, int]] = {}
        self.alarms: set[tuple[str, str]] = set()
        self.arrivals = self.moves = self.names = 0
        self.records: list[dict[str, Any]] | None = []
        self.said: list[AcdCommand] = []
        self.counts: dict[str, int] = {}
        self.owed: dict[str, float] = {}
        """Until when an operator must wrap up."""
        self.forced: set[str] = set()
        """Who may be made ready by a supervisor only."""
        self.rings_until: dict[str, float] = {}
        """When each offer is over at the latest."""

    @property
    def operators(self) -> dict[str, Operator]:
        return self.acd._operators

    def in_order(self) -> list[str]:
        """Return who waits, the first first."""
        return sorted(self.waiting, key=lambda name: self.waiting[name].place(self.policy))

    def phones_at_once(self, caller: Caller) -> int:
        """Return how many phones may ring for a caller."""
        rules = self.rules[caller.event.queue]
        return rules.ring_at_once if rules.strategy == "ring_all" else 1

    # --------------------------------------------------------------------------------------- steps

    def pass_time(self, seconds: float, *, late: bool = False) -> None:
        """Let time pass; ``late``: what was due meanwhile has not been asked for."""
        end = self.now + seconds
        while not late and (due := self.acd.next_timeout()) is not None and due <= end:
            self.now = max(self.now, due)
            self._time_out()
        self.now = end

    def tell(self, event: AcdEvent) -> bool:
        """Tell the ACD; return whether it took the event. Whether it was right to, the books know."""
        self._note(encode_event(event))
        before = self._picture()
        try:
            commands = self.acd.handle(event, self.now)
        except QueuesError:
            assert not acd_checks.must_be_taken(self, event), f"{event} was refused"
            self._count(f"{type(event).__name__} refused")
            # Timers may have fired; the event itself must have done nothing.
            self.settle()
            return False
        self._count(type(event).__name__)
        self._book_event(event)
        self._book(commands, before - {getattr(event, "call_id", "")})
        if isinstance(event, CallAbandoned | CallDiverted):
            # What timers that were due had to say of her came before.
            assert not self.waiting.pop(event.call_id).offers, "a phone rings for one who has gone"
        self.settle()
        return True

    def settle(self) -> None:
        """Ask for what is due, and check what must hold."""
        while (due := self.acd.next_timeout()) is not None and due <= self.now:
            self._time_out()
        self.check()

    def call_in(
        self, queue: str, priority: int, skills: frozenset[str], language: str, wants: int, who: str
    ) -> None:
        self.names += 1
        self.tell(
            CallQueued(f"c{self.names}", queue, priority, skills, language, wants=WANTS[wants], caller=who)
        )

    def accept(self, offer: OfferCall) -> None:
        self.tell(OfferAccepted(offer.call_id, offer.operator_id, offer.offer_id))

    def offers(self) -> list[OfferCall]:
        return [offer for caller in self.waiting.values() for offer in caller.offers.values()]

    # --------------------------------------------------------------------------------------- books

    def _time_out(self) -> None:
        self._note({})
        before = self._picture()
        self._book(self.acd.handle_timeout(self.now), before)

    def _note(self, record: dict[str, Any]) -> None:
        if self.records is not None:
            self.records.append({"now": self.now, **record})

    def _picture(self) -> set[str]:
        return {name for name, caller in self.waiting.items() if not caller.offers}

    def _book_event(self, event: AcdEvent) -> None:
        match event:
            case CallQueued(call_id=name, caller=who):
                self.arrivals += 1
                since, rank = self.now, 0
                left = self.left.pop(who, None) if who else None
                if left and self.now <= left[0]:
                    since, rank = left[1], left[2]
                if event.enqueued_at is not None:
                    since = min(since, event.enqueued_at)
                self.waiting[name] = Caller(event, since, rank, self.arrivals, [event.queue])
                self.waiting[name].made = event.offers_made
            case CallAbandoned(call_id=name):
                caller = self.waiting[name]
                if caller.event.caller and self.policy.redial_within_s:
                    until = self.now + self.policy.redial_within_s
                    self.left[caller.event.caller] = (until, caller.since, caller.rank)
            case CallPicked(call_id=name):
                self.waiting[name].is_picked = True
            case CallMovedToHead(call_id=name):
                self.moves += 1
                self.waiting[name].rank = -self.moves
            case CallPriorityChanged(call_id=name, priority=priority):
                caller = self.waiting[name]
                caller.event = replace(caller.event, priority=priority)
            case TalkAdopted(call_id=name, operator_id=operator):
                self.talking[name] = operator
            case CallEnded(call_id=name, has_spoken=has_spoken):
                operator = self.talking.pop(name)
                self.served.pop(name, None)
                if has_spoken:
                    self.owed.pop(operator, None)
            case OperatorQueuesChanged(operator_id=operator):
                self.owed.pop(operator, None)  # A wrap-up after an adopted call goes by the queues she has.
            case OperatorNotReady(operator_id=operator, by=by) if by:
                self.forced.add(operator)
            case OperatorReady(operator_id=operator) | OperatorSignedOff(operator_id=operator):
                self.forced.discard(operator)
            case PolicyChanged(policy=policy):
                self.policy = policy
                self.owed.clear()
                self.rules.update(policy.queues)
            case _:
                pass

    def _book(self, commands: list[AcdCommand], could: set[str]) -> None:
        if self.records is not None:
            self.said += commands
        fresh: list[OfferCall] = []
        told: list[AnnounceWait] = []
        for command in commands:
            self._count(type(command).__name__)
            match command:
                case OfferCall():
                    self._book_offer(command)
                    fresh.append(command)
                case RescindOffer(call_id=call, offer_id=offer, operator_id=operator, reason=reason):
                    if caller := self.waiting.get(call):
                        self.over.append(caller.offers.pop(offer))
                        if reason not in {OfferEnd.RESCINDED, OfferEnd.CANCELLED}:
                            caller.refused.add(operator)
                        caller.is_picked &= bool(caller.offers)
                case ConnectCall(call_id=call, offer_id=offer, operator_id=operator):
                    caller = self.waiting[call]
                    assert caller.offers[offer].operator_id == operator
                    assert call not in self.talking, "a caller has two operators"
                    assert operator not in self.talking.values(), "an operator has two callers"
                    self.talking[call] = operator
                    self.served[call] = caller
                    self.over.append(caller.offers.pop(offer))
                case CallOverflowed(call_id=call, when=when, to=to, target=target):
                    rules = self.rules[self.waiting[call].event.queue].overflow
                    self.waiting[call].ways.update(
                        one for one in rules if (one.when, one.to, one.target) == (when, to, target)
                    )
                    if to is OverflowTo.QUEUE:
                        self.waiting[call].queues.append(target)
                case RaiseAlarm(code=code, call_id=call, operator_id=operator):
                    assert (code, call or operator) not in self.alarms, "raised twice"
                    self.alarms.add((code, call or operator))
                case ClearAlarm(code=code, call_id=call, operator_id=operator):
                    self.alarms.remove((code, call or operator))
                case AnnounceWait():
                    told.append(command)
                case ReleaseOperatorLeg(offer_id=offer):
                    assert all(offer not in caller.offers for caller in self.waiting.values())
                case OperatorStateChanged():
                    pass
        for call in [call for call in self.waiting if call in self.talking]:
            assert not self.waiting.pop(call).offers, "phones ring on for one who is answered"
        if len(fresh) == 1 and not fresh[0].is_pick:
            acd_checks.check_turn(self, fresh[0], could)
        for one in told:
            acd_checks.check_position(self, one)

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def _book_offer(self, offer: OfferCall) -> None:
        caller = self.waiting[offer.call_id]
        busy = {one.operator_id for one in self.offers()} | set(self.talking.values())
        assert offer.operator_id not in busy, "an operator has two calls"
        caller.offers[offer.offer_id] = offer
        caller.made += 1
        caller.is_picked |= offer.is_pick
        self.rings_until[offer.offer_id] = self.now + offer.ring_timeout_s
        assert len(caller.offers) <= self.phones_at_once(caller), "a caller rings at too many phones"
        assert offer.offer_id not in {one.offer_id for one in self.over}, "an offer's id is used again"

    # -------------------------------------------------------------------------------------- checks

    def check(self) -> None:
        """Check all that must hold now."""
        del self.over[:-20]
        acd_checks.check_all(self)
        assert not self.offers() or self.acd.next_timeout() is not None, "a lease without an end"

    def check_replay(self) -> None:
        """The journal, read again, gives the same commands and leaves the same picture."""
        assert self.records is not None
        again = Acd(POLICIES[0])
        said = [command for _, command in replay_into(again, self.records)]
        said += again.handle_timeout(self.now)
        self._note({})
        assert said == self.said + self.acd.handle_timeout(self.now)
        assert again.snapshot(self.now) == self.acd.snapshot(self.now)
        assert again.next_timeout() == self.acd.next_timeout()


def fail(offer: OfferCall, outcome: Any) -> OfferFailed:
    """Return what becomes of an offer that is not taken."""
    return OfferFailed(offer.call_id, offer.operator_id, offer.offer_id, outcome)
