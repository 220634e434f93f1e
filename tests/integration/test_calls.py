"""Whole calls through the real Asterisk, the controller and the dashboards."""

from __future__ import annotations

import asyncio
import hashlib
import wave
from array import array
from pathlib import Path
from typing import Any

import pytest

from suar.demo.phones import CallerReport
from suar.demo.phones.caller import with_location
from suar.demo.phones.ear import level_dbfs, tone_level_dbfs
from suar.demo.stories import _PLACE
from tests.integration.conftest import Service, Town, serving


def what(service_incident: object) -> list[str]:
    return [event.what for event in service_incident.events]  # type: ignore[attr-defined]


async def test_a_call_from_the_ring_to_the_recording(service: Service) -> None:
    """Answered at once, triaged, located, queued, rung, talked, recorded with both voices on a side each."""
    headers, body = with_location(_PLACE)
    async with service.town.phone("siti", hang_up_after_s=2.5) as siti:
        await service.ready("siti")
        report = await service.town.caller(presses=[(0.5, "1")], headers=headers, body=body).run()
        assert tone_level_dbfs(siti.peer.heard[-8000:], 440) > -30
    assert report.hung_up_by == "far end"
    assert report.longest_silence_s < 2.0
    assert tone_level_dbfs(report.heard[-8000:], 700) > -30
    (incident,) = await service.incidents(1, "wrapped_up")
    assert (incident.kind, incident.disposition, incident.operator) == ("fire", "normal", "siti")
    assert incident.location["source"] == "pidf-lo"
    assert (incident.location["shape"]["type"], incident.location["uncertainty_m"]) == ("Circle", 35.0)
    assert (incident.location["latitude"], incident.location["longitude"]) == (-7.2796, 112.7381)
    (call,) = incident.calls
    assert (call.carrier, call.number, call.presentation) == ("telkomsel", "+628121234567", "allowed")
    assert what(incident) == [
        "offered", "answered", "located", "caller_data", "triaged", "queued", "ringing", "connected", "ended",
        "recording_sealed", "wrapped_up",
    ]  # fmt: skip
    path = service.town.state.recordings / f"{call.call_id}.wav"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == call.recording_sha256
    with wave.open(str(path)) as file:
        samples = array("h", file.readframes(file.getnframes()))
    caller, heard = samples[0::2], samples[1::2]
    assert tone_level_dbfs(caller[-12000:], 440) > -30
    assert tone_level_dbfs(caller[-12000:], 700) < -50
    assert tone_level_dbfs(heard[-12000:], 700) > -30


async def test_a_caller_who_says_nothing_goes_the_most_urgent_way(service: Service) -> None:
    """Within the plan's twelve seconds, hearing something all the while."""
    async with service.town.phone("siti"):
        await service.ready("siti")
        report = await service.town.caller("xlsmart", hang_up_after_s=14.0).run()
    assert report.longest_silence_s < 2.0
    (incident,) = await service.incidents(1, "recording_sealed")
    assert (incident.kind, incident.disposition) == ("unknown", "normal")
    assert incident.location == {}
    assert incident.calls[0].triage_s is not None
    assert incident.calls[0].triage_s < 12.5


STEPS = [
    ("the greeting", 0.2, [], False, "triage"),
    ("the menu", 2.0, [], False, "triage"),
    ("waiting, nobody there", 3.0, [(0.3, "1")], False, "waiting"),
    ("ringing", 2.0, [(0.3, "1")], True, "ringing"),
]


@pytest.mark.parametrize(("step", "after_s", "presses", "rings", "phase"), STEPS, ids=[s[0] for s in STEPS])
async def test_a_caller_may_hang_up_at_any_step(
    service: Service, step: str, after_s: float, presses: list[tuple[float, str]], rings: bool, phase: str
) -> None:
    """An incident with the disposition terputus, its recording, and nothing left behind."""
    async with service.town.phone("siti", answer_after_s=None) as siti:
        if rings:
            await service.ready("siti")
        await service.town.caller("indosat", presses=presses, hang_up_after_s=after_s).run()
        (incident,) = await service.incidents(1, "recording_sealed")
        if rings:
            assert "cancelled" in siti.steps()
    ended = next(event for event in incident.events if event.what == "ended")
    assert (ended.data["by"], ended.data["phase"], incident.disposition) == ("caller", phase, "terputus")


async def test_a_caller_who_hangs_up_while_talking_frees_the_operator(service: Service) -> None:
    """Her next call comes to the same phone."""
    async with service.town.phone("siti") as siti:
        await service.ready("siti")
        for _ in range(2):
            await service.town.caller(presses=[(0.3, "1")], hang_up_after_s=2.5).run()
        incidents = await service.incidents(2, "recording_sealed")
        assert siti.steps().count("caller gone") == 2
    assert [one.disposition for one in incidents] == ["normal", "normal"]


