"""What happens while a caller waits: she is spoken to, several phones ring, and others may take her."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.component.acd_house import AcdHouse, acd_house

RING_ALL = ('strategy = "longest_idle"', 'strategy = "ring_all"')


def soon(seconds: float, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return changes of the city file that let a caller overflow after so many seconds."""
    return [
        ("began to wait.\nafter_s = 60", f"began to wait.\nafter_s = {seconds}"),
        ("after_s = 90", f"after_s = {seconds}"),
        *more,
    ]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[AcdHouse]:
    async with acd_house(tmp_path, RING_ALL) as one:
        yield one


@pytest.fixture
async def crowded(tmp_path: Path) -> AsyncIterator[AcdHouse]:
    async with acd_house(tmp_path, *soon(0.2)) as one:
        yield one


async def waiting(house: AcdHouse, digit: str = "1") -> str:
    """Let a caller wait."""
    call = await house.call()
    await house.choose(call, digit)
    await house.until(lambda: call in house.controller.distribution.positions())
    return call


def heard(house: AcdHouse, call: str) -> list[dict[str, str]]:
    world = house.fake.world
    return [world.playbacks[one] for one in world.channels[call].playbacks]


def told(house: AcdHouse, call: str, kind: str) -> list[dict[str, Any]]:
    events = house.controller.outbox.unsent().get(call, [])
    return [dict(event.data) for event in events if event.type == kind]


async def test_of_several_phones_the_first_to_answer_has_her(house: AcdHouse) -> None:
    """Both ring; the other one stops at once, its end is told, and its operator is ready."""
    call = await waiting(house)
    house.ready("siti", "budi")
    first, second = await house.rung(call, 1), await house.rung(call, 2)
    await house.fake.answer_leg(second)
    await house.until(lambda: "connected" in house.told(call))
    await house.until(lambda: first not in house.fake.world.channels)
    assert house.fake.world.bridges == {f"{call}-br1": [call, second]}
    assert house.data(call, "connected")["operator"] == "budi"
    assert told(house, call, "ring_ended") == [
        {"operator": "siti", "offer": f"{call}-of1", "outcome": "rescinded"}
    ]
    assert (house.state_of("siti"), house.state_of("budi")) == ("ready", "talking")


async def test_while_another_phone_rings_she_still_rings(house: AcdHouse) -> None:
    """One operator rejects; the board shows the other, and she is answered by her."""
    call = await waiting(house)
    house.ready("siti", "budi")
    first, second = await house.rung(call, 1), await house.rung(call, 2)
    await house.fake.reject_leg(second)
    await house.until(lambda: "ring_ended" in house.told(call))
    (shown,) = house.controller.live.picture()["calls"]
    assert (shown["phase"], shown["operator"]) == ("ringing", "siti")
    await house.fake.answer_leg(first)
    await house.until(lambda: "connected" in house.told(call))


async def test_a_voice_that_speaks_never_holds_up_an_answer(house: AcdHouse) -> None:
    """She hears that nobody is at work; the prompt is stopped before she is brought to the operator."""
    call = await waiting(house)
    await house.until(lambda: len(house.fake.world.channels[call].playbacks) == 1)
    (voice,) = house.fake.world.channels[call].playbacks
    house.ready("siti")
    await house.talking(call)
    asked = [f"{method} {path}" for method, path in house.fake.asked]
    assert asked.index(f"DELETE playbacks/{voice}") < asked.index(f"POST bridges/{call}-br1/addChannel")
    assert not house.fake.world.channels[call].hears_music


async def test_who_waits_is_spoken_to_in_turn(tmp_path: Path) -> None:
    """Her position where it is told, else that she is not forgotten; then the music again."""
    changes = [("first_after_s = 20", "first_after_s = 5"), ("position_up_to = 5", "position_up_to = 1")]
    async with acd_house(tmp_path, *changes) as house:
        house.ready("siti")
        talks = await waiting(house)
        await house.talking(talks)
        first, second = await waiting(house), await waiting(house)
        await hears(house, first, "position-1")
        await hears(house, second, "reassurance")


async def hears(house: AcdHouse, call: str, prompt: str) -> None:
    """Wait until a caller hears a prompt, and then the music again."""
    await house.until(lambda: heard(house, call))
    assert [one["media_uri"].partition(",")[0] for one in heard(house, call)] == [f"sound:suar/{prompt}"]
    await house.fake.finish_playback(call)
    await house.until(lambda: house.fake.world.channels[call].hears_music)


async def test_supervisors_are_told_of_who_waits_too_long(crowded: AcdHouse) -> None:
    """Until somebody has her."""
    alarms = crowded.controller.alarms.standing
    crowded.ready("siti")
    await crowded.talking(await waiting(crowded))
    call = await waiting(crowded)
    await crowded.until(lambda: f"overflowed:{call}" in {alarm.code for alarm in alarms()})
    assert told(crowded, call, "overflowed") == [
        {"queue": "emergency", "when": "wait", "to": "supervisors", "target": None}
    ]
    crowded.ready("budi")
    await crowded.talking(call)
    await crowded.until(lambda: f"overflowed:{call}" not in {alarm.code for alarm in alarms()})


