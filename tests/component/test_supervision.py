"""Supervisors on a talk, on the fake Asterisk: each mode, each change, and every way in which it can end."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from ari_app.app import Controller
from ari_app.supervision.errors import NobodyThere, NotNow
from ari_app.supervision.media import Media, Mode
from ari_app.supervision.supervisors import Ask
from queues.vocabulary import OperatorState
from suar.secret import Secrets
from tests.component.test_adoption import (
    ANSWERED,
    CALL,
    CONNECTED,
    OFFERED,
    QUEUED,
    RINGING,
    TRIAGED,
    Estate,
    estate,
    until,
)
from tests.component.test_call_flow import House, house

__all__ = ["estate", "house"]


class Talk:
    """A call that is being talked, and what supervisors do with it."""

    def __init__(self, house: House, call: str, operators_leg: str) -> None:
        self.house, self.call, self.operators_leg = house, call, operators_leg

    async def ask(self, ask: str, who: str = "sari") -> Mode | None:
        return await self.house.controller.supervisors.ask(self.call, who, Ask(ask))

    async def joined(self, ask: str, who: str = "sari", number: int = 1) -> str:
        """Have a supervisor come in; her phone rings, and she answers it."""
        assert await self.ask(ask, who) is None
        leg = f"{self.call}-sl{number}"
        await self.house.until(lambda: leg in self.house.fake.world.channels)
        await self.house.fake.answer_leg(leg)
        await self.house.until(lambda: self.mode(who))
        return leg

    def mode(self, who: str = "sari") -> str | None:
        return next((one["mode"] for one in self.shown() if one["id"] == who), None)

    def shown(self) -> list[dict[str, Any]]:
        calls = self.house.controller.live.picture()["calls"]
        return list(next((call["supervisors"] for call in calls if call["call_id"] == self.call), []))

    def snoops(self) -> list[tuple[str | None, str, str]]:
        channels = self.house.fake.world.channels.values()
        return [(one.listens_to, one.spy, one.whisper) for one in channels if one.listens_to]

    async def settled(self) -> None:
        await asyncio.sleep(0.02)

    def bridge(self, name: str = "br1") -> set[str]:
        return set(self.house.fake.world.bridges.get(f"{self.call}-{name}", []))

    def touched(self) -> list[tuple[str, str]]:
        """Every request about the caller's channel since she talks."""
        asked = self.house.fake.asked
        began = min(place for place, one in enumerate(asked) if one[1].endswith("-br1/addChannel"))
        return [one for one in asked[began + 1 :] if one[1].split("/")[1:2] == [self.call]]


@pytest.fixture
async def talk(house: House) -> Talk:
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    return Talk(house, call, await house.talking(call))


async def test_who_listens_is_joined_by_a_channel_that_takes_no_sound_from_her(talk: Talk) -> None:
    """Both directions come out, none goes in; the talk's own bridge is as it was."""
    leg = await talk.joined("listen")
    assert talk.mode() == "listen"
    assert talk.snoops() == [(talk.operators_leg, "both", "none")]
    assert talk.bridge() == {talk.call, talk.operators_leg}
    assert talk.bridge("sb1") == {leg, f"{talk.call}-sn1001"}
    assert "supervision_started" in talk.house.told(talk.call)
    assert talk.house.data(talk.call, "supervision_started") == {"supervisor": "sari", "mode": "listen"}


DIRECTIONS: dict[str, list[str]] = {"listen": ["none"], "whisper": ["out"], "barge": []}
CHANGES = ["whisper", "barge", "listen", "barge", "whisper", "listen"]


async def test_every_change_of_mode_is_made_at_once_and_leaves_the_caller_alone(talk: Talk) -> None:
    """No request touches her channel, and no channel of an earlier mode stays."""
    leg = await talk.joined("listen")
    for mode in CHANGES:
        assert await talk.ask(mode) == mode
        assert talk.mode() == mode
        in_talk = {talk.call, talk.operators_leg} | ({leg} if mode == "barge" else set())
        assert talk.bridge() == in_talk
        # The request that ends the earlier mode's channel is answered a moment before the channel is gone.
        await talk.settled()
        assert [one[2] for one in talk.snoops()] == DIRECTIONS[mode]
    assert talk.touched() == []
    told = [event for event in talk.house.told(talk.call) if event == "supervision_changed"]
    assert len(told) == len(CHANGES)


