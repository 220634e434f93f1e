"""``python -m tests.bench waiting``: two thousand callers wait at once.

Each has her place in her INVITE, was greeted, and has pressed a key. On a fake Asterisk, a process of its
own. What they take of the controller's memory, whether each has the right position and age, whether an
operator who comes free gets the first of them, and how long the event loop is kept busy while they come. The
controller runs in this process as `ari_app` has it; a loop that is late while its own thread works is late by
its own doing, whatever else wants the processor.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ctypes import CDLL
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop

from ari_app import collecting
from ari_app.app import Controller, running
from ari_app.fake_asterisk import FakeAsterisk
from queues.vocabulary import OperatorReady, OperatorSignedOn, TalkAdopted
from suar import log
from suar.city import City
from suar.paths import StateDir
from suar.secret import Secrets
from tests.bench.bed import percentile, say
from tests.component.conftest import city_on
from tests.component.test_invites import invite
from tests.unit.location.test_hep import captured

_CALLERS, _RATE = 2000, 100
_WARM_UP = 50
_LOOK_S, _GLANCE_S = 0.25, 0.005
_PATIENCE_S = 120.0
_LAG_MS, _MEMORY_KB = 50.0, 20.0


class Callers:
    """The other end of the fake: what it is asked to do, it does in its own time."""

    def __init__(self, far_end: Connection) -> None:
        self._far_end = far_end

    async def ask(self, *what: object) -> list[str]:
        """``call`` so many, or tell the ``legs`` that ring."""
        self._far_end.send(what)
        return await asyncio.to_thread(self._far_end.recv)


async def run() -> bool:
    """Let them come at a hundred a second, and look at the line when all are there."""
    return await asyncio.to_thread(uvloop.run, _run())


async def _run() -> bool:
    with tempfile.TemporaryDirectory(prefix="suar-bench-") as folder:
        state = StateDir(Path(folder))
        with (Path(folder) / "log").open("w") as stream:
            log.configure("bench", stream=stream)
            async with _asterisk() as (callers, city):
                secrets = Secrets.load_or_create(state, city)
                await callers.ask("begin", secrets.hep_key.encode(), str(state.recordings))
                async with running(city, state, secrets) as controller:
                    return await _measure(callers, controller)


@asynccontextmanager
async def _asterisk() -> AsyncIterator[tuple[Callers, City]]:
    spawn = get_context("spawn")
    near_end, far_end = spawn.Pipe()
    process = spawn.Process(target=_be_asterisk, args=(far_end,), daemon=True)
    process.start()
    try:
        yield Callers(near_end), await asyncio.to_thread(near_end.recv)
    finally:
        near_end.send(("end",))
        process.join()


def _be_asterisk(near_end: Connection) -> None:
    """Be Asterisk until the end."""
    asyncio.run(_serve(near_end))


async def _serve(near_end: Connection) -> None:
    fake = FakeAsterisk()
    async with fake.serving() as url:
        city = city_on(fake, url)
        busy = city.carriers[0].model_copy(update={"channels": 5000})
        admission = city.admission.model_copy(update={"on": False})
        carriers = [busy, *city.carriers[1:]]
        near_end.send(city.model_copy(update={"carriers": carriers, "admission": admission}))
        while True:
            match await asyncio.to_thread(near_end.recv):
                case ("begin", bytes(key), str(recordings)):
                    crowd = Crowd(fake, city, key, Path(recordings))
                    near_end.send([])
                case ("call", int(count)):
                    near_end.send(await crowd.call(count))
                case ("legs",):
                    near_end.send([name for name in fake.world.channels if "-op" in name])
                case _:
                    return


class Crowd:
    """Callers who hear the greeting and press a key."""

    def __init__(self, fake: FakeAsterisk, city: City, key: bytes, recordings: Path) -> None:
        self._fake, self._key, self._recordings = fake, key, recordings
        self._copies_go_to = city.network.hep_bind
        self._numbers = itertools.count(1)
        self._came: list[str] = []

    async def call(self, count: int) -> list[str]:
        """Have so many come at the rate; return them when all have pressed it."""
        clock = asyncio.get_running_loop().time
        began, self._came = clock(), []
        async with asyncio.TaskGroup() as group:
            for place in range(count):
                await asyncio.sleep(max(0.0, began + place / _RATE - clock()))
                group.create_task(self._come())
        return self._came

    async def _come(self) -> None:
        """The INVITE's copy goes before the call, as from Asterisk."""
        number = next(self._numbers)
        sip_call_id = f"{number}@telkomsel"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as copies:
            copies.sendto(captured(invite(sip_call_id), self._key), self._copies_go_to)
        call = await self._fake.call_in(
            "call", "telkomsel", "112", number=f"+62812{number:07}", sip_call_id=sip_call_id
        )
        (self._recordings / f"{call}.raw").write_bytes(bytes(1000))
        while not self._fake.world.channels[call].playbacks:
            await asyncio.sleep(_GLANCE_S)
        self._came.append(call)
        await self._fake.press(call, "1")


