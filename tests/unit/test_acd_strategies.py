"""Who is rung, for whom, and how long a caller is kept for the right one: each rule by a story."""

from __future__ import annotations

import pytest

from queues.errors import SkillsInvalid
from queues.policy import AcdPolicy, QueuePolicy
from queues.skills import parse
from queues.strategies import STRATEGIES
from queues.vocabulary import (
    CallAbandoned,
    CallEnded,
    CallQueued,
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OfferEnd,
    OfferFailed,
    OperatorNotReady,
    OperatorReady,
    OperatorSignedOn,
    OperatorState,
    ReleaseOperatorLeg,
    RescindOffer,
)
from tests.unit.test_acd_rules import Desk, offers, only
from tests.work import counted


def desk_with(policy: AcdPolicy | None = None, **rules: object) -> Desk:
    """Return a desk with one queue ``q`` of these rules."""
    return Desk(policy or AcdPolicy({"q": QueuePolicy(10, 0, 15, **rules)}))  # type: ignore[arg-type]


def state_of(desk: Desk, name: str) -> OperatorState:
    return next(one.state for one in desk.acd.snapshot(desk.now).operators if one.operator_id == name)


def take(desk: Desk, call: str) -> str:
    """Queue a call, have it answered and ended; return who took it."""
    offer = only(OfferCall, desk.call(call))
    desk.accept(offer)
    desk.tell(CallEnded(call), after_s=1)
    return offer.operator_id


# ----------------------------------------------------------------------------------------- strategies


def test_fewest_calls_rings_who_has_taken_fewest() -> None:
    """Not who has been free longest."""
    desk = desk_with(strategy="fewest_calls")
    desk.operator("busy")
    assert take(desk, "c1") == "busy"
    desk.operator("fresh")
    assert take(desk, "c2") == "fresh"
    desk.tell(OperatorNotReady("fresh", "pause"))
    assert take(desk, "c3") == "busy"
    desk.tell(OperatorReady("fresh"))
    assert [take(desk, f"d{turn}") for turn in range(2)] == ["fresh", "busy"]


def test_fixed_order_rings_the_first_of_the_list_who_is_free() -> None:
    """However long others have waited for a call."""
    desk = desk_with(strategy="fixed_order")
    for name, order in (("third", 3), ("first", 1), ("second", 2)):
        desk.tell(OperatorSignedOn(name, ("q",), order=order))
        desk.tell(OperatorReady(name), after_s=1)
    assert [take(desk, "c1"), take(desk, "c2")] == ["first", "first"]
    desk.call("c3")
    assert offers(desk.call("c4")) == [("c4", "second")]


def test_skill_first_keeps_who_knows_much_free() -> None:
    """Of two who fit, the one with less beside it."""
    desk = desk_with(strategy="skill_first")
    desk.operator("polyglot", skills="medical", languages="id en jv")
    desk.operator("plain", languages="id")
    assert offers(desk.call("c1")) == [("c1", "plain")]


def test_ring_all_rings_several_and_the_first_wins() -> None:
    """The others are taken back and free again; an answer that comes second is put down."""
    desk = desk_with(strategy="ring_all", ring_at_once=2)
    for name in ("a", "b", "c"):
        desk.operator(name)
    rung = [one for one in desk.call("c1") if isinstance(one, OfferCall)]
    assert [one.operator_id for one in rung] == ["a", "b"]
    commands = desk.accept(rung[1])
    assert only(ConnectCall, commands).operator_id == "b"
    lost = only(RescindOffer, commands)
    assert (lost.operator_id, lost.reason) == ("a", OfferEnd.RESCINDED)
    assert state_of(desk, "a") is OperatorState.READY
    assert only(ReleaseOperatorLeg, desk.accept(rung[0])).operator_id == "a"


def test_ring_all_lets_another_phone_ring_when_one_gives_up() -> None:
    """And who comes later rings too, as long as fewer ring than may."""
    desk = desk_with(strategy="ring_all", ring_at_once=2)
    desk.operator("a")
    desk.call("c1")
    desk.tell(OperatorSignedOn("b", ("q",), frozenset(), frozenset({"id"})))
    assert offers(desk.tell(OperatorReady("b"))) == [("c1", "b")]
    desk.operator("c")
    assert offers(desk.tell(OperatorNotReady("a", "pause"))) == [("c1", "c")]


