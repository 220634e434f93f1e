"""What an operator does with a caller, on the real Asterisk: who hears whom, told apart by their tones."""

from __future__ import annotations

import asyncio
import wave
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from ari_app.calls.calling_out import Order
from ari_app.conversation.running import Conversation
from ari_app.conversation.vocabulary import (
    Consult,
    Hold,
    Join,
    Mute,
    PauseRecording,
    Purpose,
    PutBack,
    Resume,
    ResumeRecording,
    SendDigits,
    Target,
    TargetKind,
    Transfer,
    Unmute,
)  # fmt: skip
from suar.demo.phones import Caller, CallerReport, OperatorPhone
from suar.demo.phones.ear import level_dbfs, longest_silence_s, tone_level_dbfs, voice
from suar.demo.phones.peer import RtpPeer
from tests.integration.conftest import Service, Town, serving

CALLER, SITI, BUDI, AGENCY = 440.0, 700.0, 820.0, 1100.0
DPKP = Target(TargetKind.AGENCY, "dpkp")


class Desk(OperatorPhone):
    """A phone that nobody registers: an agency's, reached through a carrier's gateway."""

    async def register(self) -> None:
        """It is where the gateway says."""

    async def unregister(self) -> None:
        """Nobody has to know."""


def hears(peer: RtpPeer, *tones: float) -> bool:
    """Whether the last half second has these tones and no other; a time without packets is silence."""
    heard = last_half_second(peer)
    return all((tone_level_dbfs(heard, one) > -32) == (one in tones) for one in (CALLER, SITI, BUDI, AGENCY))


def hears_music(peer: RtpPeer) -> bool:
    return level_dbfs(last_half_second(peer)) > -50 and hears(peer)


def last_half_second(peer: RtpPeer) -> array[int]:
    now = asyncio.get_running_loop().time()
    return peer.heard_between(now - 0.5, now)


async def until(what: Callable[[], Any], patience_s: float = 5.0) -> None:
    async with asyncio.timeout(patience_s):
        while not what():
            await asyncio.sleep(0.05)


@dataclass
class Scene:
    """A caller, Siti, and the fire brigade's desk."""

    service: Service
    caller: Caller
    calling: asyncio.Task[CallerReport]
    siti: OperatorPhone
    desk: Desk

    @property
    def call_id(self) -> str:
        return self.service.controller.switchboard.calls()[0].id

    @property
    def conversation(self) -> Conversation:
        return self.service.controller.ports.conversations[self.call_id]

    async def until_talking(self) -> None:
        await until(lambda: hears(self.caller.peer, SITI) and hears(self.siti.peer, CALLER), 10.0)

    async def over(self) -> CallerReport:
        """The caller's end of it: and at no moment did she hear two seconds of silence."""
        report = await self.calling
        assert report.longest_silence_s < 2.0
        return report


@asynccontextmanager
async def reached(
    town: Town, folder: Path, gateway: str | None = None
) -> AsyncIterator[tuple[Service, Desk, OperatorPhone]]:
    """Siti is ready, and a carrier's gateway leads to a desk, or to where it is said."""
    desk = Desk(town.sipp, "127.0.0.14", town.sip, "pmk", "", voice=voice(AGENCY), answer_after_s=0.3)
    carriers = [
        one.model_copy(update={"gateway": (gateway or desk.address) if one.id == "telkom" else None})
        for one in town.city.carriers
    ]
    town = replace(town, city=town.city.model_copy(update={"carriers": carriers}))
    async with desk, town.phone("siti") as siti, serving(town, folder) as service:
        await service.ready("siti")
        yield service, desk, siti
    assert await town.is_empty(), town.asterisk.cli("core show channels verbose")


@asynccontextmanager
async def talking(town: Town, folder: Path) -> AsyncIterator[Scene]:
    """A caller and Siti talk; the gateway leads to the fire brigade."""
    async with reached(town, folder) as (service, desk, siti):
        caller = town.caller(presses=[(0.3, "1")])
        scene = Scene(service, caller, asyncio.create_task(caller.run()), siti, desk)
        await asyncio.sleep(0.5)
        await scene.until_talking()
        yield scene
        scene.calling.cancel()
        await asyncio.gather(scene.calling, return_exceptions=True)


Story = Callable[[Scene], Awaitable[None]]


async def hold(scene: Scene) -> None:
    await scene.conversation.do(Hold(), "siti")
    await until(lambda: hears_music(scene.caller.peer))
    await until(lambda: hears(scene.siti.peer))
    await scene.conversation.do(Resume(), "siti")
    await scene.until_talking()
    scene.siti.hang_up()
    assert (await scene.over()).hung_up_by == "far end"