async def test_a_supervisor_takes_a_caller_herself(crowded: AcdHouse) -> None:
    """Her phone rings while the caller waits on; when she answers, she has her."""
    call = await waiting(crowded)
    status, answer = await crowded.post(f"/v1/calls/{call}/supervisors/sari/take")
    assert (status, answer) == (202, {"call_id": call, "supervisor": "sari"})
    await crowded.until(lambda: any("sv-sari" in one.name for one in legs(crowded, call)))
    leg = next(one.id for one in legs(crowded, call) if "sv-sari" in one.name)
    await crowded.fake.answer_leg(leg)
    await crowded.until(lambda: "connected" in crowded.told(call))
    assert crowded.data(call, "connected")["operator"] == "sari"
    assert crowded.controller.distribution.positions() == {}
    await crowded.fake.hang_up(leg)
    await crowded.over(call)
    assert (await crowded.post(f"/v1/calls/{call}/supervisors/sari/take"))[0] == 409
    assert (await crowded.post(f"/v1/calls/{call}/supervisors/nobody/take"))[0] == 404


async def test_a_neighbour_is_called_where_nobody_is_at_work(crowded: AcdHouse) -> None:
    """Her 112 is dialled with the call's identifier; she answers, and has the caller."""
    call = await waiting(crowded)
    await crowded.until(lambda: legs(crowded, call))
    (leg,) = legs(crowded, call)
    assert leg.name.startswith("PJSIP/trunk-telkom/sip:112@127.0.0.21-")
    assert crowded.controller.distribution.positions() == {call: 1}
    await crowded.fake.answer_leg(leg.id)
    await crowded.until(lambda: "connected" in crowded.told(call))
    assert crowded.data(call, "connected")["operator"] == "sidoarjo"
    await crowded.fake.hang_up(call)
    await crowded.over(call)


async def test_the_incident_travels_with_a_caller_who_overflows(crowded: AcdHouse) -> None:
    """The neighbour reads both identifiers in the INVITE, as where an operator calls her in."""
    call = await crowded.call()
    await crowded.until(lambda: "offered" in crowded.told(call))
    await crowded.controller.outbox.settle(call, 1, "SBY-20261125-0007")
    await crowded.choose(call, "1")
    await crowded.until(lambda: legs(crowded, call))
    (leg,) = legs(crowded, call)
    said = leg.variables["PJSIP_HEADER(add,Call-Info)"]
    assert f"callid:{call}:" in said
    assert ":incidentid:SBY-20261125-0007:sby1.suar.invalid>;purpose=emergency-IncidentId" in said


async def test_an_operator_who_is_quicker_than_the_neighbour_has_her(crowded: AcdHouse) -> None:
    """And the neighbour's phone stops."""
    call = await waiting(crowded)
    await crowded.until(lambda: legs(crowded, call))
    (neighbour,) = legs(crowded, call)
    crowded.ready("siti")
    leg = await crowded.rung(call, 2)
    await crowded.fake.answer_leg(leg)
    await crowded.until(lambda: "connected" in crowded.told(call))
    await crowded.until(lambda: neighbour.id not in crowded.fake.world.channels)
    assert crowded.data(call, "connected")["operator"] == "siti"


async def test_a_neighbour_who_does_not_answer_costs_her_nothing(crowded: AcdHouse) -> None:
    """She waits on in her place, and is served by whoever comes."""
    call = await waiting(crowded)
    await crowded.until(lambda: legs(crowded, call))
    await crowded.fake.reject_leg(legs(crowded, call)[0].id)
    await crowded.until(lambda: "ring_ended" in crowded.told(call))
    assert crowded.controller.distribution.positions() == {call: 1}
    assert crowded.data(call, "ring_ended")["outcome"] == "rejected"
    crowded.ready("siti")
    await crowded.fake.answer_leg(await crowded.rung(call, 2))
    await crowded.until(lambda: "connected" in crowded.told(call))


def legs(house: AcdHouse, call: str) -> list[Any]:
    """Return the legs that were dialled for a call."""
    return [one for name, one in house.fake.world.channels.items() if name.startswith(f"{call}-op")]


async def test_who_rings_again_has_her_place_and_her_incident_again(house: AcdHouse) -> None:
    """She was first, hung up and rang again: she is before the one who came meanwhile."""
    first = await house.call(number="+628111111111")
    await house.choose(first)
    await house.until(lambda: first in house.controller.distribution.positions())
    second = await waiting(house)
    await house.fake.hang_up(first)
    await house.until(lambda: "ended" in house.told(first))
    again = await house.call(number="+628111111111")
    assert house.data(again, "offered")["follows"] == first
    await house.choose(again)
    await house.until(lambda: len(house.controller.distribution.positions()) == 2)
    assert house.controller.distribution.positions() == {again: 1, second: 2}


@pytest.mark.parametrize("number", ["+628122222222", "anonymous"])
async def test_another_number_or_none_is_another_caller(house: AcdHouse, number: str) -> None:
    """Nobody gets another's place or incident."""
    other = "+628111111111" if number != "anonymous" else number
    first = await house.call(number=other)
    await house.choose(first)
    second = await waiting(house)
    await house.fake.hang_up(first)
    await house.until(lambda: "ended" in house.told(first))
    third = await house.call(number=number)
    assert "follows" not in house.data(third, "offered")
    await house.choose(third)
    await house.until(lambda: len(house.controller.distribution.positions()) == 2)
    assert house.controller.distribution.positions() == {second: 1, third: 2}
