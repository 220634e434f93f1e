"""A supervisor on a talk: how soon she is in place, what each change costs the caller, and who is recorded.

In place is measured by ear: from her request until the one who should hear the other does, in a packet.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path

from ari_app.calls.call import Phase
from ari_app.supervision.supervisors import Ask
from suar.asterisk.install import install_sipp
from suar.asterisk.process import Asterisk
from suar.city import load
from suar.demo.phones.ear import RATE, level_dbfs, tone_level_dbfs
from suar.demo.phones.packets import FRAME
from suar.demo.phones.peer import RtpPeer
from suar.paths import StateDir
from suar.secret import Secrets
from tests.bench.bed import percentile, say
from tests.integration.conftest import SURABAYA, Town, serving, with_free_ports

_CALLER, _OPERATOR, _SUPERVISOR = 440.0, 700.0, 1000.0
_ROUNDS = 40
_TARGET_MS, _GAP_MS = 150.0, 40.0
_AUDIBLE_DBFS = -32.0


async def run() -> bool:
    """Forty rounds of every change, on one talk."""
    city = with_free_ports(load(SURABAYA))
    with tempfile.TemporaryDirectory(prefix="suar-bench-") as folder:
        state = StateDir(Path(folder) / "asterisk")
        secrets = Secrets.load_or_create(state, city)
        asterisk = await asyncio.to_thread(Asterisk.prepare, city, state, secrets)
        process = await asyncio.to_thread(asterisk.start)
        sipp = await asyncio.to_thread(install_sipp)
        try:
            return await _measure(Town(city, state, secrets, asterisk, sipp), Path(folder) / "controller")
        finally:
            await asyncio.to_thread(asterisk.stop, process)


async def _measure(town: Town, folder: Path) -> bool:
    clock = asyncio.get_running_loop().time
    took: dict[str, list[float]] = {}
    arrivals: dict[str, list[float]] = {}
    holes: dict[str, list[float]] = {}
    async with (
        serving(town, folder) as service,
        town.phone("siti", voice=_tone(_OPERATOR)) as siti,
        town.supervisors_phone("sari", voice=_tone(_SUPERVISOR), answer_after_s=0.001) as sari,
    ):
        await service.ready("siti")
        caller = town.caller(voice=_tone(_CALLER), presses=[(0.3, "1")])
        calling = asyncio.create_task(caller.run())
        switchboard, supervisors = service.controller.switchboard, service.controller.supervisors
        async with asyncio.timeout(10):
            while [one.phase for one in switchboard.calls()] != [Phase.TALKING]:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        call_id = switchboard.calls()[0].id

        async def change(name: str, ask: Ask, heard: Callable[[], Awaitable[None]] | None) -> None:
            began = clock()
            await supervisors.ask(call_id, "sari", ask)
            if heard is not None:
                await heard()
                took.setdefault(name, []).append(1000 * (clock() - began))
            await asyncio.sleep(0.25)
            ended = clock()
            arrivals.setdefault(name, []).append(1000 * caller.peer.longest_gap_s(began - 0.1, ended))
            sound = caller.peer.heard_between(began - 0.1, ended)
            holes.setdefault(name, []).append(1000 * _longest_hole_s(sound))

        for _ in range(_ROUNDS):
            await change("phone rings, then listen", Ask.LISTEN, _hears(sari.peer, _CALLER))
            await change("listen -> whisper", Ask.WHISPER, _hears(siti.peer, _SUPERVISOR))
            await change("whisper -> barge", Ask.BARGE, _hears(caller.peer, _SUPERVISOR))
            await change("barge -> listen", Ask.LISTEN, None)
            await change("listen -> barge", Ask.BARGE, _hears(caller.peer, _SUPERVISOR))
            await change("barge -> whisper", Ask.WHISPER, None)
            await change("finish", Ask.FINISH, None)
            await asyncio.sleep(0.1)
        await change("phone rings, then take over", Ask.TAKE_OVER, _hears(caller.peer, _SUPERVISOR))
        lost = caller.peer.lost
        caller.hang_up()
        await calling
    say(f"supervision: {_ROUNDS} rounds on one talk; the caller's packets that were lost: {lost}")
    say(
        "  change                        in place p50     p99     the caller: widest hole   widest packet gap"
    )
    for name, found in holes.items():
        heard = took.get(name)
        times = f"{percentile(heard, 0.5):6.1f}  {percentile(heard, 0.99):6.1f} ms" if heard else " " * 17
        say(f"  {name:28} {times:>20}  {max(found):18.0f} ms  {max(arrivals[name]):15.1f} ms")
    slowest = max(percentile(times, 0.99) for times in took.values())
    widest = max(max(found) for found in holes.values())
    say(f"  slowest p99 {slowest:.1f} ms (target < {_TARGET_MS:.0f})")
    say(f"  widest hole {widest:.0f} ms (target < {_GAP_MS:.0f})")
    return slowest < _TARGET_MS and widest < _GAP_MS and lost == 0


def _tone(pitch: float) -> array[int]:
    return array("h", [round(6000 * math.sin(2 * math.pi * pitch * place / RATE)) for place in range(RATE)])


def _hears(peer: RtpPeer, pitch: float) -> Callable[[], Awaitable[None]]:
    """Return a wait until a packet with this tone in it has come."""

    async def wait() -> None:
        known = len(peer.heard)
        async with asyncio.timeout(5):
            while True:
                last = peer.heard[max(known, len(peer.heard) - FRAME) :]
                if len(last) >= FRAME // 2 and tone_level_dbfs(last, pitch) > _AUDIBLE_DBFS:
                    return
                await asyncio.sleep(0.002)

    return wait


def _longest_hole_s(sound: array[int]) -> float:
    """Return the longest time without sound, in steps of 5 ms."""
    longest = run = 0
    for start in range(0, len(sound) - 40, 40):
        run = run + 1 if level_dbfs(sound[start : start + 40]) < -40 else 0
        longest = max(longest, run)
    return longest * 0.005
