"""``python -m tests.bench waiting``: two thousand callers wait at once, on a fake Asterisk in this process.

What they take of the controller's memory, whether each has the right place and age, whether an operator who
comes free gets the first of them, and how long the event loop is kept busy while they come.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from contextlib import suppress
from pathlib import Path

from ari_app.app import Controller, running
from ari_app.fake_asterisk import FakeAsterisk
from queues.vocabulary import OperatorReady, OperatorSignedOn
from suar.city import load
from suar.paths import StateDir
from suar.secret import Secrets
from tests.bench.bed import percentile, say
from tests.component.conftest import city_on
from tests.integration.conftest import SURABAYA

_CALLERS, _RATE = 2000, 100
_WARM_UP = 50
_LOOK_S, _GLANCE_S = 0.25, 0.005
_PATIENCE_S = 60.0
_LAG_MS, _MEMORY_KB = 50.0, 20.0


async def run() -> bool:
    """Let them come at a hundred a second, and look at the line when all are there."""
    with tempfile.TemporaryDirectory(prefix="suar-bench-") as folder:
        fake, state = FakeAsterisk(), StateDir(Path(folder))
        async with fake.serving() as url:
            city = city_on(fake, url)
            triage = city.triage.model_copy(update={"greets": False, "rings_s": 60.0})
            busy = load(SURABAYA).carriers[0].model_copy(update={"channels": 5000})
            city = city.model_copy(update={"triage": triage, "carriers": [busy, *city.carriers[1:]]})
            city = city.model_copy(update={"admission": city.admission.model_copy(update={"on": False})})
            async with running(city, state, Secrets.load_or_create(state, city)) as controller:
                return await _measure(fake, controller)


async def _measure(fake: FakeAsterisk, controller: Controller) -> bool:
    lags: list[float] = []
    watching = [asyncio.create_task(one) for one in (_watch_loop(lags), _watch_board(controller))]
    calls = [await fake.call_in("call", "telkomsel", "112") for _ in range(_WARM_UP)]
    await _until_waiting(controller, _WARM_UP)
    gc.collect()
    before_kb = _resident_kb()
    lags.clear()
    clock = asyncio.get_running_loop().time
    began = clock()
    while len(calls) < _CALLERS:
        calls.append(await fake.call_in("call", "telkomsel", "112"))
        await asyncio.sleep(max(0.0, began + (len(calls) - _WARM_UP) / _RATE - clock()))
    await _until_waiting(controller, _CALLERS)
    gc.collect()
    each_kb = (_resident_kb() - before_kb) / (_CALLERS - _WARM_UP)
    waiting = controller.distribution.snapshot().waiting
    in_order = [one.call_id for one in waiting] == calls
    places = [one.position for one in waiting] == list(range(1, _CALLERS + 1))
    ages = [one.waited_s for one in waiting]
    aged = ages == sorted(ages, reverse=True) and ages[0] - ages[-1] > 0.5 * _CALLERS / _RATE
    matched = await _first_is_served(fake, controller, calls[0])
    for task in watching:
        task.cancel()
    for task in watching:
        with suppress(asyncio.CancelledError):
            await task
    p99, worst = percentile(lags, 0.99), max(lags)
    say(
        f"waiting: {_CALLERS:,} callers at once, {_RATE} more a second, watched by a board; "
        "fake Asterisk included"
    )
    say(f"  order {in_order}   positions {places}   ages {aged}   the first is served first {matched}")
    say(f"  memory of one who waits   {each_kb:.1f} kB   (target: at most {_MEMORY_KB:.0f})")
    say(f"  event loop late   p99 {p99:.1f} ms   worst {worst:.1f} ms   (target: under {_LAG_MS:.0f})")
    return in_order and places and aged and matched and each_kb <= _MEMORY_KB and worst < _LAG_MS


async def _first_is_served(fake: FakeAsterisk, controller: Controller, first: str) -> bool:
    tell = controller.distribution.tell
    tell(OperatorSignedOn("siti", ("emergency",), frozenset({"medical"}), frozenset({"id"})))
    tell(OperatorReady("siti"))
    leg = f"{first}-op1"
    async with asyncio.timeout(_PATIENCE_S):
        while leg not in fake.world.channels:
            await asyncio.sleep(_GLANCE_S)
    return [name for name in fake.world.channels if "-op" in name] == [leg]


async def _until_waiting(controller: Controller, count: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while len(controller.distribution.snapshot().waiting) < count:
            await asyncio.sleep(_LOOK_S)


async def _watch_loop(lags: list[float]) -> None:
    """Note how late the loop comes back, in milliseconds."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + _GLANCE_S
        await asyncio.sleep(_GLANCE_S)
        lags.append(1000 * max(0.0, clock() - due))


async def _watch_board(controller: Controller) -> None:
    """Take every picture, as the dashboards do."""
    async for _ in controller.live.watch():
        pass


def _resident_kb() -> float:
    """Return this process's resident memory."""
    text = Path("/proc/self/status").read_text()
    return float(text.split("VmRSS:")[1].split()[0])
