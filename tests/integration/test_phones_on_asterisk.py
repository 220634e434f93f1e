"""The robot phones on the real Asterisk: what the other tests of this ring stand on."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from suar.demo.phones import OperatorCall, OperatorPhone, OperatorPool
from suar.demo.phones.ear import level_dbfs, tone_level_dbfs
from suar.demo.phones.g711 import U_LAW
from tests.integration.conftest import PHONES, Service, Town

pytestmark = pytest.mark.in_time


async def contacts(town: Town) -> str:
    return await asyncio.to_thread(town.asterisk.cli, "pjsip show contacts")


async def reached(phone: OperatorPhone, outcome: str) -> OperatorCall:
    """Return the phone's last call once it has come to this."""
    for _ in range(100):
        calls = phone.calls()
        if calls and calls[-1].outcome == outcome:
            return calls[-1]
        await asyncio.sleep(0.05)
    raise AssertionError(f"not {outcome}: {phone.calls()}")


async def test_a_phones_contact_goes_with_it_unless_it_vanishes(town: Town) -> None:
    """A dead phone stays registered, as in life."""
    async with town.phone("siti") as phone:
        assert f"op-siti@{phone.address}" in await contacts(town)
    assert "op-siti@" not in await contacts(town)
    async with town.phone("siti", vanishes=True) as phone:
        pass
    assert f"op-siti@{phone.address}" in await contacts(town)
    async with town.phone("siti"):
        pass
    assert "op-siti@" not in await contacts(town)


async def test_a_waiting_caller_hears_music_until_she_is_told_to_hang_up(town: Town) -> None:
    """From the first quarter of a second on, without a gap; her BYE empties Asterisk."""
    caller = town.caller()
    task = asyncio.create_task(caller.run())
    await asyncio.sleep(3.0)
    caller.hang_up()
    report = await asyncio.wait_for(task, 3)
    assert (report.outcome, report.final_status, report.hung_up_by) == ("answered", 200, "caller")
    assert report.first_audio_after_s is not None
    assert report.first_audio_after_s < 0.25
    assert level_dbfs(report.heard) > -45
    assert report.longest_silence_s < 2.0
    assert report.longest_gap_s < 0.25
    assert len(report.heard) / 8000 == pytest.approx(report.talked_s, abs=0.1)
    assert await town.is_empty()


async def test_a_caller_with_mu_law_and_an_operator_with_a_law_understand_each_other(town: Town) -> None:
    """Asterisk translates; the operator is told to answer, and to hang up."""
    caller = town.caller(law=U_LAW, presses=[(0.3, "1")])
    async with town.phone("siti", answer_after_s=None) as siti:
        task = asyncio.create_task(caller.run())
        for action, before in ((siti.answer, "ringing"), (siti.hang_up, "talking")):
            await reached(siti, before)
            await asyncio.sleep(1.5)
            action()
        call = await reached(siti, "hung up")
        caller.hang_up()
        report = await asyncio.wait_for(task, 3)
    talked = round((call.ended_at or 0.0) * 8000) - round((call.answered_at or 0.0) * 8000)
    assert len(call.heard) == pytest.approx(talked, abs=400)
    assert tone_level_dbfs(call.heard, 440) > -30
    assert tone_level_dbfs(call.heard, 700) < -45
    assert tone_level_dbfs(report.heard, 700) > -35
    assert await town.is_empty()


async def test_a_pool_of_phones_is_registered_and_answers(town: Town) -> None:
    """One process, two operators; callers hear their own echo."""
    users = [(f"op-{name}", town.secrets.operator_sip_passwords[name]) for name in ("siti", "budi")]
    async with OperatorPool(town.sipp, PHONES, town.sip, users, echoes=True) as pool:
        shown = await contacts(town)
        assert "op-siti@" in shown
        assert "op-budi@" in shown
        callers = [
            town.caller(carrier, presses=[(0.3, "1")], hang_up_after_s=4.0)
            for carrier in ("telkomsel", "xlsmart")
        ]
        reports = await asyncio.gather(*(caller.run() for caller in callers))
        assert pool.steps().count("talking") == 2
    assert all(tone_level_dbfs(report.heard[-8000:], 440) > -30 for report in reports)
    assert await town.is_empty()


@pytest.mark.parametrize("keys", ["rfc4733", "info"])
async def test_a_key_is_understood_either_way(service: Service, keys: Literal["rfc4733", "info"]) -> None:
    """As a telephone event, or as INFO where the caller's network offers no events."""
    async with service.town.phone("siti", hang_up_after_s=0.5):
        await service.ready("siti")
        await service.town.caller(presses=[(0.5, "2")], keys=keys).run()
    (incident,) = await service.incidents(1, "recording_sealed")
    assert incident.kind == "medical"
