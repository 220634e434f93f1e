"""Supervisors on a real talk: what each hears in each mode, by tone, and what the recording has of it."""

from __future__ import annotations

import asyncio
import math
import wave
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ari_app.calls.call import Phase
from ari_app.supervision.session import Session
from ari_app.supervision.supervisors import Ask
from suar.demo.phones import Caller, OperatorPhone
from suar.demo.phones.ear import RATE, level_dbfs, tone_level_dbfs
from suar.demo.phones.peer import RtpPeer
from tests.integration.conftest import Service, Town, serving

pytestmark = pytest.mark.in_time
CALLER, SITI, SARI, RUDI = 440.0, 700.0, 1000.0, 1300.0
AUDIBLE_DBFS, SILENT_DBFS = -30.0, -50.0
WINDOW_S = 0.6
SETTLES_S = 0.4
# A recording leaves out what a pause of this process kept the robots from saying: the rest moves ahead.
LINGERS_S = 0.3
# On a machine that does other things too; the figure, 40 ms, is the bench's: tests/bench/supervision.py.
LONGEST_GAP_S = 0.120
STAMMER_S = 0.2


def tone(pitch: float) -> array[int]:
    """A voice without a pause, so that a hole in it is somebody's doing."""
    return array("h", [round(6000 * math.sin(2 * math.pi * pitch * place / RATE)) for place in range(RATE)])


@dataclass
class Talk:
    """Three who can be told apart by their tones."""

    service: Service
    call_id: str
    caller: Caller
    siti: OperatorPhone
    sari: OperatorPhone
    windows: list[tuple[float, float]] = field(default_factory=list)
    ended_at: float = 0.0

    async def ask(self, ask: str, who: str = "sari") -> None:
        """Ask, and wait until it is so."""
        supervisors = self.service.controller.supervisors
        await supervisors.ask(self.call_id, who, Ask(ask))
        if ask in {"listen", "whisper", "barge"}:
            await until(lambda: self.mode(who) == ask)
        if who == "sari" and ask != "finish":
            # Her phone hears a moment later than we do that it was answered.
            await until(lambda: self.sari.calls()[-1].outcome == "talking")

    def mode(self, who: str) -> str | None:
        on = self.service.controller.supervisors.on(self.call_id)
        return next((one["mode"] for one in on if one["id"] == who), None)

    async def heard(self, *more: RtpPeer) -> tuple[set[float], ...]:
        """Listen for a while; return the tones that the caller, Siti, Sari and others heard."""
        await asyncio.sleep(SETTLES_S)
        clock = asyncio.get_running_loop().time
        began = clock()
        await asyncio.sleep(WINDOW_S)
        ended = clock()
        self.windows.append((began, ended))
        await asyncio.sleep(LINGERS_S)
        peers = (self.caller.peer, self.siti.peer, self.sari.peer, *more)
        return tuple(tones(peer.heard_between(began, ended)) for peer in peers)

    async def recorded(self) -> list[tuple[set[float], set[float]]]:
        """Return what each side of the recording has of each time that was listened to, after the call."""
        (incident,) = await self.service.incidents(1, "recording_sealed")
        path = self.service.town.state.recordings / f"{incident.calls[0].call_id}.wav"
        with wave.open(str(path)) as file:
            samples = array("h", file.readframes(file.getnframes()))
        left, right = samples[0::2], samples[1::2]
        began = self.ended_at - len(left) / RATE
        cuts = [(round((a - began) * RATE), round((b - began) * RATE)) for a, b in self.windows]
        return [(tones(left[a:b]), tones(right[a:b])) for a, b in cuts]


def tones(sound: array[int]) -> set[float]:
    """Return which of the tones are in a sound; one that is neither there nor absent fails the test."""
    found = set()
    for pitch in (CALLER, SITI, SARI, RUDI):
        level = tone_level_dbfs(sound, pitch)
        assert level > AUDIBLE_DBFS or level < SILENT_DBFS, f"{pitch} Hz at {level:.1f} dBFS"
        if level > AUDIBLE_DBFS:
            found.add(pitch)
    return found


def longest_hole_s(sound: array[int]) -> float:
    """Return the longest time without sound, in steps of 5 ms."""
    longest = run = 0
    for start in range(0, len(sound) - 40, 40):
        run = run + 1 if level_dbfs(sound[start : start + 40]) < -40 else 0
        longest = max(longest, run)
    return longest * 0.005


@asynccontextmanager
async def pauses() -> AsyncIterator[list[float]]:
    """How long this process, the robots in it, came to a stop: seconds, the longest last."""
    worst = [0.0]

    async def watch() -> None:
        clock = asyncio.get_running_loop().time
        while True:
            before = clock()
            await asyncio.sleep(0.01)
            worst.append(max(worst[-1], clock() - before))

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    try:
        yield worst
    finally:
        watching.cancel()


