"""The controller dies in the middle of calls: nobody hears it, and everybody is served."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from contextlib import closing

from suar.demo.phones import Caller, OperatorPhone
from suar.demo.phones.ear import tone_level_dbfs, voice
from tests.bench.bed import PHONES, Bed, city


async def test_callers_survive_the_death_of_the_controller() -> None:
    """Killed with -9 while one talks and one waits: one talk, one wait, two incidents, two recordings."""
    async with city(operators=1) as bed, _phone(bed):
        await bed.web.set_operator("op0", "ready")
        talker = asyncio.create_task(_caller(bed, "+62811", hang_up_after_s=9.0).run())
        await asyncio.sleep(2)
        waiter = asyncio.create_task(_caller(bed, "+62812", hang_up_after_s=14.0).run())
        await asyncio.sleep(2)
        os.kill(bed.controller_pid(), signal.SIGKILL)
        talked, waited = await talker, await waiter
        for report in (talked, waited):
            assert report.hung_up_by == "caller"
            assert report.longest_silence_s < 2.0
        # The talk went on, and after it the one who waited had the operator: nobody signed on again.
        assert tone_level_dbfs(talked.heard[-8000:], 700) > -30
        assert tone_level_dbfs(waited.heard[-8000:], 700) > -30
        assert await _dispositions(bed, 2) == [("normal", True), ("normal", True)]


async def test_without_a_controller_the_rescuer_gives_the_waiting_to_asterisk() -> None:
    """It is frozen, not dead: nothing tells Asterisk. When it thaws, all is as before."""
    async with city(operators=1, rescued=True) as bed:
        # At work, but her phone is not there yet.
        await bed.web.set_operator("op0", "ready")
        waiter = asyncio.create_task(_caller(bed, "+62812", hang_up_after_s=12.0).run())
        await asyncio.sleep(2)
        frozen = bed.controller_pid()
        os.kill(frozen, signal.SIGSTOP)
        try:
            async with _phone(bed) as phone:
                await asyncio.sleep(6)
                assert "talking" in phone.steps()
                os.kill(frozen, signal.SIGCONT)
                report = await waiter
        finally:
            os.kill(frozen, signal.SIGCONT)
        assert report.longest_silence_s < 2.0
        assert tone_level_dbfs(report.heard[-8000:], 700) > -30
        assert await _dispositions(bed, 1) == [("normal", True)]


async def test_who_calls_a_frozen_controller_hears_it_ring() -> None:
    """Nobody has noticed yet, and no rescuer does: Asterisk asks her three seconds later."""
    async with city(operators=1) as bed:
        frozen = bed.controller_pid()
        os.kill(frozen, signal.SIGSTOP)
        try:
            report = await _caller(bed, "+62813", hang_up_after_s=2.0).run()
        finally:
            os.kill(frozen, signal.SIGCONT)
        assert report.answered_after_s is not None
        assert report.answered_after_s >= 2.5
        assert report.first_sound_after_s is not None
        assert report.first_sound_after_s < 1.0
        assert report.longest_silence_s < 2.0


def _caller(bed: Bed, number: str, hang_up_after_s: float) -> Caller:
    return Caller(
        bed.sipp,
        "127.0.0.11",
        bed.sip,
        number,
        voice=voice(440),
        presses=[(0.3, "1")],
        hang_up_after_s=hang_up_after_s,
    )


def _phone(bed: Bed) -> OperatorPhone:
    password = bed.work.secrets.operator_sip_passwords["op0"]
    return OperatorPhone(bed.sipp, PHONES, bed.sip, "op-op0", password, voice=voice(700), answer_after_s=0.3)


async def _dispositions(bed: Bed, count: int) -> list[tuple[str, bool]]:
    """Return each incident's disposition and whether it has a recording, once ``count`` have one."""
    found: list[tuple[str, bool]] = []
    for _ in range(60):
        with closing(sqlite3.connect(bed.work.state.root / "suar.db")) as db:
            found = db.execute(
                "select incident.disposition, call.recording is not null from incident"
                " join call on call.incident_id = incident.id order by incident.id"
            ).fetchall()
        if sum(recorded for _, recorded in found) >= count:
            break
        await asyncio.sleep(0.5)
    return [(disposition, bool(recorded)) for disposition, recorded in found]
