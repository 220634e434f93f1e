"""A small world around an ACD that keeps its own books: what must hold is checked after every step.

Used by the state machine of hypothesis and by the seeded explorer (``python -m tests.bench.explorer``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from queues.acd import Acd
from queues.errors import QueuesError
from queues.floor import must_wrap_up
from queues.journal import encode_event, replay_into
from queues.matching import Need, fit_to
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
    CallPriorityChanged,
    CallQueued,
    ClearAlarm,
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorQueuesChanged,
    OperatorState,
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
_PAUSES = {"break": Pause(9), "meal": Pause(5, PauseEnd.READY)}
POLICIES = (
    AcdPolicy({"fire": _FIRST, "all": _ALL, "info": _INFO}, 3, 20, 12, pauses=_PAUSES),
    AcdPolicy(
        {
            "fire": QueuePolicy(4, 2, 6, "skill_first"),
            "all": QueuePolicy(3, 3, 9, "fixed_order"),
            "info": _INFO,
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
        self.over: list[OfferCall] = []
        self.left: dict[str, tuple[float, float, int]] = {}
        self.alarms: set[tuple[str, str]] = set()
        self.arrivals = self.moves = self.names = 0
        self.records: list[dict[str, Any]] | None = []
        self.said: list[AcdCommand] = []
        self.counts: dict[str, int] = {}
        self.owed: dict[str, float] = {}
        """Until when an operator must wrap up."""

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
            # Timers may have fired; the event itself must have done nothing.
            self.settle()
            return False
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
                if left and self.now <= left[0] + self.policy.redial_within_s:
                    since, rank = left[1], left[2]
                self.waiting[name] = Caller(event, since, rank, self.arrivals, [event.queue])
            case CallAbandoned(call_id=name):
                caller = self.waiting[name]
                if caller.event.caller and self.policy.redial_within_s:
                    self.left[caller.event.caller] = (self.now, caller.since, caller.rank)
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
                if has_spoken:
                    self.owed.pop(operator, None)
            case OperatorQueuesChanged(operator_id=operator):
                self.owed.pop(operator, None)  # A wrap-up after an adopted call goes by the queues she has.
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
        for command in commands:
            name = type(command).__name__
            self.counts[name] = self.counts.get(name, 0) + 1
            match command:
                case OfferCall():
                    self._book_offer(command)
                    fresh.append(command)
                case RescindOffer(call_id=call, offer_id=offer):
                    if caller := self.waiting.get(call):
                        self.over.append(caller.offers.pop(offer))
                case ConnectCall(call_id=call, offer_id=offer, operator_id=operator):
                    caller = self.waiting[call]
                    assert caller.offers[offer].operator_id == operator
                    assert call not in self.talking, "a caller has two operators"
                    assert operator not in self.talking.values(), "an operator has two callers"
                    self.talking[call] = operator
                    self.over.append(caller.offers.pop(offer))
                case CallOverflowed(call_id=call, to=to, target=target):
                    if to is OverflowTo.QUEUE:
                        self.waiting[call].queues.append(target)
                case RaiseAlarm(code=code, call_id=call, operator_id=operator):
                    assert (code, call or operator) not in self.alarms, "raised twice"
                    self.alarms.add((code, call or operator))
                case ClearAlarm(code=code, call_id=call, operator_id=operator):
                    self.alarms.remove((code, call or operator))
                case AnnounceWait(call_id=call):
                    assert not self.waiting[call].offers, "she is spoken to while a phone rings for her"
                case ReleaseOperatorLeg(offer_id=offer):
                    assert all(offer not in caller.offers for caller in self.waiting.values())
                case OperatorStateChanged():
                    pass
        for call in [call for call in self.waiting if call in self.talking]:
            assert not self.waiting.pop(call).offers, "phones ring on for one who is answered"
        if len(fresh) == 1 and not fresh[0].is_pick:
            self._check_order(fresh[0], could)

    def _book_offer(self, offer: OfferCall) -> None:
        caller = self.waiting[offer.call_id]
        rules = self.rules[caller.event.queue]
        at_once = rules.ring_at_once if rules.strategy == "ring_all" else 1
        busy = {one.operator_id for one in self.offers()} | set(self.talking.values())
        assert offer.operator_id not in busy, "an operator has two calls"
        caller.offers[offer.offer_id] = offer
        assert len(caller.offers) <= at_once, "a caller rings at too many phones"
        assert offer.offer_id not in {one.offer_id for one in self.over}, "an offer's id is used again"

    # -------------------------------------------------------------------------------------- checks

    def check(self) -> None:
        """Nobody is lost, and nobody who fits is idle while a caller waits for whom no phone rings."""
        del self.over[:-20]
        snapshot = self.acd.snapshot(self.now)
        assert {one.call_id for one in snapshot.waiting} == set(self.waiting), "a caller is lost"
        assert dict(snapshot.talking) == self.talking
        in_order = sorted(self.waiting, key=lambda name: self.waiting[name].place(self.policy))
        assert [one.call_id for one in snapshot.waiting] == in_order
        busy = {offer.operator_id: offer.call_id for offer in self.offers()}
        busy |= {operator: call for call, operator in self.talking.items()}
        for view in snapshot.operators:
            has_call = view.state in {OperatorState.RINGING, OperatorState.TALKING}
            assert busy.get(view.operator_id) == (view.call_id if has_call else None)
        self._check_wrap_ups()
        free = [one for one in self.acd._operators.values() if one.is_available]
        for name in in_order if free else ():
            caller = self.waiting[name]
            if not caller.offers:
                assert not any(self.may(caller, one) for one in free), "idle while a caller waits"
        overdue = {who for code, who in self.alarms if code == "pause_overdue"}
        assert {who for _, who in self.alarms} <= set(self.waiting) | overdue, "an alarm outlives its call"
        assert not self.offers() or self.acd.next_timeout() is not None, "a lease without an end"

    def _check_wrap_ups(self) -> None:
        """Whatever she presses, and whoever calls her in vain: a mandatory wrap-up lasts to its end."""
        for one in self.acd._operators.values():
            if one.ends_at is not None and must_wrap_up(self.acd._floor, one):
                self.owed[one.id] = one.ends_at
            elif self.owed.get(one.id, self.now) > self.now:
                assert one.state is OperatorState.TALKING, "she has evaded her wrap-up"

    def may(self, caller: Caller, operator: Operator) -> bool:
        """Whether the rules let this caller be offered to this operator now, computed the slow way."""
        event = caller.event
        need = Need(tuple(caller.queues), event.skills, event.wants, event.language)
        how_well = fit_to(need, need.expressions(), operator)
        if how_well is None:
            return False
        steps = self.rules[event.queue].relax_s or (self.policy.relax_after_s,)
        if how_well == 0 or caller.rank < 0 or self.now >= caller.since + steps[-1]:
            return True
        if not any(
            one.is_at_work and fit_to(need, need.expressions(), one) == 0
            for one in self.acd._operators.values()
        ):
            return True
        return how_well <= sum(self.now >= caller.since + step for step in steps)

    def _check_order(self, offer: OfferCall, could: set[str]) -> None:
        """Nobody who stands before her, and could have been offered to the same operator, was passed over."""
        chosen, operator = self.waiting.get(offer.call_id), self.acd._operators[offer.operator_id]
        if chosen is None:
            return
        assert self.may(chosen, operator), "offered to somebody whom she should not be offered to yet"
        place = chosen.place(self.policy)
        for name in could & self.waiting.keys():
            caller = self.waiting[name]
            if not caller.offers and caller.place(self.policy) < place:
                assert not self.may(caller, operator), "somebody was served before her turn"

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
