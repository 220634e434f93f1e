"""A caller who says nothing: she is noticed, asked, and answers with a key; she is never hung up."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from ari_app.hearing import listening
from ari_app.hearing.voice import VoiceActivityMissing
from suar.city.reality import SilenceSettings
from tests import sounds
from tests.component.test_call_flow import House, open_house


@pytest.fixture
async def quiet(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A house that calls a caller silent after three seconds that were listened to."""
    monkeypatch.setattr(listening, "_PERIOD_S", 0.01)
    settings = getattr(request, "param", SilenceSettings(silent_after_s=3))
    async with open_house(tmp_path, lambda _: {"silence": settings}) as one:
        one.ready("siti")
        yield one


async def connected(house: House) -> str:
    call = await house.call()
    await house.choose(call)
    await house.talking(call)
    await house.until(lambda: call in listening_tasks(house))
    return call


def listening_tasks(house: House) -> list[str]:
    return list(house.controller.listeners._listening)


def record(house: House, call: str, caller: array[int]) -> None:
    """Have Asterisk write what the caller said, and something loud that she heard."""
    both = array("h", bytes(4 * len(caller)))
    both[::2] = caller
    both[1::2] = sounds.samples(sounds.music(len(caller) / sounds.RATE + 1))[: len(caller)]
    with (house.recordings / f"{call}.raw").open("ab") as file:
        file.write(both.tobytes())


def shown(house: House, call: str) -> tuple[str | None, str | None, str | None]:
    picture = house.controller.live.picture()
    one = next(one for one in picture["calls"] if one["call_id"] == call)
    return one["hearing"], one["question"], one["reply"]


async def ask(house: House, call: str, question: str) -> int:
    bind = house.controller.city.network.control_bind
    headers = {"Authorization": f"Bearer {house.token}"}
    async with aiohttp.ClientSession(f"http://{bind}", headers=headers) as http:
        answer = await http.post(f"/v1/calls/{call}/questions/{question}", json={"by": "siti"})
        return answer.status


async def test_a_caller_who_speaks_is_heard_and_nothing_is_written(quiet: House) -> None:
    """Most calls: the desk knows, the timeline is not filled."""
    call = await connected(quiet)
    record(quiet, call, sounds.samples(sounds.speech("yesno-danger")))
    await quiet.until(lambda: shown(quiet, call)[0] == "heard")
    assert not {"heard", "not_heard"} & set(quiet.told(call))
    await quiet.until(lambda: not listening_tasks(quiet))


async def test_a_silent_caller_is_noticed_beside_rain_and_heard_when_she_speaks(quiet: House) -> None:
    """Both are in her timeline; what she heard herself is not her voice."""
    call = await connected(quiet)
    record(quiet, call, sounds.samples(sounds.rain(4)))
    await quiet.until(lambda: shown(quiet, call)[0] == "silent")
    assert quiet.data(call, "not_heard") == {"detector": "silero"}
    record(quiet, call, sounds.samples(sounds.mixed(sounds.speech("yesno-hear"), sounds.rain(8), 10)))
    await quiet.until(lambda: shown(quiet, call)[0] == "heard")
    assert "heard" in quiet.told(call)
    assert call in quiet.fake.world.channels


async def test_a_recording_that_does_not_grow_says_nothing_of_her(quiet: House) -> None:
    """A full disk is no silent caller."""
    call = await connected(quiet)
    record(quiet, call, sounds.samples(sounds.silence(2)))
    await quiet.until(lambda: len(listening_tasks(quiet)) == 1)
    assert shown(quiet, call)[0] is None


async def test_the_operator_asks_and_the_caller_answers_with_a_key(quiet: House) -> None:
    """Spoken to her alone, in three languages or in hers; the answer is shown and journalled."""
    call = await connected(quiet)
    assert await ask(quiet, call, "silent-ask") == 200
    played = [quiet.fake.world.playbacks[one] for one in quiet.fake.world.channels[call].playbacks]
    assert [(one["media_uri"], one["language"]) for one in played] == [
        ("sound:suar/silent-ask", "id"),
        ("sound:suar/silent-ask-javanese", "id"),
        ("sound:suar/silent-ask", "en"),
    ]
    await quiet.fake.press(call, "5")
    await quiet.until(lambda: shown(quiet, call) == ("key", "silent-ask", "key"))
    for digit, reply in (("1", "yes"), ("2", "no"), ("7", "key")):
        assert await ask(quiet, call, "yesno-attacker") == 200
        assert shown(quiet, call) == ("key", "yesno-attacker", None)
        await quiet.fake.press(call, digit)
        await quiet.until(lambda: shown(quiet, call)[2] is not None)
        assert shown(quiet, call)[2] == reply
    assert quiet.data(call, "asked") == {"question": "yesno-attacker", "by": "siti"}
    assert quiet.data(call, "replied") == {"question": "yesno-attacker", "reply": "key"}


async def test_what_cannot_be_asked_is_refused(quiet: House) -> None:
    """A question that there is not, a caller who is not connected, a call that there is not."""
    waiting = await quiet.call()
    assert await ask(quiet, waiting, "yesno-hear") == 409
    assert await ask(quiet, waiting, "are-you-a-prank") == 404
    assert await ask(quiet, "nobody", "yesno-hear") == 404


@pytest.mark.parametrize("quiet", [SilenceSettings(silent_after_s=3, ask_by_itself=True)], indirect=True)
async def test_a_city_may_have_silent_callers_asked_by_themselves(quiet: House) -> None:
    """Once, and only who was not heard."""
    call = await connected(quiet)
    record(quiet, call, sounds.samples(sounds.hum(4)))
    await quiet.until(lambda: "asked" in quiet.told(call))
    assert quiet.data(call, "asked") == {"question": "silent-ask", "by": "suar"}


@pytest.mark.parametrize("without", ["the setting", "the package", "a model to spare"])
async def test_asterisks_own_detector_is_the_light_way(
    quiet: House, without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the city's choice, where the model is missing, or when many others are listened to with it."""

    def missing() -> listening.Detector:
        raise VoiceActivityMissing

    detector = "talk_detect" if without == "the setting" else "silero"
    if without == "the package":
        monkeypatch.setattr(quiet.controller.listeners, "_detector", missing)
    if without == "a model to spare":
        monkeypatch.setattr(quiet.controller.listeners, "_along", asyncio.Semaphore(0))
    soon = SilenceSettings().model_copy(update={"detector": detector, "silent_after_s": 0.1})
    quiet.controller.ports.city = quiet.controller.city.model_copy(update={"silence": soon})
    call = await connected(quiet)
    await quiet.until(lambda: "TALK_DETECT(set)" in quiet.fake.world.channels[call].variables)
    await quiet.until(lambda: "not_heard" in quiet.told(call))
    await quiet.fake._emit("ChannelTalkingStarted", channel=quiet.fake.world.channels[call].as_json())
    await quiet.until(lambda: shown(quiet, call)[0] == "heard")
    assert quiet.data(call, "heard") == {"detector": "talk_detect"}


@pytest.mark.parametrize("quiet", [SilenceSettings(detector="off")], indirect=True)
async def test_a_city_may_listen_to_nobody(quiet: House) -> None:
    """Then nothing is known of anybody, and questions can be asked all the same."""
    call = await quiet.call()
    await quiet.choose(call)
    await quiet.talking(call)
    assert listening_tasks(quiet) == []
    assert await ask(quiet, call, "yesno-home") == 200
