"""The ACD, rule by rule: plain numbers for time, no clock."""

from __future__ import annotations

from typing import TypeVar

import pytest

from queues.acd import Acd
from queues.errors import IllegalEvent, UnknownCall, UnknownOperator
from queues.policy import AcdPolicy, QueuePolicy
from queues.vocabulary import (
    AcdCommand,
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
)

T = TypeVar("T")

POLICY = AcdPolicy({"q": QueuePolicy(ring_timeout_s=10, wrap_up_s=20, answer_target_s=15)}, relax_after_s=5)


class Desk:
    """An ACD and the time, so that a test reads as a story."""

    def __init__(self, policy: AcdPolicy = POLICY) -> None:
        self.acd = Acd(policy)
        self.now = 100.0

    def tell(self, event: object, after_s: float = 0.0) -> list[AcdCommand]:
        self.now += after_s
        return self.acd.handle(event, self.now)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> list[AcdCommand]:
        """Let time pass, doing what is due when it is due."""
        end, commands = self.now + seconds, []
        while (due := self.acd.next_timeout()) is not None and due <= end:
            self.now = max(self.now, due)
            commands += self.acd.handle_timeout(self.now)
        self.now = end
        return commands

    def operator(self, name: str, skills: str = "", languages: str = "id", reachable: bool = True) -> None:
        self.tell(
            OperatorSignedOn(name, ("q",), frozenset(skills.split()), frozenset(languages.split()), reachable)
        )
        self.tell(OperatorReady(name), after_s=1)

    def call(self, name: str, priority: int = 0, skills: str = "", language: str = "id") -> list[AcdCommand]:
        return self.tell(CallQueued(name, "q", priority, frozenset(skills.split()), language))

    def accept(self, offer: OfferCall) -> list[AcdCommand]:
        return self.tell(OfferAccepted(offer.call_id, offer.operator_id, offer.offer_id))

    def connect(self, call: str) -> None:
        offer = only(OfferCall, self.call(call))
        self.accept(offer)


def only(kind: type[T], commands: list[AcdCommand]) -> T:
    found = [command for command in commands if isinstance(command, kind)]
    assert len(found) == 1, commands
    return found[0]


def offers(commands: list[AcdCommand]) -> list[tuple[str, str]]:
    return [(one.call_id, one.operator_id) for one in commands if isinstance(one, OfferCall)]


def test_a_caller_is_offered_to_a_ready_operator_at_once() -> None:
    """The offer has an id of its own and the queue's ring time."""
    desk = Desk()
    desk.operator("siti")
    assert only(OfferCall, desk.call("c1")) == OfferCall("c1-of1", "c1", "siti", 10)


def test_the_longest_idle_operator_is_offered_first() -> None:
    """Who became ready first rings first; after a talk she goes to the end."""
    desk = Desk()
    desk.operator("budi")
    desk.operator("siti")
    assert offers(desk.call("c1")) == [("c1", "budi")]
    assert offers(desk.call("c2")) == [("c2", "siti")]


def test_urgency_comes_before_age_and_age_before_arrival() -> None:
    """Of those who wait, the most urgent first, then the longest waiting."""
    desk = Desk()
    desk.call("old", priority=1)
    desk.wait(1)
    desk.call("urgent-1", priority=0)
    desk.wait(1)
    desk.call("urgent-2", priority=0)
    served = []
    for name in ("a", "b", "c"):
        desk.tell(OperatorSignedOn(name, ("q",), frozenset(), frozenset({"id"})))
        served += offers(desk.tell(OperatorReady(name)))
    assert [call for call, _ in served] == ["urgent-1", "urgent-2", "old"]


def test_an_offer_that_is_not_answered_puts_the_caller_back_with_her_age() -> None:
    """RONA: the operator is not ready, the caller keeps her first enqueue time and is served first."""
    desk = Desk()
    desk.operator("siti")
    desk.call("first")
    desk.call("second")
    commands = desk.wait(10)
    assert only(RescindOffer, commands).reason is OfferEnd.NO_ANSWER
    assert OperatorStateChanged("siti", OperatorState.NOT_READY, "no_answer") in commands
    waiting = desk.acd.snapshot(desk.now).waiting
    assert [(one.call_id, one.position) for one in waiting] == [("first", 1), ("second", 2)]
    assert waiting[0].waited_s == 10
    assert offers(desk.tell(OperatorReady("siti"))) == [("first", "siti")]


def test_a_second_offer_of_a_call_has_another_id() -> None:
    """So that an answer to the first can be told from an answer to the second."""
    desk = Desk()
    desk.operator("siti")
    desk.operator("budi")
    first = only(OfferCall, desk.call("c1"))
    commands = desk.tell(OfferFailed("c1", "siti", first.offer_id, OfferEnd.REJECTED))
    assert only(OfferCall, commands) == OfferCall("c1-of2", "c1", "budi", 10)


