"""What a city can set for its queues: each rule by a story, with plain numbers for time."""

from __future__ import annotations

import pytest

from queues.acd import Acd
from queues.errors import CallTaken, IllegalEvent, UnknownCall, UnknownPause
from queues.journal import decode_event, encode_event
from queues.policy import AcdPolicy, Announcements, Overflow, Pause, QueuePolicy
from queues.vocabulary import (
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
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OperatorAlarm,
    OperatorNotReady,
    OperatorQueuesChanged,
    OperatorReady,
    OperatorSignedOff,
    OperatorSignedOn,
    OperatorState,
    OverflowTo,
    OverflowWhen,
    PauseEnd,
    PolicyChanged,
    RaiseAlarm,
    ReleaseOperatorLeg,
    RescindOffer,
    TalkAdopted,
    WrapUpExtended,
    WrapUpMode,
)
from tests.unit.test_acd_rules import Desk, offers, only


def desk_with(policy: AcdPolicy | None = None, **rules: object) -> Desk:
    """Return a desk with one queue ``q`` of these rules."""
    return Desk(policy or AcdPolicy({"q": QueuePolicy(10, 0, 15, **rules)}))  # type: ignore[arg-type]


def state_of(desk: Desk, name: str) -> OperatorState:
    return next(one.state for one in desk.acd.snapshot(desk.now).operators if one.operator_id == name)


# --------------------------------------------------------------------------------- wrap-up and pauses


def test_a_mandatory_wrap_up_lasts_to_its_end() -> None:
    """Ready in the middle of it is a wish for after it."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(10, 20, 15, wrap_up_mode=WrapUpMode.MANDATORY)}))
    desk.operator("siti")
    desk.connect("c1")
    desk.tell(CallEnded("c1"))
    desk.call("c2")
    assert offers(desk.tell(OperatorReady("siti"))) == []
    assert offers(desk.wait(19.9)) == []
    assert offers(desk.wait(0.2)) == [("c2", "siti")]


MANDATORY = AcdPolicy({"q": QueuePolicy(10, 20, 15, wrap_up_mode=WrapUpMode.MANDATORY)})


def in_wrap_up(policy: AcdPolicy = MANDATORY) -> Desk:
    """Return a desk whose Siti has just had a call, and must wrap up for 20 s."""
    desk = Desk(policy)
    desk.operator("siti")
    desk.connect("c1")
    desk.tell(CallEnded("c1"))
    return desk


def test_a_pause_does_not_shorten_a_mandatory_wrap_up() -> None:
    """Not ready comes after it, ready takes it back, and neither brings a call sooner."""
    desk = in_wrap_up()
    desk.call("c2")
    desk.tell(OperatorNotReady("siti", "pause"))
    assert state_of(desk, "siti") is OperatorState.WRAP_UP
    assert offers(desk.tell(OperatorReady("siti"))) == []
    assert offers(desk.wait(19.9)) == []
    assert offers(desk.wait(0.2)) == [("c2", "siti")]


@pytest.mark.parametrize(
    ("wish", "state"),
    [
        (OperatorNotReady("siti", "pause"), OperatorState.NOT_READY),
        (OperatorSignedOff("siti"), OperatorState.SIGNED_OFF),
    ],
)
def test_a_pause_or_going_home_comes_after_a_mandatory_wrap_up(wish: AcdEvent, state: OperatorState) -> None:
    desk = in_wrap_up()
    desk.tell(wish)
    desk.wait(19.9)
    assert state_of(desk, "siti") is OperatorState.WRAP_UP
    desk.wait(0.2)
    assert state_of(desk, "siti") is state


def test_who_is_called_in_vain_has_the_rest_of_her_wrap_up_and_no_other() -> None:
    """Ten seconds of it, three of a phone that nobody answers, and the seven that are left."""
    desk = in_wrap_up()
    desk.wait(10)
    desk.tell(TalkAdopted("c9-pt1", "siti"))
    desk.wait(3)
    desk.tell(CallEnded("c9-pt1", has_spoken=False))
    assert state_of(desk, "siti") is OperatorState.WRAP_UP
    desk.wait(6.9)
    assert state_of(desk, "siti") is OperatorState.WRAP_UP
    desk.wait(0.2)
    assert state_of(desk, "siti") is OperatorState.READY


def test_who_is_called_in_vain_while_she_is_free_has_nothing_to_wrap_up() -> None:
    """Not even where a wrap-up is mandatory: ready stays ready, and a pause that was ordered stays one."""
    desk = Desk(MANDATORY)
    desk.operator("siti")
    for wish, state in (
        (OperatorReady("siti"), OperatorState.READY),
        (OperatorNotReady("siti", "pause", by="sari"), OperatorState.NOT_READY),
    ):
        desk.tell(wish)
        desk.tell(TalkAdopted("c9-pt1", "siti"))
        desk.tell(CallEnded("c9-pt1", has_spoken=False))
        assert state_of(desk, "siti") is state
    with pytest.raises(IllegalEvent, match="told to pause by sari"):
        desk.tell(OperatorReady("siti"))


def test_an_order_to_pause_after_the_call_is_not_the_operators_to_change() -> None:
    """Neither by a pause of her own, nor by being called into another talk before it begins."""
    desk = in_wrap_up()
    desk.tell(OperatorNotReady("siti", "pause", by="sari"))
    with pytest.raises(IllegalEvent, match="told to pause by sari"):
        desk.tell(OperatorNotReady("siti", "pause"))
    desk.tell(TalkAdopted("c9-pt1", "siti"))
    desk.tell(CallEnded("c9-pt1"))
    desk.wait(20.1)
    assert state_of(desk, "siti") is OperatorState.NOT_READY


def test_no_wrap_up_where_the_mode_is_none() -> None:
    """Whatever its length says."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(10, 20, 15, wrap_up_mode=WrapUpMode.NONE)}))
    desk.operator("siti")
    desk.connect("c1")
    desk.call("c2")
    assert offers(desk.tell(CallEnded("c1"))) == [("c2", "siti")]