async def mute(scene: Scene) -> None:
    await scene.conversation.do(Mute(scene.conversation.state.operator or ""), "siti")
    await until(lambda: hears(scene.caller.peer) and hears(scene.siti.peer, CALLER))
    await scene.conversation.do(Unmute(scene.conversation.state.operator or ""), "siti")
    await scene.until_talking()
    scene.caller.hang_up()
    await scene.calling


async def keys(scene: Scene) -> None:
    await scene.conversation.do(SendDigits(scene.call_id, "17#"), "siti")
    await until(lambda: scene.caller.peer.digits_heard == "17#")
    scene.siti.hang_up()
    await scene.over()


async def consult_and_transfer(scene: Scene) -> None:
    party = await scene.conversation.call_in(DPKP, Purpose.CONSULT, "siti")
    await until(lambda: hears(scene.siti.peer, AGENCY) and hears(scene.desk.peer, SITI))
    await until(lambda: hears_music(scene.caller.peer))
    await scene.conversation.do(Resume(), "siti")
    await scene.until_talking()
    await until(lambda: hears_music(scene.desk.peer))
    await scene.conversation.do(Consult(party), "siti")
    await until(lambda: hears(scene.siti.peer, AGENCY))
    await scene.conversation.do(Transfer(party), "siti")
    await until(lambda: hears(scene.caller.peer, AGENCY) and hears(scene.desk.peer, CALLER))
    await until(lambda: "caller gone" in scene.siti.steps())
    scene.desk.hang_up()
    assert (await scene.over()).hung_up_by == "far end"


async def confer(scene: Scene) -> None:
    await scene.conversation.call_in(DPKP, Purpose.CONFERENCE, "siti")
    await until(lambda: hears(scene.caller.peer, SITI, AGENCY))
    await until(lambda: hears(scene.siti.peer, CALLER, AGENCY) and hears(scene.desk.peer, CALLER, SITI))
    scene.siti.hang_up()
    await until(lambda: hears(scene.caller.peer, AGENCY) and hears(scene.desk.peer, CALLER))
    scene.caller.hang_up()
    await scene.over()


async def consult_and_join(scene: Scene) -> None:
    party = await scene.conversation.call_in(DPKP, Purpose.CONSULT, "siti")
    await until(lambda: hears(scene.siti.peer, AGENCY))
    await scene.conversation.do(Join(party), "siti")
    await until(lambda: hears(scene.caller.peer, SITI, AGENCY))
    scene.desk.hang_up()
    await scene.until_talking()
    scene.siti.hang_up()
    await scene.over()


async def blind_to_an_agency(scene: Scene) -> None:
    await scene.conversation.call_in(DPKP, Purpose.BLIND, "siti")
    await until(lambda: hears(scene.caller.peer, AGENCY) and hears(scene.desk.peer, CALLER))
    await asyncio.sleep(0.5)  # What they say has to be long enough to be a recording.
    scene.desk.hang_up()
    await scene.over()


async def put_back_and_taken_by_another(scene: Scene) -> None:
    async with scene.service.town.phone("budi", voice=voice(BUDI)) as budi:
        await scene.service.ready("budi")
        await scene.conversation.do(PutBack(), "siti")
        await until(lambda: hears(scene.caller.peer, BUDI), 8.0)
        budi.hang_up()
        await scene.over()


async def transfer_to_an_operator(scene: Scene) -> None:
    async with scene.service.town.phone("budi", voice=voice(BUDI)) as budi:
        await scene.service.ready("budi")
        party = await scene.conversation.call_in(Target(TargetKind.OPERATOR, "budi"), Purpose.CONSULT, "siti")
        await until(lambda: hears(scene.siti.peer, BUDI))
        await scene.conversation.do(Transfer(party), "siti")
        await until(lambda: hears(scene.caller.peer, BUDI) and hears(budi.peer, CALLER))
        await scene.conversation.do(Hold(), "budi")
        await until(lambda: hears_music(scene.caller.peer))
        await scene.conversation.do(Resume(), "budi")
        await until(lambda: hears(scene.caller.peer, BUDI))
        budi.hang_up()
        await scene.over()


async def pause_the_recording(scene: Scene) -> None:
    """Silence on both sides, in its place: the recording keeps its length."""
    await asyncio.sleep(0.5)
    await scene.conversation.do(PauseRecording("card number"), "siti")
    await asyncio.sleep(1.5)
    await scene.conversation.do(ResumeRecording(), "siti")
    await asyncio.sleep(0.5)
    scene.siti.hang_up()
    await scene.over()
    (incident,) = await scene.service.incidents(1, "recording_sealed")
    with wave.open(str(scene.service.town.state.recordings / f"{incident.calls[0].call_id}.wav")) as file:
        samples = array("h", file.readframes(file.getnframes()))
    for side in (samples[0::2], samples[1::2]):
        assert 1.3 < longest_silence_s(side[-8000 * 4 :]) < 1.8
        assert level_dbfs(side[-3200:]) > -40


