"""A whole city to be broken: each part a process, started again when it dies, and a wire that can be cut."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suar.asterisk.install import install_sipp
from suar.asterisk.process import Asterisk
from suar.demo.web import Web
from suar.up import Part
from suar.workplace import Workplace
from tests.bench.bed import city_file, prepare, stop
from tests.faults.proxy import Wire
from tests.integration.conftest import free_ports


@dataclass
class Bed:
    """A running city."""

    work: Workplace
    asterisk: Asterisk
    web: Web
    sipp: list[str]
    parts: dict[str, Part]
    wire: Wire
    operators: list[str]

    @property
    def sip(self) -> str:
        return str(self.work.city.network.sip_bind)

    @property
    def users(self) -> list[tuple[str, str]]:
        """The phones' names and passwords."""
        passwords = self.work.secrets.operator_sip_passwords
        return [(f"op-{name}", passwords[name]) for name in self.operators]

    def signal(self, part: str, number: signal.Signals) -> None:
        """Send a signal to a part of ours, by its id."""
        pid = self.asterisk.pid if part == "asterisk" else self.parts[part].pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    async def cli(self, command: str) -> str:
        return await asyncio.to_thread(self.asterisk.cli, command)

    async def left_behind(self) -> int:
        """Return how many channels and bridges Asterisk holds."""
        channels = await self.cli("core show channels count")
        bridges = (await self.cli("bridge show all")).splitlines()[1:]
        return int(channels.split()[0]) + sum(bool(line.strip()) for line in bridges)

    def rows(self) -> list[dict[str, Any]]:
        """Return every call that the database has, with its incident."""
        with closing(sqlite3.connect(self.work.state.root / "suar.db", timeout=20)) as db:
            db.row_factory = sqlite3.Row
            found = db.execute(
                "select call.id, call.number, call.recording, call.recording_problem, call.ended_by,"
                " incident.disposition, incident.id as incident,"
                " (select count(*) from incidentevent where incidentevent.incident_id = incident.id"
                "  and incidentevent.what = 'lost') as lost"
                " from call join incident on call.incident_id = incident.id"
            ).fetchall()
        return [dict(row) for row in found]


@asynccontextmanager
async def city(operators: int, standby: bool = False) -> AsyncIterator[Bed]:
    """Run a city; the controller reaches Asterisk over a wire of ours."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suar-faults-")))
        text = city_file(operators).replace("ring_timeout_s = 12", "ring_timeout_s = 5")
        own, seen = folder / "city.toml", folder / "seen.toml"
        own.write_text(text)
        work = Workplace(own, folder / "state")
        http = work.city.network.asterisk_http_bind
        (port,) = free_ports(1)
        seen.write_text(text.replace(str(http), f"{http.host}:{port}"))
        sipp = await asyncio.to_thread(install_sipp)
        asterisk = await asyncio.to_thread(prepare, work)
        await stack.enter_async_context(asterisk.kept())
        wire = Wire(http.host, http.port)
        await stack.enter_async_context(wire.serving(http.host, port))
        log = stack.enter_context((folder / "parts.log").open("w"))
        stack.callback(_keep_log, folder)
        parts = {}
        for name, module, file in (
            ("controller", "ari_app", seen),
            ("rescuer", "agi", own),
            ("web", "dashboards", own),
            ("standby", "ari_app", seen),
        ):
            if name == "standby" and not standby:
                continue
            command = [sys.executable, "-m", module, "--city", str(file), "--state", str(work.state.root)]
            command += ["--standby"] if standby and module == "ari_app" else []
            parts[name] = Part(module, command, log.fileno())
            task = asyncio.create_task(parts[name].run())
            stack.push_async_callback(stop, task)
        web = await stack.enter_async_context(Web(work))
        await web.wait_until_up()
        yield Bed(work, asterisk, web, sipp, parts, wire, [f"op{number}" for number in range(operators)])


def _keep_log(folder: Path) -> None:
    """What the parts said outlives the city, for whoever looks for a fault."""
    if kept := os.environ.get("SUAR_FAULTS_LOG"):
        with Path(kept).open("a") as file:
            file.write((folder / "parts.log").read_text())
            file.write((folder / "state/asterisk/log/full.log").read_text())