def test_a_wrap_up_is_extended_up_to_its_limit() -> None:
    """And outside of one there is nothing to extend."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(10, 20, 15, wrap_up_limit_s=50)}))
    desk.operator("siti")
    with pytest.raises(IllegalEvent, match="no wrap-up to extend"):
        desk.tell(WrapUpExtended("siti", 10))
    desk.connect("c1")
    desk.tell(CallEnded("c1"))
    desk.tell(WrapUpExtended("siti", 100))
    desk.call("c2")
    assert offers(desk.wait(49.9)) == []
    with pytest.raises(IllegalEvent, match="50 s"):
        desk.tell(WrapUpExtended("siti", 1))
    assert offers(desk.wait(0.2)) == [("c2", "siti")]


PAUSES = AcdPolicy(
    {"q": QueuePolicy(10, 0, 15)}, pauses={"break": Pause(60), "meal": Pause(60, PauseEnd.READY)}
)


def test_a_reason_that_the_city_does_not_have_is_refused() -> None:
    """By a message with those that it has."""
    desk = Desk(PAUSES)
    desk.operator("siti")
    with pytest.raises(UnknownPause, match="break, meal, pause"):
        desk.tell(OperatorNotReady("siti", "fishing"))
    assert state_of(desk, "siti") is OperatorState.READY


def test_a_pause_beyond_its_limit_is_an_alarm_or_its_end() -> None:
    """As its reason says."""
    desk = Desk(PAUSES)
    desk.operator("siti")
    desk.operator("budi")
    desk.tell(OperatorNotReady("siti", "break"))
    desk.tell(OperatorNotReady("budi", "meal"))
    assert [one for one in desk.wait(59) if isinstance(one, RaiseAlarm)] == []
    alarm = only(RaiseAlarm, desk.wait(2))
    assert (alarm.code, alarm.operator_id) == (OperatorAlarm.PAUSE_OVERDUE, "siti")
    assert state_of(desk, "budi") is OperatorState.READY
    assert state_of(desk, "siti") is OperatorState.NOT_READY


def test_a_pause_that_a_supervisor_ordered_is_ended_by_a_supervisor() -> None:
    """After the call that the operator is in; she cannot end it herself."""
    desk = Desk(PAUSES)
    desk.operator("siti")
    desk.connect("c1")
    desk.tell(OperatorNotReady("siti", "break", by="sari"))
    desk.tell(CallEnded("c1"))
    assert state_of(desk, "siti") is OperatorState.NOT_READY
    with pytest.raises(IllegalEvent, match="sari"):
        desk.tell(OperatorReady("siti"))
    desk.tell(OperatorReady("siti", by="sari"))
    assert state_of(desk, "siti") is OperatorState.READY


def test_a_missed_call_is_a_pause_that_can_end_by_itself() -> None:
    """Where the city says after how long; without that it lasts until the operator is back."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(10, 0, 15)}, missed_pause_s=30))
    desk.operator("siti")
    desk.call("c1")
    desk.wait(10)
    assert state_of(desk, "siti") is OperatorState.NOT_READY
    assert offers(desk.wait(30)) == [("c1", "siti")]