async def test_a_callback_on_the_real_asterisk(town: Town, tmp_path: Path) -> None:
    """Her phone rings, then the caller's; both hear one another; the recording is there; nothing is left."""
    async with reached(town, tmp_path) as (service, desk, siti):
        call_id = service.controller.switchboard.call_out(
            Order("+628121234567", "siti", follows=None, is_callback=True)
        )
        await until(lambda: hears(siti.peer, AGENCY) and hears(desk.peer, SITI), 8.0)
        desk.hang_up()
        (incident,) = await service.incidents(1, "wrapped_up")
        assert (incident.calls[0].call_id, incident.calls[0].number) == (call_id, "+628121234567")
        assert incident.calls[0].has_recording
        assert not service.controller.alarms.standing()


async def test_the_invite_of_a_callback_says_that_it_is_one(town: Town, tmp_path: Path) -> None:
    """RFC 7090's Priority, the identifiers of NENA i3; a busy caller is told as such."""
    loop = asyncio.get_running_loop()
    transport, invites = await loop.create_datagram_endpoint(Busy, local_addr=("127.0.0.14", 0))
    address = "127.0.0.14:{}".format(transport.get_extra_info("sockname")[1])
    async with reached(town, tmp_path, address) as (service, _, _):
        service.controller.switchboard.call_out(
            Order(
                "+628121234567", "siti", follows="sby1-1.7", incident="sby1-20261124-0001", is_callback=True
            )
        )
        (incident,) = await service.incidents(1, "not_reached")
        failed = next(event for event in incident.events if event.what == "not_reached")
        assert failed.data["outcome"] == "busy"
    transport.close()
    invite = invites.invites[0]
    assert invite.startswith("INVITE sip:+628121234567@127.0.0.14")
    headers = [line for line in invite.splitlines() if line.startswith(("Priority:", "Call-Info:"))]
    assert headers[0] == "Priority: psap-callback" or headers[-1] == "Priority: psap-callback"
    assert any("urn:emergency:uid:incidentid:sby1-20261124-0001:" in one for one in headers)
    assert await town.is_empty()


async def test_a_phone_that_nobody_answers_is_put_down_as_such(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By us, not by Asterisk's clock; and Asterisk says so of the leg."""
    monkeypatch.setattr("ari_app.calls.calling_out.OPERATOR_RING_S", 1.0)
    async with serving(town, tmp_path) as service, town.phone("siti", answer_after_s=None) as siti:
        await service.ready("siti")
        service.controller.switchboard.call_out(
            Order("+628121234567", "siti", follows=None, is_callback=True)
        )
        (incident,) = await service.incidents(1, "not_reached")
        assert "cancelled" in siti.steps()
    failed = next(event for event in incident.events if event.what == "not_reached")
    assert failed.data["outcome"] == "no_answer"
    assert await town.is_empty()


class Busy(asyncio.DatagramProtocol):
    """A telephone that is engaged, and keeps what it was sent."""

    def __init__(self) -> None:
        self.invites: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        if not text.startswith("INVITE "):
            return
        self.invites.append(text)
        kept = [
            line
            for line in text.split("\r\n")
            if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))
        ]
        answer = "\r\n".join(["SIP/2.0 486 Busy Here", *kept, "Content-Length: 0", "", ""])
        cast("asyncio.DatagramTransport", self._transport).sendto(answer.encode(), addr)


STORIES = [
    pause_the_recording, hold, mute, keys, consult_and_transfer, confer, consult_and_join, blind_to_an_agency,
    put_back_and_taken_by_another, transfer_to_an_operator,
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=[one.__name__ for one in STORIES])
async def test_a_story_leaves_one_incident_and_nothing_behind(
    town: Town, tmp_path: Path, story: Story
) -> None:
    """Whatever she does: one incident, one call, a sealed recording, and an empty Asterisk."""
    async with talking(town, tmp_path) as scene:
        await story(scene)
        (incident,) = await scene.service.incidents(1, "wrapped_up")
        assert len(incident.calls) == 1
        assert [event.what for event in incident.events].count("ended") == 1
        assert not scene.service.controller.alarms.standing()
        # Whoever was called in and answered has a recording of her own, chained as the caller's.
        answered = [event for event in incident.events if event.what == "party_answered"]
        parts = [event for event in incident.events if event.what == "part_sealed"]
        assert [one.data["part"] for one in parts] == [one.data["party"] for one in answered]
        assert all(one.data["chain"] and one.data["length_s"] > 0.2 for one in parts)
