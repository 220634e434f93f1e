"""A whole city on one machine: each part a process of its own, started again when it dies.

This is for a demonstration, a trial or a small town. A larger city lets systemd do it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

from suar.asterisk.process import Asterisk
from suar.log import configure, get_logger
from suar.workplace import Workplace

_PAUSE_S = 1.0
_PATIENCE_S = 10.0
_NICE = {"dashboards": 5}
"""Calls come first: on a busy machine the pages wait for them. Priorities of getpriority(2)."""

log = get_logger()


class Part:
    """One process of ours, kept alive until told to stop."""

    def __init__(self, name: str, command: Sequence[str], log: int | None = None) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The living process's id."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def run(self) -> None:
        """Keep the process alive until cancelled; then stop it and see it end."""
        try:
            while True:
                # In a session of its own: Ctrl-C reaches it through us, in order, and once.
                self._process = await asyncio.create_subprocess_exec(
                    *self._command, start_new_session=True, stderr=self._log
                )
                with contextlib.suppress(ProcessLookupError):
                    os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICE.get(self.name, 0))
                status = await self._process.wait()
                log.error("part_died", part=self.name, status=status, again_in_s=_PAUSE_S)
                await asyncio.sleep(_PAUSE_S)
        finally:
            await self._stop()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _PATIENCE_S)
                return


def parts(work: Workplace, log: int | None = None) -> list[Part]:
    """Return the processes of a city beside Asterisk."""
    return [
        Part(module, [sys.executable, "-m", module, *work.arguments], log)
        for module in ("ari_app", "agi", "dashboards")
    ]


async def serve(work: Workplace, until: Callable[[], Awaitable[None]], log: int | None = None) -> None:
    """Run Asterisk and every part until ``until`` returns, then stop them all.

    What the parts log goes to the file ``log``, or where our own goes.
    """
    async with Asterisk.kept_running(work.city, work.state, work.secrets), asyncio.TaskGroup() as group:
        running = [group.create_task(part.run(), name=part.name) for part in parts(work, log)]
        try:
            await until()
        finally:
            for task in running:
                task.cancel()


async def interrupted() -> None:
    """Return at the first SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


def run(work: Workplace) -> int:
    """Run the city until Ctrl-C. Returns the exit status."""
    configure("suar")
    os.umask(0o077)
    log.info("city_starting", city=work.city.name, web=f"http://{work.city.network.web_bind}/")
    asyncio.run(serve(work, interrupted))
    return 0