# ------------------------------------------------------------------------------------ queues and desks


TWO = AcdPolicy({"q": QueuePolicy(10, 0, 15), "info": QueuePolicy(10, 0, 15)})


def test_an_operator_signs_on_to_another_queue_while_she_is_at_work() -> None:
    """She is offered whoever waits there at once; what she does goes on."""
    desk = Desk(TWO)
    desk.operator("siti")
    desk.tell(CallQueued("c1", "info", 0))
    assert offers(desk.tell(OperatorQueuesChanged("siti", ("q", "info")))) == [("c1", "siti")]
    desk.tell(OperatorQueuesChanged("siti", ("q",)))
    assert state_of(desk, "siti") is OperatorState.RINGING
    with pytest.raises(IllegalEvent, match="no such queue"):
        desk.tell(OperatorQueuesChanged("siti", ("fishing",)))


def test_a_desk_is_one_operators_at_a_time() -> None:
    """Until she goes home."""
    desk = Desk(TWO)
    desk.tell(OperatorSignedOn("siti", ("q",), phone="desk-3"))
    with pytest.raises(IllegalEvent, match="desk-3 is in use: siti"):
        desk.tell(OperatorSignedOn("budi", ("q",), phone="desk-3"))
    desk.tell(OperatorSignedOff("siti"))
    desk.tell(OperatorSignedOn("budi", ("q",), phone="desk-3"))
    assert state_of(desk, "budi") is OperatorState.NOT_READY


# -------------------------------------------------------------------------------------------- overflow


def overflowing(
    when: OverflowWhen, at: float, to: OverflowTo = OverflowTo.QUEUE, target: str = "info"
) -> Desk:
    rules = QueuePolicy(10, 0, 100, overflow=(Overflow(when, at, to, target),))
    return Desk(AcdPolicy({"q": rules, "info": QueuePolicy(10, 0, 100)}))


def helper(desk: Desk) -> None:
    desk.tell(OperatorSignedOn("helper", ("info",)))
    desk.tell(OperatorReady("helper"))


def test_who_waits_too_long_overflows_and_keeps_her_place() -> None:
    """The other queue's operator takes her at once; until then she waits where she waited."""
    desk = overflowing(OverflowWhen.WAIT, 6)
    helper(desk)
    desk.call("c1", language="")
    assert offers(desk.wait(5.9)) == []
    commands = desk.wait(0.2)
    assert only(CallOverflowed, commands) == CallOverflowed(
        "c1", "q", OverflowWhen.WAIT, OverflowTo.QUEUE, "info"
    )
    assert offers(commands) == [("c1", "helper")]


def test_who_comes_to_a_long_line_overflows_at_once() -> None:
    """Those before her do not."""
    desk = overflowing(OverflowWhen.LENGTH, 2)
    desk.call("c1")
    assert [one for one in desk.call("c2") if isinstance(one, CallOverflowed)] == []
    assert only(CallOverflowed, desk.call("c3")).call_id == "c3"


def test_who_has_no_operator_overflows_when_the_last_one_goes() -> None:
    """To a neighbouring PSAP: whoever carries calls is told, once, and she waits on until it has her."""
    desk = overflowing(OverflowWhen.NO_OPERATOR, 3, OverflowTo.NEIGHBOUR, "sidoarjo")
    desk.operator("siti")
    desk.connect("c0")
    desk.call("c1")
    assert [one for one in desk.wait(5) if isinstance(one, CallOverflowed)] == []
    told = only(CallOverflowed, desk.tell(OperatorSignedOff("siti")))
    assert (told.to, told.target) == (OverflowTo.NEIGHBOUR, "sidoarjo")
    assert [one.call_id for one in desk.acd.snapshot(desk.now).waiting] == ["c1"]
    desk.tell(CallDiverted("c1", "sidoarjo"))
    assert desk.acd.snapshot(desk.now).waiting == ()