async def until(what: object, patience_s: float = 5.0) -> None:
    async with asyncio.timeout(patience_s):
        while not what():  # type: ignore[operator]
            await asyncio.sleep(0.01)


@asynccontextmanager
async def talking(service: Service) -> AsyncIterator[Talk]:
    """A caller who talks with Siti, and Sari's phone. Their packets are numbered as it hurts most."""
    town = service.town
    async with (
        town.phone("siti", voice=tone(SITI)) as siti,
        town.supervisors_phone("sari", voice=tone(SARI)) as sari,
    ):
        # A voice that begins at a lower number than the one before it was once lost to the recording.
        siti.peer._sequence, sari.peer._sequence = 40_000, 500
        await service.ready("siti")
        caller = town.caller(voice=tone(CALLER), presses=[(0.3, "1")])
        calling = asyncio.create_task(caller.run())
        switchboard = service.controller.switchboard
        try:
            await until(lambda: [one.phase for one in switchboard.calls()] == [Phase.TALKING])
            await asyncio.sleep(0.3)
            talk = Talk(service, switchboard.calls()[0].id, caller, siti, sari)
            yield talk
            talk.ended_at = asyncio.get_running_loop().time()
        finally:
            caller.hang_up()
            await calling


async def test_what_each_hears_in_each_mode_and_what_is_recorded(service: Service) -> None:
    """A whisper is the operator's alone; who barges in is heard by both and is in the recording."""
    async with talking(service) as talk:
        await talk.ask("listen")
        assert await talk.heard() == ({SITI}, {CALLER}, {CALLER, SITI})
        await talk.ask("whisper")
        assert await talk.heard() == ({SITI}, {CALLER, SARI}, {CALLER, SITI})
        await talk.ask("barge")
        assert await talk.heard() == ({SITI, SARI}, {CALLER, SARI}, {CALLER, SITI})
        await talk.ask("listen")
        assert await talk.heard() == ({SITI}, {CALLER}, {CALLER, SITI})
        await talk.ask("finish")
        assert (await talk.heard())[:2] == ({SITI}, {CALLER})
        await talk.ask("whisper")
        await talk.ask("take-over")
        assert (await talk.heard())[0::2] == ({SARI}, {CALLER})
    right = [{SITI}, {SITI}, {SITI, SARI}, {SITI}, {SITI}, {SARI}]
    assert await talk.recorded() == [({CALLER}, one) for one in right]
    (incident,) = await service.incidents(1, "wrapped_up")
    assert incident.operator == "sari"
    happened = [(one.what, one.who) for one in incident.events if one.what.startswith(("superv", "taken"))]
    assert [what for what, _ in happened] == [
        "supervision_started", "supervision_changed", "supervision_changed", "supervision_changed",
        "supervision_ended", "supervision_started", "supervision_changed", "taken_over", "supervision_ended",
    ]  # fmt: skip
    assert {who for _, who in happened} == {"sari"}
    assert next(one for one in incident.events if one.what == "wrapped_up").who == "siti"


async def test_no_change_makes_a_hole_in_what_the_caller_hears(service: Service) -> None:
    """Not one of 40 ms, through every change there is, twice over, and a take-over at the end."""
    clock = asyncio.get_running_loop().time
    async with pauses() as stopped, talking(service) as talk:
        holes = {}
        steps = ["listen", "whisper", "barge", "listen", "barge", "whisper", "finish"] * 2
        for place, step in enumerate([*steps, "barge", "take-over"]):
            began = clock()
            await talk.ask(step)
            await asyncio.sleep(0.35)
            holes[f"{place} {step}"] = longest_hole_s(talk.caller.peer.heard_between(began - 0.1, clock()))
        assert talk.caller.peer.lost == 0
    assert {step: hole for step, hole in holes.items() if hole >= LONGEST_GAP_S + stopped[-1]} == {}


async def test_two_supervisors_at_once(service: Service) -> None:
    """One barges in, the other listens to all three, and is heard by nobody."""
    async with (
        talking(service) as talk,
        service.town.supervisors_phone("rudi", voice=tone(RUDI)) as rudi,
    ):
        await talk.ask("listen", "rudi")
        await talk.ask("barge")
        caller, siti, sari, heard_by_rudi = await talk.heard(rudi.peer)
        assert (caller, siti, sari) == ({SITI, SARI}, {CALLER, SARI}, {CALLER, SITI})
        assert heard_by_rudi == {CALLER, SITI, SARI}
    assert await talk.recorded() == [({CALLER}, {SITI, SARI})]


async def test_a_supervisor_who_puts_her_phone_down_is_not_noticed_by_the_caller(service: Service) -> None:
    """While she barges in, which is when it could be heard."""
    clock = asyncio.get_running_loop().time
    async with pauses() as stopped, talking(service) as talk:
        await talk.ask("barge")
        began = clock()
        talk.sari.hang_up()
        await until(lambda: talk.service.controller.supervisors.on(talk.call_id) == [])
        await asyncio.sleep(0.3)
        assert longest_hole_s(talk.caller.peer.heard_between(began, clock())) < LONGEST_GAP_S + stopped[-1]
        assert (await talk.heard())[0] == {SITI}