async def test_a_mode_that_she_has_already_is_no_change(talk: Talk) -> None:
    """A button pressed twice does its work once."""
    await talk.joined("whisper")
    asked = len(talk.house.fake.asked)
    assert await talk.ask("whisper") == "whisper"
    assert len(talk.house.fake.asked) == asked


async def test_several_supervisors_take_part_each_in_her_own_mode(talk: Talk) -> None:
    """Who ends hers does not end the other's."""
    await talk.joined("listen", "sari", 1)
    await talk.joined("barge", "rudi", 2)
    assert [(one["id"], one["name"], one["mode"]) for one in talk.shown()] == [
        ("sari", "Sari Dewi", "listen"), ("rudi", "Rudi Hartono", "barge"),
    ]  # fmt: skip
    await talk.ask("finish", "sari")
    assert [one["id"] for one in talk.shown()] == ["rudi"]
    assert talk.bridge() == {talk.call, talk.operators_leg, f"{talk.call}-sl2"}


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
@pytest.mark.parametrize("cause", [16, 38])
async def test_her_hang_up_or_her_phones_death_disturbs_nothing(talk: Talk, mode: str, cause: int) -> None:
    """The two go on talking, nothing of hers stays, and the journal says why."""
    leg = await talk.joined(mode)
    await talk.house.fake.hang_up(leg, cause)
    await talk.house.until(lambda: "supervision_ended" in talk.house.told(talk.call))
    world = talk.house.fake.world
    await talk.house.until(lambda: set(world.channels) == {talk.call, talk.operators_leg})
    assert set(world.bridges) == {f"{talk.call}-br1"}
    assert talk.bridge() == {talk.call, talk.operators_leg}
    assert talk.touched() == []
    ended = talk.house.data(talk.call, "supervision_ended")
    assert (ended["why"], ended["mode"]) == ("hung up" if cause == 16 else "phone lost", mode)
    assert ended["lasted_s"] >= 0


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
async def test_the_callers_hang_up_ends_her_part_too(talk: Talk, mode: str) -> None:
    """No channel, no bridge, no supervisor left; the journal has her end before the call's last event."""
    await talk.joined(mode)
    await talk.house.fake.hang_up(talk.call)
    await talk.house.over(talk.call)
    assert talk.house.data(talk.call, "supervision_ended")["why"] == "call ended"
    assert talk.house.controller.supervisors.on(talk.call) == []


async def test_a_phone_that_is_not_answered_is_written_down(talk: Talk) -> None:
    """Who asked, for what, and that nothing came of it."""
    await talk.ask("whisper")
    leg = f"{talk.call}-sl1"
    await talk.house.until(lambda: leg in talk.house.fake.world.channels)
    assert talk.shown()[0]["mode"] is None
    await talk.house.fake.reject_leg(leg)
    await talk.house.until(lambda: "supervision_failed" in talk.house.told(talk.call))
    failed = talk.house.data(talk.call, "supervision_failed")
    assert (failed["supervisor"], failed["mode"], failed["why"]) == ("sari", "whisper", "not answered")
    # Her next try has ids of its own.
    assert await talk.joined("listen", "sari", 2)


async def test_who_asks_again_while_her_last_try_ends_is_rung_again(talk: Talk) -> None:
    """What she wishes is not lost with what is being tidied up."""
    await talk.ask("whisper")
    legs, leg = talk.house.controller.ports.legs, f"{talk.call}-sl1"
    await talk.house.until(lambda: leg in talk.house.fake.world.channels)
    gone = legs[leg].gone
    await talk.house.fake.reject_leg(leg)
    async with asyncio.timeout(30):
        await gone
    assert "supervision_failed" not in talk.house.told(talk.call)
    assert await talk.joined("listen", "sari", 2)


async def test_finishing_while_her_phone_rings_stops_it(talk: Talk) -> None:
    """And so does the end of the call."""
    await talk.ask("listen")
    await talk.house.until(lambda: f"{talk.call}-sl1" in talk.house.fake.world.channels)
    await talk.ask("finish")
    await talk.house.until(lambda: f"{talk.call}-sl1" not in talk.house.fake.world.channels)
    await talk.ask("listen")
    await talk.house.until(lambda: f"{talk.call}-sl2" in talk.house.fake.world.channels)
    await talk.house.fake.hang_up(talk.operators_leg)
    await talk.house.over(talk.call)