def test_an_answer_after_the_offers_end_is_released() -> None:
    """Two phones can never have one caller."""
    desk = Desk()
    desk.operator("siti")
    desk.operator("budi")
    late = only(OfferCall, desk.call("c1"))
    again = only(OfferCall, desk.wait(10))
    assert only(ReleaseOperatorLeg, desk.accept(late)).offer_id == late.offer_id
    assert only(ConnectCall, desk.accept(again)).operator_id == "budi"


def test_a_caller_who_hangs_up_frees_the_operator_who_rings() -> None:
    """The offer is cancelled; the operator keeps her idle time."""
    desk = Desk()
    desk.operator("siti")
    desk.call("c1")
    commands = desk.tell(CallAbandoned("c1"))
    assert only(RescindOffer, commands).reason is OfferEnd.CANCELLED
    assert OperatorStateChanged("siti", OperatorState.READY) in commands


def test_after_a_talk_comes_wrap_up_and_then_the_next_call() -> None:
    """Wrap-up has a timer of its own."""
    desk = Desk()
    desk.operator("siti")
    desk.connect("c1")
    commands = desk.tell(CallEnded("c1"))
    assert OperatorStateChanged("siti", OperatorState.WRAP_UP, None, "c1", 121.0) in commands
    desk.call("c2")
    assert offers(desk.wait(19.9)) == []
    assert offers(desk.wait(0.2)) == [("c2", "siti")]


def test_an_operator_may_end_her_wrap_up() -> None:
    """Ready in wrap-up is ready at once."""
    desk = Desk()
    desk.operator("siti")
    desk.connect("c1")
    desk.tell(CallEnded("c1"))
    desk.call("c2")
    assert offers(desk.tell(OperatorReady("siti"))) == [("c2", "siti")]