async def test_an_operator_who_hangs_up_leaves_the_caller_with_whoever_has_barged_in(
    service: Service,
) -> None:
    """The caller is not hung up on, and the recording goes on with the supervisor's voice."""
    async with talking(service) as talk:
        await talk.ask("barge")
        talk.siti.hang_up()
        await until(lambda: [one.operator for one in service.controller.switchboard.calls()] == ["sari"])
        assert (await talk.heard())[0::2] == ({SARI}, {CALLER})
    assert await talk.recorded() == [({CALLER}, {SARI})]


@pytest.mark.parametrize("who", ["caller", "siti"])
async def test_a_new_stream_in_the_midst_of_a_talk_is_heard_and_recorded(service: Service, who: str) -> None:
    """However it is numbered: Debian's Asterisk takes one that begins at a lower number for late packets.

    Of the caller, as she moves, or of the operator's phone, after a hold: docs/decisions/0025.
    """
    async with talking(service) as talk:
        assert (await talk.heard())[:2] == ({SITI}, {CALLER})
        peer = getattr(talk, who).peer
        peer.begin_anew(peer._sequence - 5_000 & 0xFFFF)
        history = service.controller.outbox.history
        await until(lambda: "sound_mended" in [event.type for event in history(talk.call_id)], 4.0)
        assert (await talk.heard())[:2] == ({SITI}, {CALLER})
    assert await talk.recorded() == [({CALLER}, {SITI})] * 2


HEARS = {
    "listen": ({SITI}, {CALLER}, {CALLER, SITI}),
    "whisper": ({SITI}, {CALLER, SARI}, {CALLER, SITI}),
    "barge": ({SITI, SARI}, {CALLER, SARI}, {CALLER, SITI}),
}
"""What the caller, Siti and Sari hear."""


@pytest.mark.parametrize("mode", HEARS)
async def test_a_controller_that_dies_leaves_a_supervision_to_its_heir(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """The caller loses no packet, each hears whom she heard before, and nothing is left behind at the end."""
    clock = asyncio.get_running_loop().time

    async def nothing(*_: object) -> None:
        """As in a death: nobody tidies up."""

    async with (
        town.phone("siti", voice=tone(SITI)) as siti,
        town.supervisors_phone("sari", voice=tone(SARI)) as sari,
    ):
        caller = town.caller(voice=tone(CALLER), presses=[(0.3, "1")])
        async with serving(town, tmp_path) as first:
            await first.ready("siti")
            calling = asyncio.create_task(caller.run())
            await until(lambda: [one.phase for one in first.controller.switchboard.calls()] == ["talking"])
            (call,) = first.controller.switchboard.calls()
            await first.controller.supervisors.ask(call.id, "sari", Ask(mode))
            await until(lambda: first.controller.supervisors.on(call.id)[0]["mode"] == mode)
            monkeypatch.setattr(Session, "_end", nothing)
        monkeypatch.undo()
        began = clock()
        async with pauses() as stopped, serving(town, tmp_path, recordings_are_there=True) as heir:
            await until(lambda: [one.phase for one in heir.controller.switchboard.calls()] == ["talking"])
            await until(lambda: [one["mode"] for one in heir.controller.supervisors.on(call.id)] == [mode])
            talk = Talk(heir, call.id, caller, siti, sari)
            assert await talk.heard() == HEARS[mode]
            # The robots share this process with the heir, whose start makes them stammer; Asterisk does not.
            assert caller.peer.lost == 0
            assert longest_hole_s(caller.peer.heard_between(began, clock())) < STAMMER_S + stopped[-1]
            caller.hang_up()
            await calling
            (incident,) = await heir.incidents(1, "recording_sealed")
            told = [(one.what, one.who) for one in incident.events if one.what.startswith("superv")]
            assert told == [
                (f"supervision_{what}", "sari") for what in ("started", "resumed", "ended")
            ], told  # fmt: skip
    assert await town.is_empty()


async def test_a_phone_that_dies_without_a_word_disturbs_nobody(
    service: Service,
) -> None:
    """Her cable is pulled in the middle of a barge: the two go on talking."""
    clock = asyncio.get_running_loop().time
    town = service.town
    async with pauses() as stopped, talking(service) as talk:
        await talk.ask("finish")
        async with town.supervisors_phone("rudi", voice=tone(RUDI), vanishes=True):
            await talk.ask("barge", "rudi")
            assert (await talk.heard())[0] == {SITI, RUDI}
        began = clock()
        await asyncio.sleep(0.5)
        assert longest_hole_s(talk.caller.peer.heard_between(began, clock())) < LONGEST_GAP_S + stopped[-1]
        assert (await talk.heard())[:2] == ({SITI}, {CALLER})
