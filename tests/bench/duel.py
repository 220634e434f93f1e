"""Two call centres on one machine, to be called by turns: ours, and Asterisk with app_queue alone.

Nobody is greeted at either: a caller's phone rings until an operator's is answered. Each has an Asterisk
of its own, so that neither pays for the other: app_queue's has one queue, no controller, no script, and
nobody at its manager interface. Both know the same operators, each of whom has a phone at both, and both
record each call in the same way, since no emergency call may go unrecorded.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from suar.asterisk.process import Asterisk
from suar.asterisk.render import render, write
from suar.workplace import Workplace
from tests.bench.bed import city, city_file
from tests.bench.phones import Load, Message, Phones, call, cpus_s

OPERATORS = 100
_EMPTY_S = 10.0
_QUEUES = """[general]
persistentmembers = no
autofill = yes
shared_lastcall = no

[rival]
musicclass = waiting
strategy = rrmemory
timeout = 15
retry = 1
wrapuptime = 0
autofill = yes
ringinuse = no
joinempty = yes
leavewhenempty = no
"""
_DIALPLAN = """
[from-telkomsel]
exten => 112,1,MixMonitor({recordings}/${{UNIQUEID}}.raw,D)
 same => n,Queue(rival,,,,300)
 same => n,Hangup()
exten => 113,1,Queue(rival,,,,300)
 same => n,Hangup()
"""


@dataclass
class Side:
    """A call centre that takes calls."""

    name: str
    asterisk: Asterisk
    sip: str
    sipp: list[str]
    phones: Phones
    pids: dict[str, int]
    """Whose processor time counts, by what they are."""
    dialled: str = "112"

    async def call(self, **load: object) -> Turn:
        """Place calls, as :func:`tests.bench.phones.call` has it, and return what they cost."""
        await self.phones.renew()
        self.phones.trace()
        before, phones_before = cpus_s(self.pids), cpus_s({"phones": self.phones.pid})
        done = await call(self.sipp, self.sip, self.dialled, **load)  # type: ignore[arg-type]
        await self._empty()
        after, phones_after = cpus_s(self.pids), cpus_s({"phones": self.phones.pid})
        return Turn(
            done,
            self.phones.trace(),
            {name: 1000 * (after[name] - before[name]) / done.calls for name in after},
            1000 * (done.driver_cpu_s + phones_after["phones"] - phones_before["phones"]) / done.calls,
        )

    async def _empty(self) -> None:
        """Wait until no call is left, so that its end is counted with it."""
        for _ in range(round(_EMPTY_S / 0.25)):
            await asyncio.sleep(0.25)
            count = await asyncio.to_thread(self.asterisk.cli, "core show channels count")
            if count.startswith("0 active channels"):
                return


@dataclass(frozen=True, slots=True)
class Turn:
    """One load on one side."""

    load: Load
    phones: list[Message]
    """What came to and from the operators' phones."""
    cpu_ms: dict[str, float]
    """Processor time per call, by process."""
    driver_cpu_ms: float
    """The same of the callers and phones, who share the machine."""

    def cost(self) -> str:
        """Return the processor time per call in words, the driver's share last."""
        shares = {**self.cpu_ms, "callers and phones": self.driver_cpu_ms}
        return ", ".join(f"{name} {spent:.1f}" for name, spent in shares.items())


@asynccontextmanager
async def duel(
    *, operators: int = OPERATORS, talks_ms: tuple[int, int] | None = None
) -> AsyncIterator[tuple[Side, Side]]:
    """Yield ours and app_queue's, each with its operators' phones registered and free."""
    async with AsyncExitStack() as stack:
        bed = await stack.enter_async_context(city(operators, greets=False))
        rival = await stack.enter_async_context(_rival(operators))
        ours = await stack.enter_async_context(_phones(bed.work, bed.sipp, talks_ms))
        theirs = await stack.enter_async_context(_phones(rival[0], bed.sipp, talks_ms))
        await asyncio.sleep(0.5)
        for operator in bed.work.city.operators:
            await bed.web.set_operator(operator.id, "ready")
        pids = {"asterisk": pid_of(bed.asterisk), "ari_app": bed.controller_pid()}
        yield (
            Side("suar", bed.asterisk, bed.sip, bed.sipp, ours, pids),
            Side(
                "app_queue",
                rival[1],
                str(rival[0].city.network.sip_bind),
                bed.sipp,
                theirs,
                {"asterisk": pid_of(rival[1])},
            ),
        )


def _phones(work: Workplace, sipp: list[str], talks_ms: tuple[int, int] | None) -> Phones:
    passwords = work.secrets.operator_sip_passwords
    users = [(operator.endpoint, passwords[operator.id]) for operator in work.city.operators]
    return Phones(sipp, str(work.city.network.sip_bind), users, talks_ms=talks_ms)


@asynccontextmanager
async def _rival(operators: int) -> AsyncIterator[tuple[Workplace, Asterisk]]:
    """Run an Asterisk with the same phones and trunks, whose dialplan knows nothing but its queue."""
    with tempfile.TemporaryDirectory(prefix="suar-rival-") as folder:
        path = Path(folder) / "city.toml"
        path.write_text(city_file(operators))
        work = Workplace(path, Path(folder) / "state")
        asterisk = await asyncio.to_thread(_prepare, work)
        process = await asyncio.to_thread(asterisk.start)
        try:
            yield work, asterisk
        finally:
            await asyncio.to_thread(asterisk.stop, process)


def _prepare(work: Workplace) -> Asterisk:
    from suar.asterisk.install import install

    work.state.create()
    build = install()
    asterisk = Asterisk(work.state, build)
    files = render(work.city, work.secrets, asterisk.paths)
    members = "".join(f"member => PJSIP/{operator.endpoint}\n" for operator in work.city.operators)
    files["queues.conf"] = _QUEUES + members
    files["extensions.conf"] = _DIALPLAN.format(recordings=asterisk.paths.recordings)
    write(files, asterisk.paths, build, work.city.languages)
    return asterisk


def pid_of(asterisk: Asterisk) -> int:
    """Return a running Asterisk's process id."""
    return int(asterisk.pid_file.read_text())
