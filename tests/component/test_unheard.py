"""Who speaks in a talk while Asterisk decodes none of it: she is found by the recording, and heard again."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ari_app.hearing import unheard
from tests.component.test_call_flow import House, house
from tests.component.test_conversation import Talk
from tests.component.test_conversation_control import ask

__all__ = ["house"]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and believe what is seen soon."""
    monkeypatch.setattr(unheard, "_PERIOD_S", 0.01)
    monkeypatch.setattr(unheard, "_PACKETS_S", 0.15)
    monkeypatch.setattr(unheard, "_LOOK_AGAIN_S", 0.5)


def record(house: House, leg: str, *, said: int, heard: int, seconds: float = 1.5) -> None:
    """Have Asterisk write what a leg said and heard: a value for each sample, nought for nothing at all."""
    with (house.recordings / f"{leg}.raw").open("ab") as file:
        file.write(array("h", [said, heard] * round(8000 * seconds)).tobytes())


def speak(house: House, *legs: str, stream: int = 1) -> None:
    for leg in legs:
        channel = house.fake.world.channels[leg]
        channel.speaks_since, channel.stream = datetime.now(UTC), stream


def mended(house: House, call: str) -> list[str]:
    events = house.controller.outbox.history(call)
    return [event.data["leg"] for event in events if event.type == "sound_mended"]


async def watched(house: House) -> Talk:
    talk = await Talk.begin(house)
    await house.until(lambda: talk.call in house.controller.unheard._watches)
    await house.until(lambda: house.controller.unheard._watches[talk.call].tap is not None)
    return talk


async def test_a_caller_whose_packets_come_to_nothing_is_brought_back(house: House) -> None:
    """Into the same room, and nobody else is moved."""
    talk = await watched(house)
    speak(house, talk.call)
    record(house, talk.call, said=0, heard=8)
    await house.until(lambda: mended(house, talk.call) == [talk.call])
    operator = f"{talk.call}-op1"
    await house.until(lambda: house.fake.world.bridges == {f"{talk.call}-br1": [operator, talk.call]})
    asked = [path for _, path in house.fake.asked if "removeChannel" in path]
    assert len(asked) == 1
    assert b"suar_sounds_mended_total 1.0" in house.controller.metrics.text()


async def test_an_operator_whom_the_caller_does_not_hear_is_brought_back(house: House) -> None:
    talk = await watched(house)
    operator = f"{talk.call}-op1"
    speak(house, operator)
    record(house, talk.call, said=8, heard=0)
    await house.until(lambda: mended(house, talk.call) == [operator])


async def test_who_sends_nothing_or_is_heard_is_left_alone(house: House) -> None:
    """Nor one who is muted, nor of a recording that is paused, nor one on hold."""
    talk = await watched(house)
    operator = f"{talk.call}-op1"
    record(house, talk.call, said=0, heard=0)
    await asyncio.sleep(0.3)
    speak(house, talk.call, operator)
    record(house, talk.call, said=8, heard=-8, seconds=3)
    await asyncio.sleep(0.3)
    assert (await ask(talk, "mute"))[0] == 200
    record(house, talk.call, said=8, heard=0)
    await asyncio.sleep(0.3)
    assert (await ask(talk, "hold"))[0] == 200
    record(house, talk.call, said=0, heard=8)
    await asyncio.sleep(0.3)
    assert mended(house, talk.call) == []


async def test_who_truly_sends_silence_is_brought_back_ever_more_seldom(house: House) -> None:
    """At once as soon as it is another stream, or when she was heard in between."""
    talk = await watched(house)

    async def sends_nothing() -> None:
        for _ in range(4):
            record(house, talk.call, said=0, heard=8)
            await asyncio.sleep(0.2)

    speak(house, talk.call)
    await sends_nothing()
    await house.until(lambda: len(mended(house, talk.call)) == 1)
    speak(house, talk.call, stream=2)
    await sends_nothing()
    await house.until(lambda: len(mended(house, talk.call)) == 2)
    record(house, talk.call, said=8, heard=8)
    await asyncio.sleep(0.1)
    await sends_nothing()
    await house.until(lambda: len(mended(house, talk.call)) == 3)
    await sends_nothing()
    assert len(mended(house, talk.call)) == 3
    told = house.controller.unheard._mended[talk.call]
    house.controller.unheard._mended[talk.call] = replace(told, wait_s=0.5)
    await sends_nothing()
    await house.until(lambda: len(mended(house, talk.call)) == 4)
    assert house.controller.unheard._mended[talk.call].wait_s == 1.0


async def test_an_agency_that_is_not_heard_is_found_by_its_own_recording(house: House) -> None:
    talk = await watched(house)
    await ask(talk, "call-in", kind="agency", target="dpkp", purpose="conference")
    await house.until(lambda: talk.party in house.fake.world.channels)
    await house.fake.answer_leg(talk.party)
    await house.until(lambda: talk.party in house.controller.unheard._watches)
    record(house, talk.party, said=8, heard=8)
    await house.until(lambda: house.controller.unheard._watches[talk.party].tap is not None)
    speak(house, talk.party)
    record(house, talk.party, said=0, heard=8)
    await house.until(lambda: mended(house, talk.call) == [talk.party])


async def test_a_bug_in_it_costs_no_call(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = await watched(house)

    def fail(_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr(unheard, "_read_all", fail)
        await asyncio.sleep(0.1)
    speak(house, talk.call)
    record(house, talk.call, said=0, heard=8)
    await house.until(lambda: mended(house, talk.call) == [talk.call])