def test_when_the_last_one_goes_all_her_queues_are_seen_to() -> None:
    """Also while somebody waits who has overflowed from one of them to another."""
    outside = Overflow(OverflowWhen.NO_OPERATOR, 1, OverflowTo.NEIGHBOUR, "sidoarjo")
    policy = AcdPolicy(
        {
            "fire": QueuePolicy(10, 0, 60, overflow=(outside,)),
            "info": QueuePolicy(
                10, 0, 60, overflow=(Overflow(OverflowWhen.WAIT, 2, OverflowTo.QUEUE, "fire"),)
            ),
        }
    )
    desk = Desk(policy)
    desk.tell(OperatorSignedOn("siti", ("fire", "info")))
    desk.tell(OperatorReady("siti"))
    desk.accept(only(OfferCall, desk.tell(CallQueued("c0", "fire", 0))))
    desk.tell(CallQueued("c1", "fire", 0))
    desk.tell(CallQueued("c2", "info", 0))
    desk.wait(5)
    desk.tell(CallQueued("c3", "info", 0))
    commands = desk.tell(OperatorSignedOff("siti"))
    assert {one.call_id for one in commands if isinstance(one, RaiseAlarm)} == {"c1", "c2", "c3"}
    assert only(CallOverflowed, commands).call_id == "c1"


def test_who_overflows_when_the_last_one_goes_comes_in_her_turn() -> None:
    """Her place is by when she came, also before one who need not be kept for the last one any more."""
    inside = Overflow(OverflowWhen.NO_OPERATOR, 1, OverflowTo.QUEUE, "fire")
    policy = AcdPolicy(
        {"fire": QueuePolicy(10, 0, 60), "info": QueuePolicy(10, 0, 60, overflow=(inside,))}, relax_after_s=50
    )
    desk = Desk(policy)
    desk.tell(OperatorSignedOn("budi", ("fire", "info"), frozenset({"medical"})))
    desk.tell(OperatorReady("budi"))
    desk.accept(only(OfferCall, desk.tell(CallQueued("c0", "fire", 0))))
    desk.tell(CallQueued("c1", "info", 0))
    desk.tell(CallQueued("c2", "fire", 0, frozenset({"medical"})), after_s=2)
    desk.tell(OperatorSignedOn("siti", ("fire",)))
    assert offers(desk.tell(OperatorReady("siti"))) == []
    assert offers(desk.tell(OperatorSignedOff("budi"))) == [("c1", "siti")]


def test_who_comes_as_the_last_one_is_lost_hides_no_other() -> None:
    """A phone that nobody took is found out by the next event, which is another caller."""
    desk = desk_with()
    desk.operator("siti")
    desk.call("c1")
    commands = desk.tell(CallQueued("c2", "q", 0), after_s=11)
    assert {one.call_id for one in commands if isinstance(one, RaiseAlarm)} == {"c1", "c2"}


# ----------------------------------------------------------------------------------- picked and moved


def test_who_picks_second_hears_that_the_caller_is_taken() -> None:
    """While the first one's phone rings, and while she talks."""
    desk = desk_with()
    for name in ("a", "b"):
        desk.tell(OperatorSignedOn(name, ("q",)))
        desk.tell(OperatorNotReady(name, "pause"))
    desk.call("c1")
    offer = only(OfferCall, desk.tell(CallPicked("c1", "a")))
    assert offer.is_pick
    with pytest.raises(CallTaken, match="a was quicker"):
        desk.tell(CallPicked("c1", "b"))
    desk.accept(offer)
    with pytest.raises(CallTaken, match="a was quicker"):
        desk.tell(CallPicked("c1", "b"))
    with pytest.raises(UnknownCall):
        desk.tell(CallPicked("c2", "b"))
    desk.tell(CallEnded("c1"))
    assert state_of(desk, "a") is OperatorState.NOT_READY  # Back in her pause.


@pytest.mark.parametrize(
    "change",
    [
        CallMovedToHead("c1", "sari"),
        CallPriorityChanged("c1", 2),
        PolicyChanged(AcdPolicy({"q": QueuePolicy(10, 0, 15, "ring_all", 3), "r": QueuePolicy()})),
        None,
    ],
)
def test_nothing_lets_another_phone_ring_for_a_caller_who_is_picked(change: AcdEvent | None) -> None:
    """Not even where many ring at once: neither a supervisor, nor new rules, nor that she overflows."""
    outside = Overflow(OverflowWhen.WAIT, 3, OverflowTo.QUEUE, "r")
    rules = QueuePolicy(10, 0, 15, "ring_all", 2, overflow=(outside,))
    desk = Desk(AcdPolicy({"q": rules, "r": QueuePolicy()}))
    desk.tell(OperatorSignedOn("a", ("q",)))
    desk.tell(OperatorSignedOn("b", ("q", "r")))
    desk.call("c1", language="")
    offer = only(OfferCall, desk.tell(CallPicked("c1", "a")))
    if change is not None:
        desk.tell(change)
    desk.wait(5)
    assert offers(desk.tell(OperatorReady("b"))) == []
    only(ConnectCall, desk.accept(offer))


