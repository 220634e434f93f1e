"""A flood on the fake Asterisk: who is held, what she hears, and how she goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ari_app.ari.errors import AriRejected
from ari_app.calls import following as following_calls
from ari_app.calls.call import Call
from ari_app.calls.location_servers import Source
from suar.city.reality import AdmissionSettings
from suar.location import following
from suar.secret import Secrets
from tests.component.test_call_flow import House, open_house
from tests.component.test_invites import invite
from tests.unit.location.test_hep import captured

SETTINGS = AdmissionSettings(
    least_calls=2, carrier_burst=3, carrier_calls_per_s=100.0, calls_per_operator=1.0, asked_at_once=1
)


@pytest.fixture
async def flooded(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose carriers may bring two calls each, and telkomsel has."""
    async with open_house(tmp_path, lambda _: {"admission": SETTINGS}) as one:
        for number in ("+62811", "+62812"):
            await one.call(number=number)
        yield one


async def held(house: House, number: str = "+62813", sip_call_id: str = "") -> str:
    call_id = await house.fake.call_in("call", "telkomsel", "112", number=number, sip_call_id=sip_call_id)
    (house.recordings / f"{call_id}.raw").write_bytes(bytes(320_000))
    await house.until(lambda: "gated" in house.told(call_id))
    return call_id


def alarms(house: House) -> list[str]:
    return [alarm.code for alarm in house.controller.alarms.standing()]


async def test_a_held_caller_presses_a_key_and_goes_on(flooded: House) -> None:
    """She has an incident, is asked, and hears the menu when one before her has ended."""
    call = await held(flooded)
    assert "flood:telkomsel" in alarms(flooded)
    await flooded.until(lambda: flooded.fake.world.channels[call].playbacks)
    [asked] = flooded.fake.world.channels[call].playbacks
    assert flooded.fake.world.playbacks[asked]["media_uri"].startswith("sound:suar/many-calls,")
    assert [one for one in flooded.told(call) if one != "location_unknown"] == [
        "offered",
        "gated",
        "answered",
    ]
    assert flooded.fake.world.channels[call].variables["TIMEOUT(absolute)"] == "0"
    await flooded.fake.press(call, "1")
    first = next(one.id for one in flooded.controller.switchboard.calls())
    await flooded.fake.hang_up(first)
    await flooded.until(lambda: "admitted" in flooded.told(call))
    assert flooded.data(call, "admitted")["pressed"] is True
    await flooded.until(lambda: flooded.fake.world.channels[call].playbacks not in ([], [asked]))
    await flooded.choose(call, "2")
    assert flooded.data(call, "triaged")["kind"] == "medical"


async def test_a_held_caller_who_gives_up_as_she_is_answered_has_her_end(
    flooded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk refuses the answer with a 500 then; it is she who ended the call, and no bug."""

    async def refuse(call_id: str) -> None:
        await flooded.fake.hang_up(call_id)
        raise AriRejected("POST", f"channels/{call_id}/answer", 500, "Internal Server Error")

    monkeypatch.setattr(flooded.controller.asterisk.channels, "answer", refuse)
    call = await held(flooded)
    await flooded.until(lambda: "ended" in flooded.told(call))
    assert flooded.data(call, "ended")["by"] == "caller"


async def test_a_flooding_carriers_callers_are_rung_by_their_own_network(tmp_path: Path) -> None:
    """The dialplan knows of it, for that carrier, from the first that is held until the flood is over."""
    settings = SETTINGS.model_copy(update={"quiet_s": 0.2})
    async with open_house(tmp_path, lambda _: {"admission": settings}) as house:
        floods = house.fake.world.globals
        for number in ("+62811", "+62812"):
            await house.call(number=number)
        assert floods["SUAR_FLOODS_telkomsel"] == "0"
        call = await held(house)
        await house.until(lambda: floods["SUAR_FLOODS_telkomsel"] == "1")
        assert floods["SUAR_FLOODS_indosat"] == "0"
        await house.fake.hang_up(call)
        await house.until(lambda: floods["SUAR_FLOODS_telkomsel"] == "0")


async def test_a_held_callers_place_is_read_and_her_carrier_not_asked_for_it(
    flooded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gives up is found all the same; a flood is not passed on to location servers."""
    asked: list[str] = []

    async def ask(call: Call, *_: object) -> bool:
        asked.append(call.id)
        return False

    monkeypatch.setattr(following_calls, "_ask", ask)
    monkeypatch.setattr(following_calls, "sources_of", lambda *_: [Source("https://lis.example/held")])
    monkeypatch.setattr(following, "ask_times", lambda: iter([0.0]))
    key = Secrets.load_or_create(flooded.state, flooded.controller.city).hep_key.encode()
    flooded.controller.invites.datagram_received(captured(invite("a1@c"), key), None)
    call = await held(flooded, sip_call_id="a1@c")
    await flooded.until(lambda: "located" in flooded.told(call))
    assert flooded.data(call, "located")["claim"]["latitude"] == -7.26
    await flooded.until(lambda: flooded.fake.world.channels[call].playbacks)
    assert ("admitted" in flooded.told(call), call in asked) == (False, False)
    await flooded.fake.press(call, "1")
    await flooded.fake.hang_up(next(one.id for one in flooded.controller.switchboard.calls()))
    await flooded.until(lambda: call in asked)
    assert "admitted" in flooded.told(call)


async def test_who_presses_nothing_goes_on_too_and_hears_music_meanwhile(flooded: House) -> None:
    """When the carrier has no more than its share of the operators."""
    flooded.ready("siti", "budi")
    call = await held(flooded)
    await flooded.until(lambda: flooded.fake.world.channels[call].playbacks)
    await flooded.fake.finish_playback(call)
    await flooded.until(lambda: flooded.fake.world.channels[call].hears_music)
    for one in [one.id for one in flooded.controller.switchboard.calls() if one.id != call]:
        await flooded.fake.hang_up(one)
    await flooded.until(lambda: "admitted" in flooded.told(call))
    assert flooded.data(call, "admitted")["pressed"] is False
    await flooded.until(lambda: flooded.fake.world.channels[call].playbacks)


async def test_the_others_do_not_notice(flooded: House) -> None:
    """Another carrier's caller hears the menu at once, without a word of the flood."""
    await held(flooded)
    hers = await flooded.call(carrier="indosat", number="+62855")
    assert flooded.told(hers)[:2] == ["offered", "answered"]
    assert "gated" not in flooded.told(hers)


async def test_who_is_not_asked_yet_hears_ringing_and_may_hang_up(flooded: House) -> None:
    """Her incident stays, as that of every caller who gave up; the place that she had is free."""
    await held(flooded, "+62813")
    second = await held(flooded, "+62814")
    assert flooded.fake.world.channels[second].hears_ringing
    assert flooded.fake.world.channels[second].state != "Up"
    picture = flooded.controller.live.picture()
    assert next(one["phase"] for one in picture["calls"] if one["call_id"] == second) == "gated"
    assert 'suar_held_callers{carrier="telkomsel"} 2.0' in flooded.controller.metrics.text().decode()
    await flooded.fake.hang_up(second)
    await flooded.until(lambda: "ended" in flooded.told(second))
    assert flooded.data(second, "ended")["disposition"] == "terputus"
    assert flooded.controller.admission.held()["telkomsel"] == 1


async def test_a_controller_that_stops_leaves_the_held_to_asterisk(flooded: House) -> None:
    """They are callers like all others."""
    call = await held(flooded)
    await flooded.controller.switchboard.settle(5)
    channel = flooded.fake.world.channels[call]
    assert channel.location == ("degraded", "call")