@pytest.mark.parametrize("before", ["listen", "whisper", "barge", None])
async def test_taking_over_makes_her_the_calls_operator(talk: Talk, before: str | None) -> None:
    """One call, one talk: the operator goes to her wrap-up, the caller is never let go of."""
    house, call = talk.house, talk.call
    if before:
        leg = await talk.joined(before)
        assert await talk.ask("take-over") == "barge"
    else:
        assert await talk.ask("take-over") is None
        leg = f"{call}-sl1"
        await house.until(lambda: leg in house.fake.world.channels)
        await house.fake.answer_leg(leg)
    await house.until(lambda: "taken_over" in house.told(call))
    await house.until(lambda: "supervision_ended" in house.told(call))
    assert house.data(call, "taken_over") == {
        "operator": "sari", "released": "siti", "leg": f"{call}-sl1",
    }  # fmt: skip
    assert house.data(call, "supervision_ended")["why"] == "took over"
    assert talk.bridge() == {call, leg}
    assert talk.touched() == []
    await house.until(lambda: talk.shown() == [])
    siti = house.controller.operators.desk("siti")
    assert siti is not None
    assert siti.state is OperatorState.WRAP_UP
    (alive,) = house.controller.switchboard.calls()
    assert (alive.operator, alive.phase.value) == ("sari", "talking")
    await house.fake.hang_up(leg)
    await house.over(call)
    assert house.data(call, "ended")["by"] == "operator"
    assert house.told(call).count("connected") == 1
    assert house.told(call).count("ended") == 1


async def test_the_wrap_up_after_a_take_over_is_hers_who_has_one(talk: Talk) -> None:
    """The released operator's; it is counted once."""
    await talk.joined("barge")
    await talk.ask("take-over")
    await talk.house.fake.hang_up(talk.call)
    await talk.house.until(lambda: "recording_sealed" in talk.house.told(talk.call))
    talk.house.ready_again("siti")
    await talk.house.until(lambda: "wrapped_up" in talk.house.told(talk.call))
    assert talk.house.data(talk.call, "wrapped_up")["operator"] == "siti"


@pytest.mark.parametrize("cause", [16, 38])
async def test_an_operator_who_goes_leaves_the_caller_with_whoever_has_barged_in(
    talk: Talk, cause: int
) -> None:
    """Whether she hung up or her phone died: nobody is hung up on, nobody waits again."""
    leg = await talk.joined("barge")
    await talk.house.fake.hang_up(talk.operators_leg, cause)
    await talk.house.until(lambda: "taken_over" in talk.house.told(talk.call))
    assert talk.bridge() == {talk.call, leg}
    assert "operator_lost" not in talk.house.told(talk.call)
    await talk.house.fake.hang_up(talk.call)
    await talk.house.over(talk.call)


async def test_an_operator_who_goes_does_not_leave_the_caller_with_a_mere_listener(talk: Talk) -> None:
    """The call ends as it would without her."""
    await talk.joined("whisper")
    await talk.house.fake.hang_up(talk.operators_leg)
    await talk.house.over(talk.call)
    assert "taken_over" not in talk.house.told(talk.call)


async def test_a_supervisor_whose_phone_dies_after_a_take_over_is_an_operator_lost(talk: Talk) -> None:
    """The caller waits again, at the head; then an operator has her."""
    leg = await talk.joined("barge")
    await talk.ask("take-over")
    talk.house.ready_again("siti")
    await talk.house.fake.hang_up(leg, 38)
    await talk.house.until(lambda: "operator_lost" in talk.house.told(talk.call))
    second = await talk.house.rung(talk.call, 2)
    await talk.house.fake.answer_leg(second)
    await talk.house.until(lambda: talk.bridge("br2") == {talk.call, second})


async def test_a_listener_follows_the_call_to_its_next_operator(talk: Talk) -> None:
    """What she heard it through ends with the first one's leg; she is there when the second talks."""
    await talk.joined("listen")
    talk.house.ready("budi")
    await talk.house.fake.hang_up(talk.operators_leg, 38)
    second = await talk.house.rung(talk.call, 2)
    await talk.house.fake.answer_leg(second)
    await talk.house.until(lambda: talk.snoops() == [(second, "both", "none")])
    assert talk.mode() == "listen"


