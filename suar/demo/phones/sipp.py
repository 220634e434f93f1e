"""SIPp as a child of ours: a scenario, a process, and what it says when it fails."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
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
_GLANCE_S = 0.01
# SIPp's exit status where it could not work at all: 253 (RTP), 254 (a port), 255 (arguments, scenario).
_COULD_NOT_WORK = 253
_LAST_WORDS = 1500


class PhoneFailed(SuarError):
    """A robot phone failed."""

    blame = Blame.HOST


class Sipp:
    """One SIPp process, playing one scenario. Leaves no file and no process behind."""

    def __init__(
        self,
        command: Sequence[str],
        scenario: str | Path,
        values: Mapping[str, object],
        arguments: Sequence[str],
        files: Mapping[str, str] | None = None,
    ) -> None:
        """``scenario`` is one of ours by its name, or a file of the same kind."""
        self._command = command
        template = (
            _SCENARIOS.from_string(scenario.read_text())
            if isinstance(scenario, Path)
            else _SCENARIOS.get_template(f"{scenario}.xml.j2")
        )
        self._text = template.render(values)
        self._arguments = arguments
        self._files = {"scenario.xml": self._text, **(files or {})}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="suar-sipp-")
        for name, text in self._files.items():
            (self.folder / name).write_text(text)
        options = ["-sf", "scenario.xml", "-nostdin", "-trace_err", "-error_file", "errors.log"]
        options += ["-trace_logs", "-log_file", "steps.log"]
        try:
            with (self.folder / "console.log").open("wb") as console:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    *self._arguments,
                    *options,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=console,
                    cwd=self.folder,
                    env={**os.environ, "TERM": "dumb"},
                    start_new_session=True,
                )
        except OSError as error:
            self._folder.cleanup()
            raise PhoneFailed(f"{self._command[0]} does not start: {error.strerror}") from error
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        try:
            if process is not None and process.returncode is None:
                for number in (signal.SIGTERM, signal.SIGKILL):
                    with suppress(ProcessLookupError):
                        process.send_signal(number)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(process.wait(), _PATIENCE_S)
                        break
        finally:
            if process is not None and process.returncode is None:
                process.kill()
            if self._folder is not None:
                self._folder.cleanup()

    @property
    def folder(self) -> Path:
        """Where SIPp writes what it measures, for as long as the context lasts."""
        if self._folder is None:
            raise PhoneFailed("SIPp was not started")
        return Path(self._folder.name)

    @property
    def pid(self) -> int | None:
        """The process; None if it was not started."""
        return None if self._process is None else self._process.pid

    async def ended(self) -> int:
        """Wait for the scenario's end; return SIPp's exit status, 0 if every call went as written.

        Raises :class:`PhoneFailed` with SIPp's words if it could not work at all.
        """
        status = await self._started().wait()
        if status >= _COULD_NOT_WORK:
            words = self.errors() or self._read("console.log")[-_LAST_WORDS:]
            raise PhoneFailed(f"SIPp gave up: {words or f'exit status {status}'}")
        return status

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._started().returncode is None

    def stop(self) -> None:
        """Make the process end as soon as its calls have."""
        with suppress(ProcessLookupError):
            self._started().send_signal(signal.SIGUSR1)

    def kill(self) -> None:
        """Make the process end now, without a word to the far end."""
        with suppress(ProcessLookupError):
            self._started().kill()

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise PhoneFailed("SIPp was not started")
        return self._process

    async def follow(self) -> AsyncIterator[list[str]]:
        """Yield each step that the scenario logs, as it does, until the process has ended.

        A step is its name and what belongs to it, which stand in the log between bars.
        """
        seen = 0
        while True:
            goes_on = self.is_running()
            lines = self._read("steps.log").splitlines(keepends=True)[seen:]
            for line in lines:
                # SIPp may be in the middle of a line.
                if line.endswith("\n") or not goes_on:
                    seen += 1
                    yield line.rstrip("\n").split("|")
            if not goes_on:
                return
            await asyncio.sleep(_GLANCE_S)

    def steps(self) -> list[str]:
        """Return the names of the steps that the scenario has logged so far."""
        return [line.partition("|")[0] for line in self._read("steps.log").splitlines()]

    def errors(self) -> str:
        """Return what SIPp complained of."""
        return self._read("errors.log")[-_LAST_WORDS:]

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(errors="replace")
        except OSError:
            return ""


def tell(address: tuple[str, int], call_id: str, method: str, **headers: str) -> None:
    """Tell a scenario something about one of its calls, in a datagram to its own SIP port.

    SIPp takes a request by its Call-ID, wherever it comes from. The methods are none of SIP's,
    so that nothing which the far end sends can be taken for them; nothing is answered.
    """
    host, _ = address
    lines = [
        f"{method} sip:phone SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:9;branch=z9hG4bK{secrets.token_hex(8)}",
        "From: <sip:hand@phone.invalid>",
        "To: <sip:phone@phone.invalid>",
        f"Call-ID: {call_id}",
        f"CSeq: 1 {method}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Content-Length: 0",
        "",
        "",
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hand:
        hand.sendto("\r\n".join(lines).encode(), address)


def free_port(local_ip: str) -> int:
    """Return a UDP port that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((local_ip, 0))
        return int(probe.getsockname()[1])