async def test_an_operator_who_does_not_answer_costs_the_caller_only_the_ring(service: Service) -> None:
    """The next phone rings, with the same caller; the first operator is not ready."""
    async with service.town.phone("siti", answer_after_s=None), service.town.phone("budi", hang_up_after_s=1):
        await service.ready("siti", "budi")
        report = await service.town.caller(presses=[(0.3, "1")]).run()
    assert report.longest_silence_s < 2.0
    (incident,) = await service.incidents(1, "recording_sealed")
    assert incident.operator == "budi"
    ended = [event.data["outcome"] for event in incident.events if event.what == "ring_ended"]
    assert ended == ["no_answer"]
    desk = service.controller.operators.desk("siti")
    assert desk is not None
    assert (desk.state.value, desk.reason) == ("not_ready", "no_answer")


async def test_an_operator_who_rejects_is_passed_over(service: Service) -> None:
    """At once, not after the ring time."""
    async with (
        service.town.phone("siti", reject="486 Busy Here"),
        service.town.phone("budi", hang_up_after_s=1),
    ):
        await service.ready("siti", "budi")
        await service.town.caller(presses=[(0.3, "1")]).run()
    (incident,) = await service.incidents(1, "recording_sealed")
    assert [event.data["outcome"] for event in incident.events if event.what == "ring_ended"] == ["rejected"]
    assert incident.calls[0].wait_s is not None
    assert incident.calls[0].wait_s < 2.0


async def test_with_no_operator_at_all_the_caller_is_told_and_waits_with_music(service: Service) -> None:
    """An alarm stands meanwhile, and goes when she is served."""
    caller = asyncio.create_task(service.town.caller(presses=[(0.3, "1")]).run())
    await service.incidents(1, "queued")
    assert any(alarm.code.startswith("no_operator:") for alarm in service.controller.alarms.standing())
    await asyncio.sleep(9)
    async with service.town.phone("siti", hang_up_after_s=1.5):
        await service.ready("siti")
        report: CallerReport = await caller
    assert report.longest_silence_s < 2.0
    assert level_dbfs(report.heard) > -45
    assert service.controller.alarms.standing() == []


ODDITIES: dict[str, dict[str, Any]] = {
    "ten digits at once": {"presses": [(0.3, "1234567890")]},
    "garbage in place of SDP's companion": {"body": with_location("\x01not xml <<<")[1]},
    "a PIDF-LO that is no PIDF-LO": {
        "headers": with_location("")[0],
        "body": with_location("<presence xmlns='urn:x'><nothing/></presence>")[1],
    },
    "a place at zero, zero": {
        "headers": with_location("")[0],
        "body": with_location(_PLACE.replace("-7.27960 112.73810", "0 0"))[1],
    },
    "an anonymous caller": {"number": None},
    "no caller at all": {"from_header": "<sip:127.0.0.11>"},
    "a caller with a strange name": {"from_header": '"Robert \\"); DROP" <sip:%2B62@127.0.0.11>'},
}


@pytest.mark.parametrize("oddity", ODDITIES)
async def test_whatever_a_call_brings_it_is_answered_and_served(service: Service, oddity: str) -> None:
    """A caller is never what gets the error."""
    options: dict[str, Any] = {"presses": [(0.3, "2")], **ODDITIES[oddity]}
    async with service.town.phone("siti", hang_up_after_s=0.7):
        await service.ready("siti")
        report = await service.town.caller(**options).run()
    assert report.was_answered
    assert report.hung_up_by == "far end"
    (incident,) = await service.incidents(1, "recording_sealed")
    assert incident.disposition == "normal"
    assert incident.location == {}


async def test_a_second_invite_with_the_same_call_id_is_one_call(service: Service) -> None:
    """A retransmission from the carrier's other node makes no second incident out of one call's dialog."""
    async with service.town.phone("siti", hang_up_after_s=1.0):
        await service.ready("siti")
        options: dict[str, Any] = {"call_id": "the-same@carrier", "presses": [(0.3, "1")]}
        first = asyncio.create_task(service.town.caller(**options).run())
        await asyncio.sleep(0.5)
        second = await service.town.caller(hang_up_after_s=1.0, patience_s=2.0, **options).run()
        assert (await first).was_answered
    count = 2 if second.was_answered else 1
    incidents = await service.incidents(count, "recording_sealed")
    assert len(incidents) == count


async def test_a_controller_that_stops_hands_its_waiting_callers_to_asterisk(
    town: Town, tmp_path: Path
) -> None:
    """She hears music all the while, and an operator's phone rings without any of our code."""
    async with serving(town, tmp_path) as service:
        caller = asyncio.create_task(town.caller(presses=[(0.3, "1")], hang_up_after_s=8.0).run())
        await service.incidents(1, "queued")
    async with town.phone("siti") as siti:
        report: CallerReport = await caller
        assert "talking" in siti.steps()
    assert report.longest_silence_s < 2.0
    assert tone_level_dbfs(report.heard[-8000:], 700) > -30
    assert await town.is_empty()
