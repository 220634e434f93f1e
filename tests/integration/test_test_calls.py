"""Test calls on the real Asterisk: a machine answers, plays back and ends; no phone ever rings."""

from __future__ import annotations

import asyncio
import wave
from array import array
from typing import Any

from agi.ami import AmiSettings
from agi.probe import Probe
from agi.verdicts import Outcome, Verdict
from dashboards.incidents.listing import list_incidents
from dashboards.incidents.views import IncidentView, show
from dashboards.state import utc_now
from suar.demo.phones.ear import level_dbfs, tone_level_dbfs
from tests.integration.conftest import Service, Town

PATIENT: dict[str, Any] = {"hang_up_after_s": 40.0, "patience_s": 30.0}


async def sealed(service: Service) -> list[IncidentView]:
    """Return the incidents, tests and all, once the last has its recording."""
    async with asyncio.timeout(30):
        while True:
            shown = await service.dashboards.db.read(
                lambda session: [
                    show(session, one.id, utc_now())
                    for one in list_incidents(session, utc_now(), with_tests=True)
                ]
            )
            if shown and any(event.what == "recording_sealed" for event in shown[0].events):
                return shown
            await asyncio.sleep(0.1)


async def test_a_carriers_test_call_hears_itself(service: Service) -> None:
    """Its incident is closed and marked, its recording sealed."""
    async with service.town.phone("siti") as siti:
        await service.ready("siti")
        report = await service.town.caller(**PATIENT, headers=["X-Suar-Test: yes"]).run()
        assert report.hung_up_by == "far end", report.errors
        assert tone_level_dbfs(report.heard, 440) > -45
        assert siti.calls() == []
    (incident,) = await sealed(service)
    assert (incident.state, incident.disposition, incident.operator) == ("closed", "uji_coba", None)
    assert list(service.town.state.recordings.glob("*.sln")) == []


async def test_a_test_call_without_the_controller_is_answered_by_a_machine(town: Town) -> None:
    """And hears itself, too; the operators' phones stay silent."""
    async with town.phone("siti") as siti:
        report = await town.caller(**PATIENT, headers=["X-Suar-Test: 1"]).run()
        assert report.hung_up_by == "far end", report.errors
        assert tone_level_dbfs(report.heard, 440) > -45
        assert siti.calls() == []
    assert await town.is_empty()


def probe(town: Town) -> Probe:
    """What the rescuer has the chain tested by."""
    network = town.city.network
    ami = AmiSettings(network.ami_bind.host, network.ami_bind.port, "suar-rescuer", town.secrets.ami_password)
    number, token = town.city.emergency_number, town.secrets.ingest_token
    return Probe(number, ami, f"http://{network.web_bind}", token)


async def test_our_own_test_call_goes_through_the_whole_chain(service: Service) -> None:
    """Answered, heard, recorded, journalled and with an incident; the operator who is ready is not rung."""
    async with service.town.phone("siti") as siti:
        await service.ready("siti")
        assert await probe(service.town).call() == Verdict(Outcome.GOOD)
        assert siti.calls() == []
    (incident,) = await sealed(service)
    (call,) = incident.calls
    assert (incident.state, incident.disposition, call.carrier) == ("closed", "uji_coba", "synthetic")
    recorded = service.town.state.recordings / f"{call.call_id}.wav"
    with wave.open(str(recorded)) as file:
        both = array("h", file.readframes(file.getnframes()))
    assert level_dbfs(both[::2]) > -40
    assert level_dbfs(both[1::2]) > -40


async def test_our_own_test_call_finds_that_the_controller_is_not_there(town: Town) -> None:
    """A caller would still be served: that is degraded, and no miss."""
    assert await probe(town).call() == Verdict(Outcome.DEGRADED)
    assert await town.is_empty()


async def test_our_own_test_call_finds_that_nothing_is_said(town: Town) -> None:
    """The prompt is gone from the disk: whoever calls would hear nothing."""
    sounds = town.asterisk.paths.data / "sounds"
    away = sounds.rename(sounds.with_name("away"))
    try:
        verdict = await probe(town).call()
    finally:
        away.rename(sounds)
    assert verdict.outcome is Outcome.MISSED
    assert await town.is_empty()
