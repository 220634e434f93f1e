"""The controller dies while a caller waits: she hears it not, and is served."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess

from suar.demo.phones import Caller, OperatorPhone
from suar.demo.phones.ear import tone_level_dbfs, voice
from tests.bench.bed import PHONES, Bed, city


async def test_a_waiting_caller_survives_the_death_of_the_controller() -> None:
    """Killed with -9; the next one finds her stranded, and Asterisk finds her an operator."""
    async with city(operators=1) as bed:
        caller = Caller(
            bed.sipp, "127.0.0.11", bed.sip, "+62811", voice=voice(440), presses=[(0.3, "1")],
            hang_up_after_s=10.0,
        )  # fmt: skip
        calling = asyncio.create_task(caller.run())
        await asyncio.sleep(2)
        os.kill(await asyncio.to_thread(_controller_of, bed), signal.SIGKILL)
        password = bed.work.secrets.operator_sip_passwords["op0"]
        phone = OperatorPhone(
            bed.sipp, PHONES, bed.sip, "op-op0", password, voice=voice(700), answer_after_s=0.3
        )
        async with phone:
            report = await calling
            assert "talking" in phone.steps()
    assert report.longest_silence_s < 2.0
    assert tone_level_dbfs(report.heard[-8000:], 700) > -30


def _controller_of(bed: Bed) -> int:
    command = ["pgrep", "-f", f"ari_app.*{bed.work.state.root}"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])
