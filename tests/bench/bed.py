"""What the benches stand on: a city for load, its processes, and SIPp's own measurements."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from suar.asterisk.install import install, install_sipp
from suar.asterisk.process import Asterisk
from suar.asterisk.render import render, write
from suar.city import load
from suar.demo.phones.sipp import Sipp
from suar.demo.web import Web
from suar.up import Part
from suar.workplace import Workplace
from tests.integration.conftest import SURABAYA, with_free_ports

PHONES = "127.0.0.101"
# Beside the way of an emergency call, Asterisk's own Answer() on the same trunk.
_OWN_ANSWER = "\n[from-telkomsel](+)\nexten => 999,1,Answer()\n same => n,Wait(30)\n"


def say(text: str) -> None:
    """Print a line."""
    print(text, flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of all do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


@dataclass
class Bed:
    """A running city."""

    work: Workplace
    asterisk: Asterisk
    web: Web
    sipp: list[str]
    parts: dict[str, Part]
    log: Path
    """What the parts say, a JSON object a line."""

    def controller_pid(self) -> int:
        """Return the living controller's process id."""
        pid = self.parts["ari_app"].pid
        if pid is None:
            raise RuntimeError("the controller does not run")
        return pid

    @property
    def sip(self) -> str:
        return str(self.work.city.network.sip_bind)


@asynccontextmanager
async def city(
    operators: int,
    rescued: bool = False,
    floods: bool = False,
    greets: bool = True,
    minds_silence: bool = True,
) -> AsyncIterator[Bed]:
    """Run a city with many operators, each part a process of its own, as `suar up` does.

    Unless it ``minds_silence``, an operator's phone that sends nothing, as SIPp's, is not taken for dead.
    """
    modules = ("ari_app", "agi", "dashboards") if rescued else ("ari_app", "dashboards")
    with tempfile.TemporaryDirectory(prefix="suar-bench-") as folder:
        path = Path(folder) / "city.toml"
        path.write_text(city_file(operators, floods, greets))
        work = Workplace(path, Path(folder) / "state")
        sipp = await asyncio.to_thread(install_sipp)
        asterisk = await asyncio.to_thread(prepare, work, _OWN_ANSWER, minds_silence)
        process = await asyncio.to_thread(asterisk.start)
        log_file = Path(folder) / "parts.log"
        log = log_file.open("w")
        parts: dict[str, Part] = {}
        try:
            async with AsyncExitStack() as stack:
                for module in modules:
                    command = [sys.executable, "-m", module, *work.arguments]
                    parts[module] = Part(module, command, log.fileno())
                    task = asyncio.create_task(parts[module].run())
                    stack.push_async_callback(stop, task)
                web = await stack.enter_async_context(Web(work))
                await web.wait_until_up()
                yield Bed(work, asterisk, web, sipp, parts, log_file)
        finally:
            await asyncio.to_thread(asterisk.stop, process)
            log.close()


async def stop(task: asyncio.Task[None]) -> None:
    """Stop a part, and see it end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def prepare(work: Workplace, more_dialplan: str = "", minds_silence: bool = True) -> Asterisk:
    """Write the configuration of a city's Asterisk."""
    work.state.create()
    build = install()
    asterisk = Asterisk(work.state, build)
    files = render(work.city, work.secrets, asterisk.paths)
    files["extensions.conf"] += more_dialplan
    if not minds_silence:
        files["pjsip.conf"] = files["pjsip.conf"].replace("rtp_timeout =", ";rtp_timeout =")
    write(files, asterisk.paths, build, work.city.languages)
    return asterisk


def city_file(operators: int, floods: bool = False, greets: bool = True) -> str:
    """Return Surabaya's file with other ports, more operators and no wrap-up.

    One carrier brings all of most benches' calls: unless ``floods``, it may.
    """
    text, shipped = SURABAYA.read_text(), load(SURABAYA)
    free = with_free_ports(shipped).network
    for name in shipped.network.bind_names():
        text = text.replace(str(getattr(shipped.network, name)), str(getattr(free, name)))
    text = text.replace("wrap_up_s = 30", "wrap_up_s = 0").replace("channels = 60", "channels = 5000")
    text = text.replace("rtp_last_port = 21999", "rtp_last_port = 29999")
    text = text.replace("greets = true", f"greets = {str(greets).lower()}")
    if not floods:
        text = text.replace("\non = true\n", "\non = false\n")
    # What is counted here is what is placed here.
    text = text.replace("every_s = 60", "every_s = 0")
    head, _, rest = text.partition("[[operators]]")
    triage = rest[rest.index("# The triage plan") :]
    people = "".join(
        f'[[operators]]\nid = "op{number}"\nname = "Operator {number}"\nextension = "{3000 + number}"\n'
        'languages = ["id"]\nskills = ["medical"]\nqueues = ["emergency"]\n\n'
        for number in range(operators)
    )
    return head + people + triage


async def load_calls(
    bed: Bed,
    dialled: str,
    rate: int,
    count: int,
    *,
    digit: str = "",
    hold_ms: int = 500,
    callers_hang_up: bool = False,
    source: str = "127.0.0.11",
) -> tuple[int, list[float]]:
    """Place calls at a rate; return how many failed, and each INVITE's time to its 200 in milliseconds.

    ``source`` is the carrier's address; each call has a number of its own. Whoever presses a ``digit`` waits
    for the far end's BYE, unless ``callers_hang_up`` as those do who press none.
    """
    values = {"dialled": dialled, "digit": digit, "digit_after_ms": 300, "hold_ms": hold_ms}
    values["waits"] = bool(digit) and not callers_hang_up
    arguments = [
        "-i", source, "-r", str(rate), "-m", str(count), "-l", "5000", bed.sip,
        "-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-timeout", "300",
    ]  # fmt: skip
    async with Sipp(bed.sipp, "load", values, arguments) as sipp:
        await sipp.ended()
        folder = Path(sipp.folder)
        times = [
            float(line.split(";")[1])
            for path in folder.glob("*_rtt.csv")
            for line in path.read_text().splitlines()[1:]
        ]
        rows = (folder / "stat.csv").read_text().splitlines()
        last = dict(zip(rows[0].split(";"), rows[-1].split(";"), strict=False))
        return int(last["FailedCall(C)"]), times