def test_ring_all_rings_for_the_second_where_the_first_was_not_taken() -> None:
    """A phone that refused the one who stands before her is not idle for that."""
    desk = desk_with(strategy="ring_all", ring_at_once=2)
    for name in ("a", "b"):
        desk.operator(name)
    desk.call("c1")
    refused = OfferFailed("c1", "b", "c1-of2", OfferEnd.REJECTED)
    desk.tell(refused)
    desk.operator("c")
    desk.tell(OperatorNotReady("c", "pause"))
    desk.call("c2")
    assert offers(desk.tell(OperatorReady("c"))) == [("c2", "c")]
    assert offers(desk.tell(OperatorReady("b"))) == [("c2", "b")]


# --------------------------------------------------------------------------------------------- skills


@pytest.mark.parametrize(
    ("text", "held", "is_met"),
    [
        ("medical", "medical", True),
        ("medical and calm", "medical", False),
        ("medical or calm", "calm", True),
        ("not trainee", "medical", True),
        ("medical and not (trainee or night-shift)", "medical night-shift", False),
        ("a or b and c", "a", True),
        ("not a and b", "b", True),
    ],
)
def test_a_skill_expression(text: str, held: str, is_met: bool) -> None:
    """``not`` before ``and`` before ``or``."""
    assert parse(text).is_met_by(frozenset(held.split())) is is_met


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a skill should stand where the end is"),
        ("medical and", "a skill should stand where the end is"),
        ("(medical", "a closing parenthesis should stand where the end is"),
        ("medical calm", "and, or, or the end should stand where 'calm' is"),
        ("Medical", "'M' is no part of a skill's name"),
        ("a" * 300, "at most 200 characters"),
    ],
)
def test_a_skill_expression_that_cannot_be_read_says_where(text: str, problem: str) -> None:
    """So that a person can mend it."""
    with pytest.raises(SkillsInvalid, match="(?s)" + problem.replace("(", "\\(")):
        parse(text)


def test_needs_are_relaxed_step_by_step() -> None:
    """The best while she is at work, then the next worse after each step, then anybody."""
    desk = desk_with(relax_s=(2.0, 4.0))
    desk.operator("best", skills="medical senior")
    desk.connect("c0")
    wants = ("medical and senior", "medical")
    desk.tell(CallQueued("c1", "q", 0, wants=wants, language="id"))
    desk.operator("nurse", skills="medical")  # A second passes.
    assert offers(desk.wait(0.9)) == []
    assert offers(desk.wait(0.2)) == [("c1", "nurse")]
    desk.tell(CallQueued("c2", "q", 0, wants=wants, language="id"))
    desk.operator("anybody")
    assert offers(desk.wait(2.9)) == []
    assert offers(desk.wait(0.2)) == [("c2", "anybody")]


# --------------------------------------------------------------------------------- however many wait


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_a_match_costs_the_same_however_many_wait(strategy: str) -> None:
    """When hundreds wait, an operator who is free has her next caller as soon as when a few do."""
    assert steps_of_a_turn(strategy, 2_000) <= 1.05 * steps_of_a_turn(strategy, 20)


def steps_of_a_turn(strategy: str, waiting: int) -> int:
    """Let so many wait; return how many steps it takes when one comes, one goes and one is served."""
    desk = desk_with(strategy=strategy)
    desk.operator("siti", "medical")
    calls = [f"c{number}" for number in range(waiting)]
    for place, call in enumerate(calls):
        desk.call(call, priority=place % 3, skills="medical" if place % 2 else "")
    siti = desk.acd._operators["siti"]
    with counted() as work:
        for call in calls[-4:-2]:
            desk.tell(CallAbandoned(call))
            desk.call(f"{call}-again", priority=1)
            assert siti.offer is not None
            offer = siti.offer
            desk.tell(OfferAccepted(offer.waiting.id, "siti", offer.id))
            desk.tell(CallEnded(offer.waiting.id))
    return work.steps


# -------------------------------------------------------------------------------- ageing, no starving


def test_a_caller_of_the_least_urgent_class_is_served_however_many_urgent_ones_come() -> None:
    """One urgent caller comes for each that is served, for ever: she is overtaken by those who come within
    her handicap and by nobody else."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(100, 0, 1000)}, ageing_s=10))
    desk.operator("siti")
    desk.connect("c0")
    desk.call("patient", priority=9)
    came_at, served = desk.now, []
    for turn in range(200):
        desk.call(f"u{turn}")
        talking = dict(desk.acd.snapshot(desk.now).talking)
        offer = only(OfferCall, desk.tell(CallEnded(next(iter(talking))), after_s=1))
        desk.accept(offer)
        served.append(offer.call_id)
        if offer.call_id == "patient":
            break
    assert served[-1] == "patient"
    assert desk.now - came_at <= 9 * 10 + 2
    assert len(served) <= 9 * 10 + 2