def test_a_pick_takes_the_caller_from_a_phone_that_only_rings() -> None:
    """That operator is free again."""
    desk = desk_with()
    desk.operator("a")
    desk.call("c1")
    desk.operator("b")
    commands = desk.tell(CallPicked("c1", "b"))
    assert only(RescindOffer, commands).operator_id == "a"
    assert offers(commands) == [("c1", "b")]
    assert state_of(desk, "a") is OperatorState.READY


def test_a_caller_moved_to_the_head_is_served_next() -> None:
    """Before the more urgent, and by anybody who serves the queue."""
    desk = desk_with()
    desk.call("urgent")
    desk.call("moved", priority=9, skills="medical")
    desk.tell(CallMovedToHead("moved", "sari"))
    desk.tell(OperatorSignedOn("siti", ("q",)))
    assert offers(desk.tell(OperatorReady("siti"))) == [("moved", "siti")]


def test_a_caller_who_is_more_urgent_than_was_thought_comes_before_others() -> None:
    """She keeps the time at which she began to wait, and a phone that rings for another goes on."""
    desk = desk_with()
    for name in ("a", "b"):
        desk.tell(OperatorSignedOn(name, ("q",)))
    desk.call("first", priority=1)
    desk.call("second", priority=2)
    desk.tell(CallPriorityChanged("first", 3))
    assert [one.call_id for one in desk.acd.snapshot(desk.now).waiting] == ["second", "first"]
    assert offers(desk.tell(OperatorReady("a"))) == [("second", "a")]
    desk.call("third", priority=2)
    desk.tell(CallPriorityChanged("first", 1))
    desk.tell(CallPriorityChanged("second", 0))
    assert offers(desk.tell(OperatorReady("b"))) == [("first", "b")]
    with pytest.raises(UnknownCall):
        desk.tell(CallPriorityChanged("nobody", 1))


def test_a_caller_who_rings_again_has_her_place_back() -> None:
    """Within the time that the city gives; after it she begins anew."""
    desk = Desk(AcdPolicy({"q": QueuePolicy(10, 0, 1000)}, redial_within_s=60))
    desk.tell(CallQueued("c1", "q", 0, caller="x"))
    desk.tell(CallQueued("c2", "q", 0, caller="y"), after_s=5)
    desk.tell(CallAbandoned("c1"), after_s=5)
    desk.tell(CallAbandoned("c2"))
    desk.tell(CallQueued("other", "q", 0), after_s=5)
    desk.tell(CallQueued("c1-again", "q", 0, caller="x"), after_s=40)
    desk.tell(CallQueued("c2-again", "q", 0, caller="y"), after_s=20)
    order = [(one.call_id, one.waited_s) for one in desk.acd.snapshot(desk.now).waiting]
    assert order == [("c1-again", 75.0), ("other", 60.0), ("c2-again", 0.0)]


def test_new_rules_shorten_no_time_that_a_caller_has_been_given_to_ring_again() -> None:
    """What holds for her is what held when she hung up."""
    rules = {"q": QueuePolicy(10, 0, 1000)}
    desk = Desk(AcdPolicy(rules, redial_within_s=60))
    desk.tell(CallQueued("c1", "q", 0, caller="x"))
    desk.tell(CallQueued("c2", "q", 0, caller="y"))
    desk.tell(CallAbandoned("c1"), after_s=5)
    desk.tell(PolicyChanged(AcdPolicy(rules, redial_within_s=10)))
    desk.tell(CallAbandoned("c2"), after_s=1)
    desk.tell(CallQueued("c1-again", "q", 0, caller="x"), after_s=20)
    desk.tell(CallQueued("c2-again", "q", 0, caller="y"))
    ages = {one.call_id: one.waited_s for one in desk.acd.snapshot(desk.now).waiting}
    assert ages == {"c1-again": 26.0, "c2-again": 0.0}


# --------------------------------------------------------------------------------------- announcements


def test_a_waiting_caller_is_told_her_position_from_time_to_time() -> None:
    """As far as positions are told; after that only that she is not forgotten; never while a phone rings."""
    desk = desk_with(announcements=Announcements(10, 20, position_up_to=2))
    for name in ("c1", "c2", "c3"):
        desk.call(name)
    told = [(one.call_id, one.position) for one in desk.wait(10) if isinstance(one, AnnounceWait)]
    assert sorted(told) == [("c1", 1), ("c2", 2), ("c3", None)]
    assert [one for one in desk.wait(19) if isinstance(one, AnnounceWait)] == []
    desk.operator("siti")  # c1 rings there; the second that this takes makes the next round due.
    told = [(one.call_id, one.position) for one in desk.wait(0.5) if isinstance(one, AnnounceWait)]
    assert sorted(told) == [("c2", 1), ("c3", 2)]