def test_no_wrap_up_where_the_queue_has_none() -> None:
    """With wrap_up_s = 0 the next call comes with the end of the last."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(wrap_up_s=0)}))
    desk.operator("siti")
    desk.connect("c1")
    desk.call("c2")
    assert offers(desk.tell(CallEnded("c1"))) == [("c2", "siti")]


@pytest.mark.parametrize(
    ("wish", "state"),
    [
        (OperatorNotReady("siti", "meal"), OperatorState.NOT_READY),
        (OperatorSignedOff("siti"), OperatorState.SIGNED_OFF),
    ],
)
def test_a_wish_while_talking_is_granted_after_the_call(wish: object, state: OperatorState) -> None:
    """Nobody is taken out of a talk; the wish stands after the wrap-up."""
    desk = Desk()
    desk.operator("siti")
    desk.connect("c1")
    commands = desk.tell(wish)
    assert only(OperatorStateChanged, commands).state is OperatorState.TALKING
    desk.tell(CallEnded("c1"))
    desk.wait(20)
    assert desk.acd.snapshot(desk.now).operators[0].state is state


def test_an_operator_who_goes_while_ringing_loses_the_offer_and_the_caller_nothing() -> None:
    """The next operator is rung at once."""
    desk = Desk()
    desk.operator("siti")
    desk.operator("budi")
    desk.call("c1")
    commands = desk.tell(OperatorNotReady("siti", "break"))
    assert only(RescindOffer, commands).operator_id == "siti"
    assert offers(commands) == [("c1", "budi")]


def test_a_phone_that_vanishes_while_ringing_ends_the_offer() -> None:
    """The caller is offered to somebody else at once."""
    desk = Desk()
    desk.operator("siti")
    desk.operator("budi")
    desk.call("c1")
    commands = desk.tell(OperatorUnreachable("siti"))
    assert only(RescindOffer, commands).reason is OfferEnd.UNREACHABLE
    assert offers(commands) == [("c1", "budi")]


def test_an_operator_without_a_phone_is_passed_over_until_it_is_back() -> None:
    """She stays ready and is offered the caller when her phone registers."""
    desk = Desk()
    desk.operator("siti", reachable=False)
    assert offers(desk.call("c1")) == []
    assert offers(desk.tell(OperatorReachable("siti"))) == [("c1", "siti")]


def test_a_caller_waits_for_her_language_while_a_speaker_is_at_work() -> None:
    """An English caller is kept for the English speaker, five seconds and no longer."""
    desk = Desk()
    desk.operator("siti", languages="id en")
    desk.connect("c1")
    desk.operator("budi", languages="id")
    assert offers(desk.call("c2", language="en")) == []
    assert offers(desk.wait(4.9)) == []
    assert offers(desk.wait(0.2)) == [("c2", "budi")]


def test_a_caller_is_not_kept_for_a_skill_that_nobody_at_work_has() -> None:
    """Waiting would be in vain, so she is offered at once."""
    desk = Desk()
    desk.operator("budi")
    assert offers(desk.call("c1", skills="medical")) == [("c1", "budi")]


def test_a_common_language_comes_before_a_skill() -> None:
    """Of two who fit halfway, the one who can be understood."""
    desk = Desk()
    desk.operator("nurse", skills="medical", languages="jv")
    desk.operator("speaker", languages="en")
    assert offers(desk.call("c1", skills="medical", language="en")) == [("c1", "speaker")]


def test_who_refused_a_caller_is_not_rung_for_her_while_another_is_free() -> None:
    """Only when nobody else is free does the phone ring there again."""
    desk = Desk()
    desk.operator("siti")
    offer = only(OfferCall, desk.call("c1"))
    desk.tell(OfferFailed("c1", "siti", offer.offer_id, OfferEnd.REJECTED))
    desk.tell(OperatorSignedOn("budi", ("q",), frozenset(), frozenset({"id"})))
    desk.tell(OperatorNotReady("budi", "break"))
    assert offers(desk.tell(OperatorReady("siti"))) == [("c1", "siti")]


def test_nobody_at_work_is_an_alarm_for_each_who_waits_and_clears() -> None:
    """Raised once for each caller, cleared when somebody comes."""
    desk = Desk()
    assert only(RaiseAlarm, desk.call("c1")) == RaiseAlarm(AlarmCode.NO_OPERATOR, "c1", "q")
    assert only(RaiseAlarm, desk.call("c2")).call_id == "c2"
    desk.tell(OperatorSignedOn("siti", ("q",)))
    commands = desk.tell(OperatorReady("siti"))
    cleared = [command.call_id for command in commands if isinstance(command, ClearAlarm)]
    assert sorted(cleared) == ["c1", "c2"]


def test_waiting_beyond_the_target_is_an_alarm() -> None:
    """It is raised when the target passes and cleared when the call ends."""
    desk = Desk()
    desk.call("c1")
    assert only(RaiseAlarm, desk.wait(15)) == RaiseAlarm(AlarmCode.WAITING_TOO_LONG, "c1", "q")
    commands = desk.tell(CallAbandoned("c1"))
    assert {command.code for command in commands if isinstance(command, ClearAlarm)} == set(AlarmCode)


def test_a_call_that_comes_back_keeps_its_place_and_its_offers_count() -> None:
    """After an operator was lost in the middle of a talk, she is first in line again."""
    desk = Desk()
    desk.call("other")
    desk.now += 5
    desk.tell(CallQueued("back", "q", 0, frozenset(), "id", enqueued_at=90.0, offers_made=2))
    desk.tell(OperatorSignedOn("siti", ("q",), frozenset(), frozenset({"id"})))
    offer = only(OfferCall, desk.tell(OperatorReady("siti")))
    assert offer.offer_id == "back-of3"


def test_due_timers_come_before_the_event() -> None:
    """An answer that comes with the end of the ring time is too late."""
    desk = Desk()
    desk.operator("siti")
    offer = only(OfferCall, desk.call("c1"))
    commands = desk.tell(OfferAccepted("c1", "siti", offer.offer_id), after_s=10)
    assert only(RescindOffer, commands).reason is OfferEnd.NO_ANSWER
    assert only(ReleaseOperatorLeg, commands)


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (CallAbandoned("nobody"), UnknownCall),
        (CallEnded("c1"), UnknownCall),
        (CallQueued("c1", "q", 0), IllegalEvent),
        (CallQueued("c2", "no such queue", 0), IllegalEvent),
        (OperatorReady("nobody"), UnknownOperator),
        (OperatorSignedOn("siti", ("q",)), IllegalEvent),
        (OperatorSignedOn("new", ("no such queue",)), IllegalEvent),
        (OperatorSignedOff("nobody"), UnknownOperator),
    ],
)
def test_an_event_that_cannot_be_changes_nothing(event: object, error: type[Exception]) -> None:
    """A typed error, and the same snapshot and timers as before."""
    desk = Desk()
    desk.operator("siti")
    desk.call("c1")
    before = desk.acd.snapshot(desk.now), desk.acd.next_timeout()
    with pytest.raises(error):
        desk.tell(event)
    assert (desk.acd.snapshot(desk.now), desk.acd.next_timeout()) == before


def test_what_a_timer_brought_is_not_lost_to_an_illegal_event() -> None:
    """It comes with the next call of the machine."""
    desk = Desk()
    desk.operator("siti")
    desk.call("c1")
    with pytest.raises(UnknownCall):
        desk.tell(CallAbandoned("nobody"), after_s=10)
    assert desk.acd.next_timeout() == float("-inf")
    assert only(RescindOffer, desk.acd.handle_timeout(desk.now)).reason is OfferEnd.NO_ANSWER


def test_a_queue_that_was_staffed_while_nobody_waited_raises_no_false_alarm() -> None:
    """One found nobody and left; somebody came; the next must not hear that nobody is there."""
    desk = Desk()
    desk.call("c1")
    desk.tell(CallAbandoned("c1"))
    desk.operator("siti")
    assert not [one for one in desk.call("c2") if isinstance(one, RaiseAlarm)]
