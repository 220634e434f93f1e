"""Asterisk's own queues follow who sits at which phone, whether she wants calls, and which ones."""

from __future__ import annotations

from pathlib import Path

from agi.members import Members, Seat, seats_shown
from agi.mirror import seats_on_disk
from suar.city import City, load
from suar.city.degraded import DEFAULT, needs, penalty, queue_for

SURABAYA = Path(__file__).parents[2] / "cities" / "surabaya.toml"
SITI, BUDI = "PJSIP/op-siti", "PJSIP/op-budi"


def city() -> City:
    return load(SURABAYA)


def shown(of: City, **points: int) -> list[dict[str, str]]:
    """Return what AMI shows of a city's members as they are configured, but for some penalties."""
    return [
        {
            "queue": queue,
            "location": f"PJSIP/{operator.endpoint}",
            "paused": "0",
            "penalty": str(points.get(operator.id, penalty(need, operator))),
        }
        for queue, need in needs(of).items()
        for operator in of.operators
    ]


def test_who_wants_no_calls_is_paused_and_a_wrap_up_ends_with_the_controller() -> None:
    """Otherwise she would stay in it for ever."""
    members = Members(city())
    seats = {"siti": Seat("wrap_up"), "budi": Seat("ready")}
    assert members.wanted(seats, False).pauses == {SITI: True, BUDI: False}
    assert members.wanted(seats, True).pauses == {SITI: False, BUDI: False}


def test_a_phone_rings_for_whoever_sits_at_it() -> None:
    """Her own is paused; where she sits, calls come that she can take, and in their order."""
    of = city()
    members = Members(of)
    siti, budi = (of.operator(name) for name in ("siti", "budi"))
    assert siti is not None
    assert budi is not None
    wanted = members.wanted({"siti": Seat("ready", "budi"), "budi": Seat("signed_off")}, False)
    assert wanted.pauses == {SITI: True, BUDI: False}
    differ = {
        (queue, BUDI) for queue, need in needs(of).items() if penalty(need, siti) != penalty(need, budi)
    }
    assert differ
    assert set(wanted.unusual) == differ
    deeds = members.deeds(shown(of), wanted)
    bent = {
        (one.fields["Queue"], BUDI): one.fields["Penalty"] for one in deeds if one.action == "QueuePenalty"
    }
    assert bent == {name: str(points) for name, points in wanted.unusual.items()}
    # When she goes home, the phone is its owner's again.
    home = members.wanted({"siti": Seat("signed_off"), "budi": Seat("ready")}, False)
    assert home.unusual == {}
    back = members.deeds(shown(of, budi=9), home)
    assert {one.fields["Interface"] for one in back if one.action == "QueuePenalty"} == {BUDI}


def test_who_serves_less_than_all_today_comes_last_for_the_rest() -> None:
    """And who serves all that she can is as she is configured."""
    of = city()
    siti = of.operator("siti")
    assert siti is not None
    members = Members(of)
    none_of_hers = members.wanted({"siti": Seat("ready", queues=("elsewhere",))}, False).unusual
    assert {queue for queue, _ in none_of_hers} == set(needs(of))
    assert len(set(none_of_hers.values())) == 1
    assert members.wanted({"siti": Seat("ready", queues=tuple(siti.queues))}, False).unusual == {}


def test_what_is_as_it_should_be_is_left_alone() -> None:
    """Members that the city file has no more, too."""
    of = city()
    members = Members(of)
    wanted = members.wanted({"siti": Seat("ready"), "budi": Seat("talking")}, False)
    stranger = {"queue": "degraded", "location": "PJSIP/op-gone", "paused": "1", "penalty": "7"}
    assert members.deeds([*shown(of), stranger], wanted) == []


def test_the_live_picture_and_the_disk_say_the_same(tmp_path: Path) -> None:
    """A torn file is no reason to pause everybody."""
    path = tmp_path / "operators.json"
    assert seats_on_disk(path) == {}
    path.write_text('{"siti": {"state": "ready", "reason": null, "queues": ["emergency"], "phone": "budi"}}')
    seat = {"siti": Seat("ready", "budi", ("emergency",))}
    assert seats_on_disk(path) == seat
    assert seats_shown([{"id": "siti", "state": "ready", "sits_at": "budi", "queues": ["emergency"]}]) == seat
    path.write_text('{"siti": {"state": "ready", "reason": null}}')
    assert seats_on_disk(path) == {"siti": Seat("ready")} == seats_shown([{"id": "siti", "state": "ready"}])
    path.write_text('{"siti": 3')
    assert seats_on_disk(path) == {}


def test_the_queue_of_those_of_whom_nothing_is_known_serves_the_city_s_default_need() -> None:
    """Who is in it and needs just that stays; who needs another, or is elsewhere, goes to her own."""
    of = city()
    kind, language = of.fallback_kind.id, of.languages[0]
    own = of.degraded_queue(kind, language)
    assert needs(of)[DEFAULT] == needs(of)[own]
    assert queue_for(of, kind, language, DEFAULT) == DEFAULT
    assert queue_for(of, kind, language, "") == own
    assert queue_for(of, kind, of.languages[1], DEFAULT) == of.degraded_queue(kind, of.languages[1])
    other = next(one.id for one in of.kinds if one.id != kind)
    assert queue_for(of, other, language, DEFAULT) == of.degraded_queue(other, language)