async def test_a_listener_hears_a_supervisor_who_took_over(talk: Talk) -> None:
    """The second supervisor follows the call to the first."""
    await talk.joined("listen", "rudi", 1)
    leg = await talk.joined("barge", "sari", 2)
    await talk.ask("take-over")
    await talk.house.until(lambda: talk.snoops() == [(leg, "both", "none")])


async def test_what_cannot_be_is_refused_with_a_reason(house: House, talk: Talk) -> None:
    """Nobody by that name, no such call, a phone that is not there, a call that nobody talks."""
    with pytest.raises(NobodyThere, match="no such supervisor"):
        await talk.ask("listen", "siti")
    with pytest.raises(NobodyThere, match="no such call"):
        await house.controller.supervisors.ask("sby1-9.9", "sari", Ask.LISTEN)
    waiting = await house.call()
    with pytest.raises(NotNow, match="nobody talks"):
        await house.controller.supervisors.ask(waiting, "sari", Ask.LISTEN)
    await house.fake.set_endpoint("PJSIP/sv-sari", "offline")
    with pytest.raises(NotNow, match="not registered"):
        await talk.ask("listen")
    await talk.joined("barge", "rudi")
    await talk.ask("take-over", "rudi")
    with pytest.raises(NotNow, match="you are this call's operator"):
        await talk.ask("listen", "rudi")


