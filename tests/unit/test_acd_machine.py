"""The ACD as a state machine: whatever is done to it in whatever order, what must hold holds."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from queues.vocabulary import (
    CallAbandoned,
    CallDiverted,
    CallEnded,
    CallMovedToHead,
    CallPicked,
    CallPriorityChanged,
    OfferEnd,
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
from tests.bench.explorer import Explorer
from tests.effort import examples
from tests.unit.acd_world import POLICIES, QUEUES, World, fail

_STEPS = examples(3_000, 12_000)

operators = st.sampled_from(["ani", "budi", "citra"])
skills = st.frozensets(st.sampled_from(["medical", "calm"]))
languages = st.frozensets(st.sampled_from(["id", "en"]), min_size=1)
queues = st.lists(st.sampled_from(QUEUES), min_size=1, max_size=3, unique=True).map(tuple)
supervisors = st.sampled_from(["", "sari"])
places = st.integers(0, 7)


class Distribution(RuleBasedStateMachine):
    """Each rule is something that can happen; the world's books judge what the ACD makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def nth_waiting(self, place: int) -> str:
        waiting = list(self.world.waiting)
        return waiting[place % len(waiting)]

    @rule(seconds=st.floats(0, 9), late=st.booleans())
    def time_passes(self, seconds: float, late: bool) -> None:
        self.world.pass_time(seconds, late=late)

    @rule(
        queue=st.sampled_from(QUEUES),
        priority=st.integers(0, 2),
        needs=skills,
        language=st.sampled_from(["", "id", "en"]),
        wants=st.integers(0, 2),
        who=st.sampled_from(["", "a", "b"]),
    )
    def a_call_comes(
        self, queue: str, priority: int, needs: frozenset[str], language: str, wants: int, who: str
    ) -> None:
        self.world.call_in(queue, priority, needs, language, wants, who)

    @rule(name=operators, serves=queues, knows=skills, speaks=languages, online=st.booleans())
    def an_operator_signs_on(
        self, name: str, serves: tuple[str, ...], knows: frozenset[str], speaks: frozenset[str], online: bool
    ) -> None:
        self.world.tell(OperatorSignedOn(name, serves, knows, speaks, online))

    @rule(name=operators, by=supervisors)
    def an_operator_is_ready(self, name: str, by: str) -> None:
        self.world.tell(OperatorReady(name, by))

    @rule(name=operators, reason=st.sampled_from(["break", "meal", "pause"]), by=supervisors)
    def an_operator_pauses(self, name: str, reason: str, by: str) -> None:
        self.world.tell(OperatorNotReady(name, reason, by))

    @rule(name=operators)
    def an_operator_signs_off(self, name: str) -> None:
        self.world.tell(OperatorSignedOff(name))

    @rule(name=operators, serves=queues)
    def an_operator_changes_queues(self, name: str, serves: tuple[str, ...]) -> None:
        self.world.tell(OperatorQueuesChanged(name, serves))

    @rule(name=operators, by_s=st.floats(0.5, 5))
    def an_operator_needs_more_time(self, name: str, by_s: float) -> None:
        self.world.tell(WrapUpExtended(name, by_s))

    @rule(name=operators, online=st.booleans())
    def a_phone_comes_or_goes(self, name: str, online: bool) -> None:
        self.world.tell(OperatorReachable(name) if online else OperatorUnreachable(name))

    @rule(name=operators)
    def a_talk_is_found(self, name: str) -> None:
        self.world.names += 1
        self.world.tell(TalkAdopted(f"c{self.world.names}", name))

    @precondition(lambda self: self.world.waiting)
    @rule(place=places, name=operators)
    def an_operator_picks(self, place: int, name: str) -> None:
        self.world.tell(CallPicked(self.nth_waiting(place), name))

    @precondition(lambda self: self.world.waiting)
    @rule(
        place=places,
        how=st.sampled_from(["hangs up", "is diverted", "is moved to the head", "is urgent after all"]),
    )
    def something_becomes_of_a_caller(self, place: int, how: str) -> None:
        call = self.nth_waiting(place)
        self.world.tell(
            CallAbandoned(call)
            if how == "hangs up"
            else CallDiverted(call, "sidoarjo")
            if how == "is diverted"
            else CallPriorityChanged(call, 0)
            if how == "is urgent after all"
            else CallMovedToHead(call, "sari")
        )

    @precondition(lambda self: self.world.offers())
    @rule(place=places, end=st.sampled_from([None, OfferEnd.REJECTED, OfferEnd.UNREACHABLE]))
    def a_phone_decides(self, place: int, end: OfferEnd | None) -> None:
        offers = self.world.offers()
        offer = offers[place % len(offers)]
        if end is None:
            self.world.accept(offer)
        else:
            self.world.tell(fail(offer, end))

    @precondition(lambda self: self.world.over)
    @rule()
    def a_phone_is_answered_too_late(self) -> None:
        self.world.accept(self.world.over[-1])

    @precondition(lambda self: self.world.talking)
    @rule(place=places, has_spoken=st.booleans())
    def a_talk_ends(self, place: int, has_spoken: bool) -> None:
        talks = list(self.world.talking)
        self.world.tell(CallEnded(talks[place % len(talks)], has_spoken))

    @rule(which=st.integers(0, len(POLICIES) - 1))
    def the_rules_change(self, which: int) -> None:
        self.world.tell(PolicyChanged(POLICIES[which]))

    @invariant()
    def what_must_hold_holds(self) -> None:
        self.world.settle()

    def teardown(self) -> None:
        self.world.check_replay()


TestDistribution = Distribution.TestCase
TestDistribution.settings = settings(max_examples=examples(12, 30), stateful_step_count=40)


def test_a_random_walk_breaks_no_rule() -> None:
    """A slice of the explorer's walk, from another seed than its own."""
    explorer = Explorer(seed=7)
    explorer.walk(_STEPS)
    assert explorer.world.counts["ConnectCall"] > 50, "the walk led nowhere"
