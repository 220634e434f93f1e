"""A whole city to be broken: each part a process, started again when it dies, and wires that can be cut."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from suar.asterisk.install import install_sipp
from suar.asterisk.process import Asterisk
from suar.demo.phones import OperatorPool, PhoneFailed
from suar.demo.web import DemoFailed, Web
from suar.record import decode_all
from suar.up import Part
from suar.workplace import Workplace
from tests.bench.bed import PHONES, city_file, prepare, stop
from tests.faults.clock import Clock
from tests.faults.proxy import Wire
from tests.ports import free_ports

RING_TIMEOUT_S = 5
_WRAP_UP_S = 1
_STARTS = 4
_REGISTERS = 4
_DURATION = re.compile(r"\d+:\d\d:\d\d\s*$")
KEEP_LOG = "SUAR_FAULTS_LOG"
"""Names a file for what the parts and Asterisk say; each fault adds its number to the name."""


@dataclass(frozen=True)
class Setting:
    """What a city needs so that a fault can come upon it."""

    standby: bool = False
    """A second controller waits."""
    controller: str = "ari_app"
    """The module that is run as the controller."""
    disk_mb: int | None = None
    """The state lies on a file system of its own, of this size."""
    own_clock: bool = False
    """The city runs by a clock that can be stepped; see :mod:`tests.faults.clock`."""


PLAIN = Setting()


@dataclass
class Bed:
    """A running city."""

    work: Workplace
    asterisk: Asterisk
    web: Web
    sipp: list[str]
    parts: dict[str, Part]
    wire: Wire
    """The controller's, to ARI."""
    ami_wire: Wire
    """The rescuer's, to AMI."""
    operators: list[str]
    clock: Clock | None = None
    phones: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def sip(self) -> str:
        return str(self.work.city.network.sip_bind)

    @property
    def database(self) -> Path:
        return self.work.state.root / "suar.db"

    @property
    def users(self) -> list[tuple[str, str]]:
        """The phones' names and passwords."""
        passwords = self.work.secrets.operator_sip_passwords
        return [(f"op-{name}", passwords[name]) for name in self.operators]

    def pid(self, part: str) -> int | None:
        """Return a part's process; ``leader`` is the controller that acts. None if there is none now."""
        if part == "asterisk":
            return self.asterisk.pid
        if part == "leader":
            with suppress(OSError, ValueError):
                return int((self.work.state.journal / "controller.lock").read_text())
            return None
        return self.parts[part].pid

    @asynccontextmanager
    async def staffed(self) -> AsyncIterator[None]:
        """Have a phone for every operator: who is connected to one hears herself."""
        async with self.phones:
            await self.bring_phones()
            yield

    async def bring_phones(self) -> None:
        """Have new phones; those that there were are gone without a word.

        On a busy machine a phone may be too slow to register: it tries again, as any phone does.
        """
        await self.phones.aclose()
        for left in reversed(range(_REGISTERS)):
            pool = OperatorPool(self.sipp, PHONES, self.sip, self.users, answer_after_s=0.8, echoes=True)
            try:
                await self.phones.enter_async_context(pool)
            except PhoneFailed:
                if not left:
                    raise
            else:
                break

    async def hold_somebody(self) -> None:
        """Have an operator who talks put her caller on hold; nobody, if nobody talks yet."""
        picture = await anext(self.web.pictures_whenever())
        for call in picture["calls"]:
            if call["phase"] == "talking" and await self.web.command(
                call["call_id"], "hold", call["operator"]
            ):
                return

    async def cli(self, command: str) -> str:
        return await asyncio.to_thread(self.asterisk.cli, command)

    async def left_behind(self) -> list[str]:
        """Return what there still is: channels, bridges and AGI scripts, each in a line.

        Whom the city calls back just now is no orphan.
        """
        # Around what is asked for, the console prints warnings and headings.
        channels = await self.cli("core show channels concise")
        bridges = await self.cli("bridge show all")
        found = [
            *(f"channel {line}" for line in channels.splitlines() if "!" in line),
            *(f"bridge {line}" for line in bridges.splitlines() if _DURATION.search(line)),
            *(f"script {pid}" for pid in self.agi_scripts()),
        ]
        picture = await anext(self.web.pictures_whenever()) if found else {"calls": []}
        outward = [call["call_id"] for call in picture["calls"] if call["is_outward"]]
        return [line for line in found if not any(call_id in line for call_id in outward)]

    def agi_scripts(self) -> list[int]:
        """Return the processes of the scripts that this city's Asterisk has started."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if "agi.triage" in command and str(self.work.state.root) in command:
                    found.append(int(entry.name))
        return found

    def was_alarmed(self, code: str) -> bool:
        """Whether the controller has raised an alarm, at any time."""
        with suppress(FileNotFoundError):
            lines = (self.work.state.alarms / "controller.log").read_bytes().splitlines(keepends=True)
            return any(one is not None and one["code"] == code for one in decode_all(lines))
        return False

    def rows(self) -> list[dict[str, Any]]:
        """Return every call that came in, with its incident, from the database; none while it cannot be read.

        Whom the city calls back meanwhile, by itself, is in her incident already.
        """
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{self.database}?mode=ro", timeout=2, uri=True)) as db,
        ):
            db.row_factory = sqlite3.Row
            found = db.execute(
                "select call.id, call.number, call.recording, call.recording_problem, call.ended_by,"
                " incident.disposition, incident.id as incident,"
                " (select count(*) from incidentevent where incidentevent.incident_id = incident.id"
                "  and incidentevent.what = 'lost') as lost"
                " from call join incident on call.incident_id = incident.id"
                " where call.presentation != 'dialled'"
            ).fetchall()
            return [dict(row) for row in found]
        return []


@asynccontextmanager
async def city(operators: int, setting: Setting) -> AsyncIterator[Bed]:
    """Run a city; ours reach Asterisk over wires that can be cut."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suar-faults-")))
        state = folder / "state"
        state.mkdir()
        if setting.disk_mb is not None:
            stack.enter_context(_own_disk(state, setting.disk_mb))
        text = city_file(operators)
        text = text.replace("ring_timeout_s = 12", f"ring_timeout_s = {RING_TIMEOUT_S}")
        text = text.replace("wrap_up_s = 0", f"wrap_up_s = {_WRAP_UP_S}")
        own, seen = folder / "city.toml", folder / "seen.toml"
        own.write_text(text)
        work = Workplace(own, state)
        http, ami = work.city.network.asterisk_http_bind, work.city.network.ami_bind
        http_port, ami_port = _free_ports_beside(text)
        text = text.replace(str(http), f"{http.host}:{http_port}").replace(str(ami), f"{ami.host}:{ami_port}")
        seen.write_text(text)
        sipp = await asyncio.to_thread(install_sipp)
        asterisk = await asyncio.to_thread(prepare, work)
        clock = Clock(folder) if setting.own_clock else None
        prefix = () if clock is None else clock.prefix
        asterisk.build = replace(asterisk.build, command=(*prefix, *asterisk.build.command))
        await stack.enter_async_context(asterisk.kept())
        wire, ami_wire = Wire(http.host, http.port), Wire(ami.host, ami.port)
        await stack.enter_async_context(wire.serving(http.host, http_port))
        await stack.enter_async_context(ami_wire.serving(ami.host, ami_port))
        log = stack.enter_context((folder / "parts.log").open("w"))
        stack.callback(_keep_log, folder)
        parts = {}
        for name, module, file in (
            ("controller", setting.controller, seen),
            ("rescuer", "agi", seen),
            ("web", "dashboards", own),
            ("standby", setting.controller, seen),
        ):
            if name == "standby" and not setting.standby:
                continue
            command = [*prefix, sys.executable, "-m", module, "--city", str(file), "--state", str(state)]
            command += ["--standby"] if setting.standby and module == setting.controller else []
            parts[name] = Part(module, command, log.fileno())
            task = asyncio.create_task(parts[name].run())
            stack.push_async_callback(stop, task)
        web = await stack.enter_async_context(Web(work))
        await _wait_until_up(web)
        names = [f"op{number}" for number in range(operators)]
        yield Bed(work, asterisk, web, sipp, parts, wire, ami_wire, names, clock)


def _free_ports_beside(text: str) -> tuple[int, int]:
    """Return two ports that neither anybody has nor this city file names: its own are not open yet."""
    named = {int(port) for port in re.findall(r":(\d+)", text)}
    while True:
        first, second = free_ports(2)
        if not named & {first, second}:
            return first, second


async def _wait_until_up(web: Web) -> None:
    """How fast a city starts is not what is measured here: a busy machine gets several times as long."""
    for left in reversed(range(_STARTS)):
        try:
            await web.wait_until_up()
        except DemoFailed:
            if not left:
                raise
        else:
            break


@contextmanager
def _own_disk(folder: Path, size_mb: int) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _keep_log(folder: Path) -> None:
    """What the parts said outlives the city, for whoever looks for a fault."""
    if kept := os.environ.get(KEEP_LOG):
        with Path(kept).open("a") as file:
            file.write((folder / "parts.log").read_text())
            file.write((folder / "state/asterisk/log/full.log").read_text())


def send_signal(pid: int | None, number: signal.Signals) -> None:
    """Send a signal to a process, if it still is there."""
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
