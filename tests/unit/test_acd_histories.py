"""The ACD under random histories: what must hold holds whatever happens, and a replay is the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from queues.acd import Acd
from queues.errors import IllegalEvent
from queues.journal import decode_event, encode_event, replay
from queues.matching import fit
from queues.policy import AcdPolicy, QueuePolicy
from queues.vocabulary import (
    AcdCommand,
    AcdEvent,
    CallAbandoned,
    CallEnded,
    CallQueued,
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
    OperatorUnreachable,
    RescindOffer,
)
from tests.effort import examples

POLICY = AcdPolicy(
    {"fire": QueuePolicy(5, 4, 10), "all": QueuePolicy(8, 0, 15)},
    relax_after_s=3,
)
CALLS = [f"c{number}" for number in range(6)]
OPERATORS = ["ani", "budi", "citra"]

calls, operators = st.sampled_from(CALLS), st.sampled_from(OPERATORS)
skills = st.frozensets(st.sampled_from(["medical", "calm"]), max_size=2)
languages = st.frozensets(st.sampled_from(["id", "en"]), min_size=1)
queues = st.sampled_from(["fire", "all"])

events = st.one_of(
    st.builds(CallQueued, calls, queues, st.integers(0, 2), skills, st.sampled_from(["id", "en"])),
    st.builds(CallAbandoned, calls),
    st.builds(CallEnded, calls),
    st.builds(
        OperatorSignedOn,
        operators,
        st.lists(queues, min_size=1, max_size=2, unique=True).map(tuple),
        skills,
        languages,
        st.booleans(),
    ),
    st.builds(OperatorReady, operators),
    st.builds(OperatorNotReady, operators, st.just("break")),
    st.builds(OperatorSignedOff, operators),
    st.builds(OperatorReachable, operators),
    st.builds(OperatorUnreachable, operators),
    st.sampled_from(["accept", "fail", "accept late"]),
)
histories = st.lists(st.tuples(st.floats(0, 6), events), max_size=60)


class World:
    """Drives an ACD, keeps its own books, and compares."""

    def __init__(self) -> None:
        self.acd = Acd(POLICY)
        self.now = 0.0
        self.offered: dict[str, OfferCall] = {}
        self.over: list[OfferCall] = []
        self.talking: dict[str, str] = {}
        self.waiting: set[str] = set()
        self.records: list[dict[str, Any]] = []
        self.said: list[tuple[float, AcdCommand]] = []

    def play(self, history: list[tuple[float, Any]]) -> None:
        for pause, event in history:
            self.now += pause
            real = self.make(event)
            if real is not None:
                self.tell(real)
            self.check()

    def make(self, event: Any) -> AcdEvent | None:
        """Turn a wish about offers into an event about one that there is."""
        if event == "accept late":
            return self.answer(self.over[-1]) if self.over else None
        if not isinstance(event, str):
            return event  # type: ignore[no-any-return]
        if not self.offered:
            return None
        offer = self.offered[min(self.offered)]
        if event == "accept":
            return self.answer(offer)
        return OfferFailed(offer.call_id, offer.operator_id, offer.offer_id, OfferEnd.REJECTED)

    def answer(self, offer: OfferCall) -> AcdEvent:
        return OfferAccepted(offer.call_id, offer.operator_id, offer.offer_id)

    def tell(self, event: AcdEvent) -> None:
        self.records.append({"now": self.now, **encode_event(event)})
        try:
            self.book(self.acd.handle(event, self.now))
        except IllegalEvent:
            return
        match event:
            case CallQueued(call_id=call_id):
                self.waiting.add(call_id)
            case CallAbandoned(call_id=call_id):
                self.waiting.discard(call_id)
            case CallEnded(call_id=call_id):
                del self.talking[call_id]
            case _:
                pass

    def book(self, commands: list[AcdCommand]) -> None:
        self.said += [(self.now, command) for command in commands]
        for command in commands:
            match command:
                case OfferCall():
                    assert command.call_id not in self.offered, "a caller rings at two phones"
                    busy = {offer.operator_id for offer in self.offered.values()} | set(self.talking.values())
                    assert command.operator_id not in busy, "an operator has two calls"
                    self.offered[command.call_id] = command
                case RescindOffer():
                    self.over.append(self.offered.pop(command.call_id))
                case ConnectCall():
                    self.over.append(self.offered.pop(command.call_id))
                    assert command.call_id not in self.talking, "a caller has two operators"
                    self.talking[command.call_id] = command.operator_id
                    self.waiting.discard(command.call_id)
                case _:
                    pass

    def check(self) -> None:
        """Nobody is lost, and nobody who fits is idle while a caller could be served."""
        snapshot = self.acd.snapshot(self.now)
        assert {one.call_id for one in snapshot.waiting} == self.waiting
        assert dict(snapshot.talking) == self.talking
        positions = [(one.queue, one.position) for one in snapshot.waiting]
        assert len(positions) == len(set(positions))
        timers = self.acd.next_timeout()
        if timers is not None and timers <= self.now:
            return  # Something is due that has not been asked for yet.
        free = [
            self.acd._operators[view.operator_id]
            for view in snapshot.operators
            if view.state is OperatorState.READY and view.is_reachable
        ]
        for one in snapshot.waiting:
            if one.offered_to is None:
                call = self.acd._line.get(one.call_id)
                assert call is not None
                assert not any(fit(call.call, operator) == 0 for operator in free), "idle while one waits"
                if one.waited_s >= POLICY.relax_after_s:
                    assert not any(fit(call.call, operator) is not None for operator in free)


@given(histories)
@settings(max_examples=examples(100, 300))
def test_nobody_is_lost_rung_twice_or_idle_while_somebody_waits(history: list[tuple[float, Any]]) -> None:
    """Whatever happens in whatever order."""
    World().play(history)


@given(histories)
@settings(max_examples=examples(40, 100))
def test_the_same_journal_gives_the_same_commands(history: list[tuple[float, Any]]) -> None:
    """Written down and read again, every decision is the same at the same time."""
    world = World()
    world.play(history)
    # An illegal event in the journal is passed over, as it was when it happened; what a timer brought at
    # that moment comes with the next event, so only the order has to be the same.
    replayed = [command for _, command in replay(POLICY, world.records)]
    said = [command for _, command in world.said]
    assert replayed == said


@given(events.filter(lambda event: not isinstance(event, str)))
@settings(max_examples=examples(50, 100))
def test_an_event_comes_back_from_the_journal_as_it_was(event: Any) -> None:
    """Encoding loses nothing."""
    assert decode_event(encode_event(event)) == event
