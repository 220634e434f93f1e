"""Whom the rescuer moves, and in what order; when it takes the controller for dead."""

from __future__ import annotations

from collections.abc import Mapping

from agi.health import ALIVE_AFTER_S, DEAD_AFTER_S, Health
from agi.stranded import find_returnable, find_stranded, find_widowed


def channel(
    unique_id: str, application: str = "Stasis", bridge: str = "", state: str = "6"
) -> dict[str, str]:
    return {
        "uniqueid": unique_id,
        "channel": f"PJSIP/{unique_id}",
        "application": application,
        "applicationdata": "suar,call,telkomsel,112" if application == "Stasis" else "",
        "bridgeid": bridge,
        "channelstate": state,
    }


def names(channels: list[Mapping[str, str]]) -> list[str]:
    return [one["uniqueid"] for one in channels]


def test_who_waits_is_moved_in_the_order_of_arrival_and_who_talks_is_not() -> None:
    """Counted as Asterisk counts, beyond 9 and beyond 2^31."""
    late, early = "sby1-1763971200.10", "sby1-1763971200.9"
    far = "sby1-4294967296.4294967297"
    talker, leg, ringing, alone = (
        channel("sby1-1763971200.3", bridge="b"),
        channel("sby1-1763971200.3-op1", "", "b"),
        channel(f"{early}-op1", "", state="5"),
        channel("sby1-1763971200.2-op1", "", "c"),
    )
    fresh, elsewhere = channel("sby1-1763971200.11", state="4"), channel("sby1-1763971200.1", "Queue")
    shown = [channel(far), channel(late), talker, leg, ringing, channel(early), alone, fresh, elsewhere]
    found = find_stranded(shown)
    assert names(found.waiting) == [early, late, far]
    assert names(found.new) == ["sby1-1763971200.11"]
    assert sorted(names(found.legs)) == ["sby1-1763971200.2-op1", f"{early}-op1"]


def test_a_supervisor_who_hears_a_talk_hears_it_on_and_one_whose_phone_rings_is_let_alone() -> None:
    """Nobody would end that ring: the controller is dead."""
    call = "sby1-1.1"
    shown = [
        channel(call, bridge="a"),
        channel(f"{call}-op1", "", "a"),
        channel(f"{call}-sl1", "", "b"),
        channel(f"{call}-sn1001", "", "b"),
        channel(f"{call}-sl2", "", state="5"),
        channel(f"{call}-sl3", "", "a"),
    ]
    assert names(find_stranded(shown).legs) == [f"{call}-sl2"]


def test_on_hold_with_a_dead_controller_the_caller_is_moved_and_the_operator_is_free() -> None:
    """Whoever speaks with somebody goes on; who was parked, or is alone, is put down."""
    held, other = "sby1-1.1", "sby1-1.2"
    shown = [
        channel(held),
        channel(f"{held}-op1", "", "a"),
        channel(f"{held}-py1", ""),
        channel(other),
        channel(f"{other}-op1", "", "b"),
        channel(f"{other}-py1", "", "b"),
    ]
    found = find_stranded(shown)
    assert names(found.waiting) == [held, other]
    assert names(found.legs) == [f"{held}-op1", f"{held}-py1"]


def test_a_caller_whose_operator_has_gone_is_found() -> None:
    """She is alone in her bridge, in silence."""
    shown = [
        channel("sby1-1.1", bridge="a"),
        channel("sby1-1.2", bridge="b"),
        channel("sby1-1.2-op1", "", "b"),
    ]
    assert names(find_widowed(shown)) == ["sby1-1.1"]


def test_only_the_callers_of_this_outage_who_still_wait_go_back() -> None:
    """Not those who talk, nor those whom a bug has sent there."""
    shown = [
        channel("sby1-1.2", "Queue"),
        channel("sby1-1.1", "Queue"),
        channel("sby1-1.3", "Queue", bridge="b"),
        channel("sby1-1.4", "Queue"),
    ]
    assert names(find_returnable(shown, {"sby1-1.1", "sby1-1.2", "sby1-1.3"})) == ["sby1-1.1", "sby1-1.2"]


def test_the_controller_is_dead_after_two_bad_seconds_and_alive_after_two_good_ones() -> None:
    """A single missed beat is nothing; a flicker does not send callers to and fro."""
    health = Health(0.0)
    assert not health.beat(None, DEAD_AFTER_S - 0.1)
    assert health.beat(None, DEAD_AFTER_S)
    assert health.is_dead
    assert not health.beat(0.1, 10.0)
    assert not health.beat(None, 11.0)
    assert not health.beat(0.1, 12.0)
    assert not health.beat(0.1, 12.0 + ALIVE_AFTER_S - 0.1)
    assert health.beat(0.1, 12.0 + ALIVE_AFTER_S)
    assert not health.is_dead


def test_a_controller_that_answers_and_hears_nothing_is_dead() -> None:
    """Counted from when it last heard Asterisk, not from when that was noticed."""
    health = Health(0.0)
    assert not health.beat(0.9, 10.0)
    assert not health.beat(1.9, 11.0)
    assert health.beat(2.4, 11.5)
    assert health.is_dead


def test_a_rescuer_that_stood_still_does_not_take_the_controller_for_dead() -> None:
    """Both were frozen: what it did not hear meanwhile says nothing. Then it is two seconds, as ever."""
    health = Health(0.0)
    assert not health.beat(0.1, 0.5)
    assert not health.beat(None, 10.5)
    assert not health.beat(11.0, 11.5)
    assert not health.is_dead
    assert health.beat(None, 12.5)
    # Nor for alive, because the last that it heard before was good.
    assert not health.beat(0.1, 13.0)
    assert not health.beat(0.1, 23.0)
    assert health.is_dead
    assert not health.beat(0.1, 24.5)
    assert health.beat(0.1, 25.0)
