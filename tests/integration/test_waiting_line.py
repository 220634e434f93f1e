"""While a caller waits, on the real Asterisk: several phones at once, and voices that are in nobody's way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from queues.vocabulary import PolicyChanged
from suar.city import OverflowRule, policy_of
from suar.demo.phones import CallerReport
from suar.demo.phones.ear import tone_level_dbfs, voice
from tests.integration.conftest import PITCHES, Service, Town, serving
from tests.integration.test_conversation import Desk

_NEIGHBOUR = 1100.0


def ring_all(service: Service) -> None:
    """Have every free phone ring for a caller."""
    city = service.controller.city
    queues = [queue.model_copy(update={"strategy": "ring_all"}) for queue in city.queues]
    service.controller.distribution.tell(PolicyChanged(policy_of(city.model_copy(update={"queues": queues}))))


def at(incident: Any, what: str) -> datetime:
    found: datetime = next(event.at for event in incident.events if event.what == what)
    return found


async def test_two_phones_ring_and_the_first_to_answer_has_her(service: Service) -> None:
    """She hears that operator; the other's phone stops, and she is ready for the next caller."""
    ring_all(service)
    async with (
        service.town.phone("siti", answer_after_s=None) as siti,
        service.town.phone("budi", answer_after_s=1.0, hang_up_after_s=2.5),
    ):
        await service.ready("siti", "budi")
        report = await service.town.caller(presses=[(0.3, "1")]).run()
        assert "ringing" in siti.steps()
        desk = service.controller.operators.desk("siti")
        assert desk is not None
        assert desk.state.value == "ready"
    (incident,) = await service.incidents(1, "recording_sealed", patience_s=30)
    assert incident.operator == "budi"
    ended = [event.data for event in incident.events if event.what == "ring_ended"]
    assert [(one["operator"], one["outcome"]) for one in ended] == [("siti", "rescinded")]
    assert tone_level_dbfs(report.heard[-8000:], PITCHES["budi"]) > -30


async def test_a_prompt_that_plays_does_not_keep_her_from_an_operator(service: Service) -> None:
    """She is told for eight seconds that nobody is free; somebody is, and speaks to her before its end."""
    async with service.town.phone("siti", answer_after_s=0.05, hang_up_after_s=2):
        desk = service.controller.operators.desk("siti")
        assert desk is not None
        async with asyncio.timeout(30):
            while not desk.phone_is_online:
                await asyncio.sleep(0.1)
        caller = asyncio.create_task(service.town.caller(presses=[(0.3, "1")]).run())
        await service.incidents(1, "queued", patience_s=30)
        await service.ready("siti")
        report: CallerReport = await caller
    (incident,) = await service.incidents(1, "recording_sealed", patience_s=30)
    assert at(incident, "connected") - at(incident, "queued") < timedelta(seconds=6)
    talk_s = incident.calls[0].talk_s
    assert talk_s is not None
    assert tone_level_dbfs(report.heard[-12000:], PITCHES["siti"]) > -30


async def test_a_caller_whom_nobody_serves_is_answered_by_the_neighbour(town: Town, tmp_path: Path) -> None:
    """Its 112 rings while she waits, and she hears it as soon as it answers."""
    desk = Desk(
        town.sipp, "127.0.0.21", town.sip, "sidoarjo", "", voice=voice(_NEIGHBOUR), answer_after_s=0.2
    )
    rule = OverflowRule(when="no_operator", after_s=0.5, to="neighbour", neighbour="sidoarjo")
    async with desk:
        there = {"hand_over_to": f"sip:112@{desk.address}"}
        neighbours = [one.model_copy(update=there) for one in town.city.neighbours]
        queues = [queue.model_copy(update={"overflow": [rule]}) for queue in town.city.queues]
        city = town.city.model_copy(update={"neighbours": neighbours, "queues": queues})
        async with serving(replace(town, city=city), tmp_path) as service:
            report = await town.caller(presses=[(0.3, "1")], hang_up_after_s=4.0).run()
            (incident,) = await service.incidents(1, "recording_sealed")
    assert tone_level_dbfs(report.heard[-8000:], _NEIGHBOUR) > -30
    told = {event.what: event.data for event in incident.events}
    assert (told["overflowed"]["target"], told["connected"]["operator"]) == ("sidoarjo", "sidoarjo")
    assert await town.is_empty()