def test_a_thousand_announcements_hold_up_no_match() -> None:
    """An event is answered with what it means and nothing else; the speaking comes in small portions."""
    desk = desk_with(announcements=Announcements(10, 20))
    for number in range(1000):
        desk.call(f"c{number}", language="")
    desk.now += 11
    desk.tell(OperatorSignedOn("siti", ("q",)))
    commands = desk.tell(OperatorReady("siti"))
    assert offers(commands) == [("c0", "siti")]
    assert not [one for one in commands if isinstance(one, AnnounceWait)]
    portion = [one for one in desk.acd.handle_timeout(desk.now) if isinstance(one, AnnounceWait)]
    assert 0 < len(portion) <= 50


# ------------------------------------------------------------------------------------------ new rules


def test_new_rules_lose_nobody_and_nothing() -> None:
    """Who waits keeps her time, who rings goes on ringing, who talks goes on talking."""
    desk = Desk(TWO)
    desk.operator("siti")
    desk.operator("budi")
    desk.connect("talks")
    ringing = only(OfferCall, desk.call("rings"))
    desk.call("waits")
    before = desk.acd.snapshot(desk.now)
    desk.tell(PolicyChanged(AcdPolicy({"q": QueuePolicy(20, 5, 30, "fewest_calls")}, ageing_s=1)))
    assert desk.acd.snapshot(desk.now) == before
    assert only(ConnectCall, desk.accept(ringing)).operator_id == ringing.operator_id
    desk.tell(CallEnded("talks"))
    assert "wrap_up" in {one.state for one in desk.acd.snapshot(desk.now).operators}


def test_a_queue_that_is_gone_from_the_rules_is_served_to_its_last_caller() -> None:
    """By its old rules."""
    desk = Desk(TWO)
    desk.tell(CallQueued("c1", "info", 0))
    desk.tell(PolicyChanged(AcdPolicy({"q": QueuePolicy()})))
    desk.tell(OperatorSignedOn("siti", ("info",)))
    assert offers(desk.tell(OperatorReady("siti"))) == [("c1", "siti")]


def test_rules_come_back_from_the_journal_as_they_were() -> None:
    """Every field of them."""
    rules = QueuePolicy(
        9,
        8,
        7,
        "ring_all",
        3,
        (1.0, 2.0),
        WrapUpMode.MANDATORY,
        60,
        (Overflow(OverflowWhen.WAIT, 5, OverflowTo.SUPERVISORS),),
        Announcements(1, 2, 3),
    )
    event = PolicyChanged(AcdPolicy({"q": rules}, 4, 5, 6, 7, {"meal": Pause(60, PauseEnd.READY)}))
    assert decode_event(encode_event(event)) == event


def test_an_event_of_an_older_journal_is_read() -> None:
    """Fields that it does not know have the values that their absence meant."""
    old = {
        "event": "CallQueued",
        "call_id": "c1",
        "queue": "q",
        "priority": 0,
        "skills": [],
        "language": "id",
    }
    assert decode_event(old) == CallQueued("c1", "q", 0, frozenset(), "id")
    assert decode_event({"event": "OperatorReady", "operator_id": "siti"}) == OperatorReady("siti")


def test_lines_that_everybody_has_left_hold_no_memory() -> None:
    """A caller stands first for ever while thousands come and give up behind her."""
    acd = Acd(AcdPolicy({"q": QueuePolicy()}))
    acd.handle(CallQueued("first", "q", 0), 0.0)
    for number in range(5000):
        acd.handle(CallQueued(f"c{number}", "q", 0), 1.0)
        acd.handle(CallAbandoned(f"c{number}"), 1.0)
    (line,) = acd._floor.line.lines()
    assert len(line._tail) + len(line._early) < 100
    assert len(acd._floor.timers._heap) < 300


def test_an_answer_to_an_offer_of_somebody_unknown_is_released() -> None:
    """However wrong it is."""
    desk = desk_with()
    assert (
        only(ReleaseOperatorLeg, desk.tell(OfferAccepted("nobody", "siti", "nobody-of1"))).operator_id
        == "siti"
    )
