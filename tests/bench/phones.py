"""SIPp as a hundred operators and as their callers, measured where it is felt: at the phones' own wire."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from suar.demo.phones.operator import free_port, register_all
from suar.demo.phones.sipp import Sipp
from tests.bench.bed import PHONES

CALLERS = "127.0.0.11"
_SCENARIOS = Path(__file__).parent / "scenarios"
_AGAIN_S = 100.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message at a SIPp process's wire."""

    at: float
    """Unix time in seconds; SIPp writes microseconds."""
    sent: bool
    call_id: str
    sequence: str
    """The CSeq header's value, such as ``1 INVITE``."""
    line: str
    """The first line."""


def read_trace(text: str) -> list[Message]:
    """Read what SIPp's ``-trace_shortmsg`` has written."""
    found = []
    for row in text.splitlines():
        fields = row.split("\t")
        if len(fields) >= 6:
            found.append(_message(fields))
    return found


def _message(fields: Sequence[str]) -> Message:
    *stamps, direction, call_id, sequence, line = fields
    return Message(float(stamps[-1]), direction == "S", call_id, sequence.removeprefix("CSeq:").strip(), line)


def free_to_invite_ms(trace: Sequence[Message], callers: Sequence[Message], at_least: int) -> list[float]:
    """Return how long each operator who hung up waited for her next call, in milliseconds.

    Only of those whom ``at_least`` so many callers were waiting for just then: while the crowd gathers, an
    operator who is free is free because nobody calls. The phone's name is in the request line that Asterisk
    sends; the time is from the BYE that leaves the phone to the INVITE that reaches it.
    """
    rings_at: dict[str, str] = {}
    free_at: dict[str, float] = {}
    gaps = []
    for message in trace:
        if message.line.startswith("INVITE ") and not message.sent and message.call_id not in rings_at:
            phone = message.line.split()[1].partition("@")[0]
            rings_at[message.call_id] = phone
            if phone in free_at:
                gaps.append(1000 * (message.at - free_at.pop(phone)))
        elif message.line.startswith("BYE ") and message.sent and message.call_id in rings_at:
            phone = rings_at[message.call_id]
            if _waiting(callers, message.at) >= at_least:
                free_at[phone] = message.at
    return gaps


def _waiting(callers: Sequence[Message], at: float) -> int:
    """Return how many callers had called by then, and were not answered."""
    before = [one for one in callers if one.at <= at]
    asked = {one.call_id for one in before if one.sent and one.line.startswith("INVITE ")}
    answered = {
        one.call_id
        for one in before
        if not one.sent and one.line.startswith("SIP/2.0 200") and one.sequence.endswith("INVITE")
    }
    return len(asked - answered)


def invite_to_ok_ms(trace: Sequence[Message]) -> list[float]:
    """Return how long each caller's INVITE waited for its 200, in milliseconds."""
    asked_at: dict[str, float] = {}
    times = []
    for message in trace:
        if message.sent and message.line.startswith("INVITE "):
            asked_at.setdefault(message.call_id, message.at)
        elif (
            not message.sent
            and message.line.startswith("SIP/2.0 200")
            and message.sequence.endswith("INVITE")
            and message.call_id in asked_at
        ):
            times.append(1000 * (message.at - asked_at.pop(message.call_id)))
    return times


def repeated_invites(trace: Sequence[Message]) -> int:
    """Return how many INVITEs had to be sent again."""
    sent = [one.call_id for one in trace if one.sent and one.line.startswith("INVITE ")]
    return len(sent) - len(set(sent))


class Phones:
    """Every operator's phone, in one SIPp that answers at once, for as long as the context lasts."""

    def __init__(
        self,
        sipp: Sequence[str],
        registrar: str,
        users: Sequence[tuple[str, str]],
        *,
        talks_ms: tuple[int, int] | None = None,
    ) -> None:
        """``users`` are names with passwords. With ``talks_ms`` they hang up, after a random time between."""
        self._sipp, self._registrar, self._users, self._talks_ms = sipp, registrar, users, talks_ms
        self._port = free_port(PHONES)
        self._stack = AsyncExitStack()
        self._registered_at = 0.0
        self._seen = 0

    async def __aenter__(self) -> Self:
        values = {"rtp_port": free_port(PHONES), "talks_ms": self._talks_ms}
        arguments = ["-i", PHONES, "-p", str(self._port), "-l", "5000", self._registrar]
        arguments += ["-trace_shortmsg", "-shortmessage_file", "wire.log"]
        async with AsyncExitStack() as stack:
            scenario = _SCENARIOS / "phone.xml.j2"
            self._process = await stack.enter_async_context(Sipp(self._sipp, scenario, values, arguments))
            await self.renew()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    async def renew(self) -> None:
        """Register, unless that was lately: between two measurements, not in one."""
        if not self._registered_at or time.monotonic() - self._registered_at > _AGAIN_S:
            await register_all(self._sipp, PHONES, self._registrar, self._users, self._port)
            self._registered_at = time.monotonic()

    def trace(self) -> list[Message]:
        """Return what went over the wire since this was last asked."""
        path = self._process.folder / "wire.log"
        with path.open("rb") as file:
            file.seek(self._seen)
            text = file.read()
        whole = text.rfind(b"\n") + 1
        self._seen += whole
        return read_trace(text[:whole].decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Load:
    """What became of a number of calls."""

    calls: int
    failed: int
    trace: Sequence[Message] = field(repr=False)
    driver_cpu_s: float
    """What the callers themselves took of the processors."""


async def call(
    sipp: Sequence[str],
    to: str,
    dialled: str,
    *,
    rate: float,
    count: int,
    at_once: int = 5000,
    hold_ms: int = 0,
    patience_s: float = 10.0,
) -> Load:
    """Place calls at a rate, never more than ``at_once``; with no ``hold_ms`` callers wait for the BYE."""
    values = {"dialled": dialled, "hold_ms": hold_ms, "patience_ms": round(1000 * patience_s)}
    arguments = ["-i", CALLERS, "-r", str(rate), "-m", str(count), "-l", str(at_once), to]
    arguments += ["-trace_shortmsg", "-shortmessage_file", "wire.log", "-timeout", "280"]
    arguments += ["-trace_stat", "-stf", "stat.csv", "-fd", "1"]
    async with Sipp(sipp, _SCENARIOS / "caller.xml.j2", values, arguments) as process:
        spent = asyncio.create_task(_cpu_at_end(process))
        await process.ended()
        trace = read_trace((process.folder / "wire.log").read_text(errors="replace"))
        rows = (process.folder / "stat.csv").read_text().splitlines()
        last = dict(zip(rows[0].split(";"), rows[-1].split(";"), strict=False))
        return Load(count, int(last["FailedCall(C)"]), trace, await spent)


async def _cpu_at_end(process: Sipp) -> float:
    """Return the last that was seen of a process's processor time."""
    seen = 0.0
    while process.is_running():
        if process.pid is not None:
            seen = max(seen, cpu_s(process.pid))
        await asyncio.sleep(0.25)
    return seen


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has taken, in seconds; 0.0 if it is no more."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / _TICKS_PER_S


def cpus_s(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the processor time of each, by its name."""
    return {name: cpu_s(pid) for name, pid in pids.items()}