async def test_the_end_of_what_she_listened_through_is_not_taken_for_the_operators(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends because she barges in, however slowly that is done: she is in the talk, and stays in it."""
    leg = await talk.joined("listen")
    stop = Media._stop_overhearing

    async def slowly(media: Media) -> None:
        await stop(media)
        await asyncio.sleep(0.4)

    monkeypatch.setattr(Media, "_stop_overhearing", slowly)
    await talk.ask("barge")
    await asyncio.sleep(0.3)
    assert talk.bridge() == {talk.call, talk.operators_leg, leg}
    assert talk.snoops() == []


async def test_who_goes_to_another_call_leaves_the_first(house: House, talk: Talk) -> None:
    """She has one phone."""
    await talk.joined("listen")
    house.ready("budi")
    other = await house.call()
    await house.choose(other)
    await house.talking(other)
    await house.controller.supervisors.ask(other, "sari", Ask.LISTEN)
    await house.until(lambda: f"{other}-sl1" in house.fake.world.channels)
    assert talk.shown() == []
    assert f"{talk.call}-sl1" not in house.fake.world.channels


async def test_when_asterisk_refuses_a_change_she_takes_part_as_before(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A button that fails is not a supervision that ends."""
    await talk.joined("listen")
    monkeypatch.setattr(talk.house.fake.world.channels[talk.operators_leg], "is_ours", False)
    with pytest.raises(Exception, match="409"):
        await talk.ask("whisper")
    assert talk.mode() == "listen"
    assert [one[2] for one in talk.snoops()] == ["none"]


async def test_a_bug_in_a_supervision_is_not_the_calls(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the log, her phone is put down, and the two go on talking."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("ari_app.supervision.media.Media.overhear", broken)
    await talk.ask("listen")
    leg = f"{talk.call}-sl1"
    await talk.house.until(lambda: leg in talk.house.fake.world.channels)
    await talk.house.fake.answer_leg(leg)
    await talk.house.until(lambda: "supervision_failed" in talk.house.told(talk.call))
    await talk.house.until(lambda: leg not in talk.house.fake.world.channels)
    assert talk.bridge() == {talk.call, talk.operators_leg}


async def test_over_the_control_interface(talk: Talk) -> None:
    """202 while her phone rings, 200 when it is done, and errors that say what to do."""
    house = talk.house
    bind = house.controller.city.network.control_bind
    base = f"http://{bind}/v1/calls/{talk.call}/supervisors"
    secrets = Secrets.load_or_create(house.state, house.controller.city)
    token = {"Authorization": f"Bearer {secrets.control_token}"}
    async with aiohttp.ClientSession(headers=token) as http:
        async with http.post(f"{base}/sari/listen") as answer:
            assert (answer.status, (await answer.json())["mode"]) == (202, None)
        leg = f"{talk.call}-sl1"
        await house.until(lambda: leg in house.fake.world.channels)
        await house.fake.answer_leg(leg)
        await house.until(lambda: talk.mode() == "listen")
        async with http.post(f"{base}/sari/barge") as answer:
            assert (answer.status, (await answer.json())["mode"]) == (200, "barge")
        async with http.post(f"{base}/nobody/barge") as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (404, "nobody_there")
        async with http.post(f"{base}/sari/sing") as answer:
            assert answer.status == 404
        async with http.post(f"{base}/sari/finish") as answer:
            assert answer.status == 200
    async with aiohttp.ClientSession() as stranger, stranger.post(f"{base}/sari/listen") as answer:
        assert answer.status == 401


STARTED: tuple[str, dict[str, Any]] = ("supervision_started", {"supervisor": "sari", "mode": "barge"})
TALKED = (OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED)


def supervisions(heir: Controller, call: str) -> list[tuple[str, Any]]:
    """Return what is told of supervisions: what happened, and the mode or why it ended."""
    events = [one for one in heir.outbox.unsent()[call] if one.type.startswith("supervision_")]
    return [(one.type, one.data.get("why", one.data["mode"])) for one in events]


@pytest.mark.parametrize(("mode", "whisper"), [("listen", "none"), ("whisper", "out"), ("barge", None)])
async def test_a_controller_that_comes_back_takes_a_supervision_up(
    estate: Estate, mode: str, whisper: str | None
) -> None:
    """The two who talk notice nothing; she takes part as before, can change, and leaves nothing behind."""
    call = CALL.format(1)
    started = ("supervision_started", {"supervisor": "sari", "mode": mode})
    await estate.told(call, *TALKED, started)
    estate.has(call, with_operator="siti")
    estate.has_supervisor(call, barges=mode == "barge")
    channels = estate.fake.world.channels
    async with estate.heir() as heir:
        await until(lambda: supervisions(heir, call)[-1] == ("supervision_resumed", mode))
        assert [(one["id"], one["mode"]) for one in heir.supervisors.on(call)] == [("sari", mode)]
        snoops = [
            (one.listens_to, one.whisper) for one in channels.values() if one.id.startswith(f"{call}-sn")
        ]
        assert snoops == ([] if whisper is None else [(f"{call}-op1", whisper)])
        assert f"{call}-sn1001" not in channels
        in_talk = {call, f"{call}-op1"} | ({f"{call}-sl1"} if mode == "barge" else set())
        assert set(estate.fake.world.bridges[f"{call}-br1"]) == in_talk
        assert (("POST", f"bridges/{call}-br1/addChannel") in estate.fake.asked) is False
        await heir.supervisors.ask(call, "sari", Ask.BARGE)
        assert f"{call}-sl1" in estate.fake.world.bridges[f"{call}-br1"]
        await heir.supervisors.ask(call, "sari", Ask.FINISH)
        await until(lambda: set(channels) == {call, f"{call}-op1"})
        assert set(estate.fake.world.bridges) == {f"{call}-br1"}
        assert supervisions(heir, call)[-1] == ("supervision_ended", "finished")


async def test_a_barger_whose_operator_hangs_up_after_a_restart_has_the_call(estate: Estate) -> None:
    """As before it: she is the next in the talk's line of heirs."""
    call = CALL.format(1)
    await estate.told(call, *TALKED, STARTED)
    estate.has(call, with_operator="siti")
    estate.has_supervisor(call, barges=True)
    async with estate.heir() as heir:
        await until(lambda: supervisions(heir, call)[-1] == ("supervision_resumed", "barge"))
        await estate.fake.hang_up(f"{call}-op1")
        await until(lambda: [one.operator for one in heir.switchboard.calls()] == ["sari"])


async def test_who_had_just_left_the_talk_is_not_heard_in_it_after_a_restart(estate: Estate) -> None:
    """She had asked to listen, and the controller died before it was written: nobody hears her unawares."""
    call = CALL.format(1)
    await estate.told(call, *TALKED, STARTED)
    estate.has(call, with_operator="siti")
    estate.has_supervisor(call, barges=False)
    async with estate.heir() as heir:
        await until(lambda: supervisions(heir, call)[-1] == ("supervision_resumed", "listen"))
        assert set(estate.fake.world.bridges[f"{call}-br1"]) == {call, f"{call}-op1"}


@pytest.mark.parametrize("told", [(), (STARTED,)])
async def test_a_supervisor_whose_phone_is_not_up_leaves_nothing_to_the_next_controller(
    estate: Estate, told: tuple[tuple[str, dict[str, Any]], ...]
) -> None:
    """It rings for a controller that is dead, or has gone: it is put down, and her supervision is closed."""
    call = CALL.format(1)
    await estate.told(call, *TALKED, *told)
    estate.has(call, with_operator="siti")
    estate.has_supervisor(call, barges=False)
    estate.fake.world.channels[f"{call}-sl1"].state = "Ringing"
    async with estate.heir() as heir:
        await until(lambda: set(estate.fake.world.channels) == {call, f"{call}-op1"})
        await until(lambda: set(estate.fake.world.bridges) == {f"{call}-br1"})
        await until(lambda: heir.live.asterisk_is_up)
        ends = [one for one in supervisions(heir, call) if one[0] == "supervision_ended"]
        assert ends == [("supervision_ended", "restarted")] * len(told)


async def test_a_supervision_of_a_call_that_ended_unheard_is_closed(estate: Estate) -> None:
    """The caller hung up while no controller lived: her story says when the supervisor was gone, too."""
    call = CALL.format(1)
    await estate.told(call, *TALKED, STARTED)
    async with estate.heir() as heir:
        await until(lambda: "ended" in [one.type for one in heir.outbox.unsent()[call]])
        assert supervisions(heir, call)[-1] == ("supervision_ended", "call ended")


async def test_a_controller_that_comes_back_finds_who_took_over_talking(estate: Estate) -> None:
    """Her leg is no orphan, and another supervisor can listen to her."""
    call = CALL.format(1)
    took = ("taken_over", {"operator": "sari", "released": "siti"})
    ended = ("supervision_ended", {"supervisor": "sari", "mode": "barge", "why": "took over"})
    story = (OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED, STARTED, took, ended)
    await estate.told(call, *story)
    estate.has(call)
    estate.has_supervisor(call, barges=True)
    async with estate.heir() as heir:
        await until(lambda: [one.operator for one in heir.switchboard.calls()] == ["sari"])
        await until(lambda: [one.phase.value for one in heir.switchboard.calls()] == ["talking"])
        await heir.supervisors.ask(call, "rudi", Ask.LISTEN)
        await until(lambda: f"{call}-sl2" in estate.fake.world.channels)
        await estate.fake.answer_leg(f"{call}-sl2")
        await until(
            lambda: (
                [one.listens_to for one in estate.fake.world.channels.values() if one.listens_to]
                == [f"{call}-sl1"]
            )
        )
        await estate.fake.hang_up(f"{call}-sl1")
        await until(lambda: "ended" in [one.type for one in heir.outbox.unsent()[call]])
        await until(lambda: not estate.fake.world.channels and not estate.fake.world.bridges)


async def test_a_controller_that_stops_leaves_a_supervision_to_the_next(estate: Estate) -> None:
    """She goes on as the two who talk do; a phone that only rings is put down."""
    call = CALL.format(1)
    await estate.told(call, *TALKED)
    estate.has(call, with_operator="siti")
    async with estate.heir() as heir:
        await until(lambda: [one.phase.value for one in heir.switchboard.calls()] == ["talking"])
        await heir.supervisors.ask(call, "sari", Ask.BARGE)
        await until(lambda: f"{call}-sl1" in estate.fake.world.channels)
        await estate.fake.answer_leg(f"{call}-sl1")
        await until(lambda: heir.supervisors.on(call)[0]["mode"] == "barge")
        await heir.supervisors.ask(call, "rudi", Ask.LISTEN)
        await until(lambda: f"{call}-sl2" in estate.fake.world.channels)
    assert set(estate.fake.world.channels) == {call, f"{call}-op1", f"{call}-sl1"}
    assert estate.fake.world.bridges[f"{call}-br1"] == [call, f"{call}-op1", f"{call}-sl1"]
    async with estate.heir() as heir:
        await until(lambda: [one["mode"] for one in heir.supervisors.on(call)] == ["barge"])


async def test_a_lost_socket_ends_no_supervision(talk: Talk) -> None:
    """After it has come back she takes part as before, and can change."""
    leg = await talk.joined("listen")
    await talk.house.fake.cut()
    await talk.house.until(lambda: not talk.house.controller.live.asterisk_is_up)
    await talk.house.until(lambda: talk.house.controller.live.asterisk_is_up)
    await asyncio.sleep(0.3)
    assert talk.mode() == "listen"
    assert await talk.ask("barge") == "barge"
    assert leg in talk.bridge()
