"""SIPp as a child of ours: a scenario, a process, and what it says when it fails."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from suar.errors import Blame, SuarError

_SCENARIOS = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "scenarios"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - SIP in CDATA, not a web page
    trim_blocks=True,
    lstrip_blocks=True,
)
_PATIENCE_S = 3.0


class PhoneFailed(SuarError):
    """A robot phone failed."""

    blame = Blame.HOST


class Sipp:
    """One SIPp process, playing one scenario. Leaves no file and no process behind."""

    def __init__(
        self,
        command: Sequence[str],
        scenario: str,
        values: Mapping[str, object],
        arguments: Sequence[str],
    ) -> None:
        self._command = command
        self._text = _SCENARIOS.get_template(f"{scenario}.xml.j2").render(values)
        self._arguments = arguments
        self._folder = tempfile.TemporaryDirectory(prefix="suar-sipp-")
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        folder = Path(self._folder.name)
        (folder / "scenario.xml").write_text(self._text)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            *self._arguments,
            "-sf",
            "scenario.xml",
            "-nostdin",
            "-trace_err",
            "-error_file",
            "errors.log",
            "-trace_logs",
            "-log_file",
            "steps.log",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, "TERM": "dumb"},
            start_new_session=True,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    process.send_signal(number)
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _PATIENCE_S)
                    break
        self._folder.cleanup()

    @property
    def folder(self) -> Path:
        """Where SIPp writes what it measures, for as long as the context lasts."""
        return Path(self._folder.name)

    async def ended(self) -> int:
        """Wait for the scenario's end; return SIPp's exit status, 0 if every call went as written."""
        return await self._started().wait()

    def stop(self) -> None:
        """Make the process end as soon as its calls have."""
        with suppress(ProcessLookupError):
            self._started().send_signal(signal.SIGUSR1)

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise PhoneFailed("SIPp was not started")
        return self._process

    def steps(self) -> list[str]:
        """Return what the scenario has logged so far, a line each."""
        return self._read("steps.log").splitlines()

    def errors(self) -> str:
        """Return what SIPp complained of."""
        return self._read("errors.log")[-1500:]

    def _read(self, name: str) -> str:
        try:
            return (Path(self._folder.name) / name).read_text(errors="replace")
        except OSError:
            return ""