async def _measure(callers: Callers, controller: Controller) -> bool:
    await controller.ports.line.is_up.wait()
    tell = controller.distribution.tell
    tell(OperatorSignedOn("budi", ("emergency",), frozenset({"medical"}), frozenset({"id"})))
    tell(OperatorReady("budi"))
    tell(TalkAdopted("an-earlier-call", "budi"))
    late: list[tuple[float, float]] = []
    watching = [asyncio.create_task(one) for one in (_watch_loop(late), _watch_board(controller))]
    calls = await callers.ask("call", _WARM_UP)
    await _until_waiting(controller, _WARM_UP)
    gc.collect()
    collecting.begin()
    before_kb = _resident_kb()
    await asyncio.sleep(_LOOK_S)  # What this took is noted late, and is not the controller's.
    late.clear()
    calls += await callers.ask("call", _CALLERS - _WARM_UP)
    await _until_waiting(controller, _CALLERS)
    waiting = controller.distribution.snapshot().waiting
    queued = [_queued_at(controller, one.call_id) for one in waiting]
    matched = await _first_is_served(callers, controller, waiting[0].call_id)
    for task in watching:
        task.cancel()
    for task in watching:
        with suppress(asyncio.CancelledError):
            await task
    gc.collect()
    each_kb = (_resident_kb() - before_kb) / (_CALLERS - _WARM_UP)
    in_order = {one.call_id for one in waiting} == set(calls) and queued == sorted(queued)
    places = [one.position for one in waiting] == list(range(1, _CALLERS + 1))
    ages = [one.waited_s for one in waiting]
    aged = ages == sorted(ages, reverse=True) and ages[0] - ages[-1] > 0.5 * _CALLERS / _RATE
    say(f"waiting: {_CALLERS:,} callers at once, {_RATE} more a second, watched by a board")
    say(f"  order {in_order}   positions {places}   ages {aged}   the first is served first {matched}")
    say(f"  memory of one who waits   {each_kb:.1f} kB   (target: at most {_MEMORY_KB:.0f})")
    own, whole = [mine for _, mine in late], [all_of_it for all_of_it, _ in late]
    say(
        f"  event loop late by its own work   p99 {percentile(own, 0.99):.1f} ms   worst {max(own):.1f} ms   "
        f"(target: under {_LAG_MS:.0f})"
    )
    say(f"  with others' work   p99 {percentile(whole, 0.99):.1f} ms   worst {max(whole):.1f} ms")
    return in_order and places and aged and matched and each_kb <= _MEMORY_KB and max(own) < _LAG_MS


async def _first_is_served(callers: Callers, controller: Controller, first: str) -> bool:
    tell = controller.distribution.tell
    tell(OperatorSignedOn("siti", ("emergency",), frozenset({"medical"}), frozenset({"id"})))
    tell(OperatorReady("siti"))
    async with asyncio.timeout(_PATIENCE_S):
        while not (legs := await callers.ask("legs")):
            await asyncio.sleep(_GLANCE_S)
    return legs == [f"{first}-op1"]


def _queued_at(controller: Controller, call_id: str) -> str:
    return next(event.at for event in controller.outbox.history(call_id) if event.type == "queued")


async def _until_waiting(controller: Controller, count: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while len(controller.distribution.snapshot().waiting) < count:
            await asyncio.sleep(_LOOK_S)


async def _watch_loop(late: list[tuple[float, float]]) -> None:
    """Note how late the loop comes back, in milliseconds, and how much of that this thread worked."""
    clock = asyncio.get_running_loop().time
    while True:
        due, worked = clock() + _GLANCE_S, time.thread_time()
        await asyncio.sleep(_GLANCE_S)
        whole_s = max(0.0, clock() - due)
        late.append((1000 * whole_s, 1000 * min(whole_s, time.thread_time() - worked)))


async def _watch_board(controller: Controller) -> None:
    """Take every picture, as the dashboards do."""
    async for _ in controller.live.watch():
        pass


def _resident_kb() -> float:
    """Return this process's resident memory, without what is kept of what was freed."""
    CDLL(None).malloc_trim(0)
    text = Path("/proc/self/status").read_text()
    return float(text.split("VmRSS:")[1].split()[0])
