"""An operator's softphone: registers, rings, answers, talks, hangs up; one call after another."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from suar.demo.phones.peer import RtpPeer
from suar.demo.phones.sipp import PhoneFailed, Sipp, free_port, tell

__all__ = ["OperatorCall", "OperatorPhone", "OperatorPool", "free_port", "register", "register_all"]

_NEVER_MS = 3_600_000
_EXPIRES_S = 300
_AGAIN_S = 120
_AGAIN_AFTER_FAILURE_S = 5
_PATIENCE_S = 4.0
_FAREWELL_S = 0.5


@dataclass(frozen=True, slots=True)
class OperatorCall:
    """One call that rang at the phone. Times are the event loop's, in seconds."""

    call_id: str
    """SIP's Call-ID."""
    rang_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    outcome: str = "ringing"
    """The last step: ``ringing``, ``talking``, ``caller gone``, ``hung up``, ``cancelled``, ``rejected``."""
    heard: array[int] = field(default_factory=lambda: array("h"), repr=False)
    """From the answer to the end, once it has ended."""


class OperatorPhone:
    """A phone that is registered for as long as the context lasts."""

    def __init__(
        self,
        sipp: Sequence[str],
        local_ip: str,
        registrar: str,
        user: str,
        password: str,
        *,
        voice: array[int] | None = None,
        answer_after_s: float | None = 1.0,
        hang_up_after_s: float | None = None,
        reject: str | None = None,
        vanishes: bool = False,
    ) -> None:
        """``reject`` is a status line such as ``486 Busy Here``; None for a time is never.

        A phone that ``vanishes`` does not say at the end that it goes, as when its cable is pulled.
        """
        self._sipp = sipp
        self._local_ip = local_ip
        self._registrar = registrar
        self._user = user
        self._password = password
        self._answer_after_ms = _milliseconds(answer_after_s)
        self._hang_up_after_ms = _milliseconds(hang_up_after_s)
        self._reject = reject
        self._vanishes = vanishes
        self._stack = AsyncExitStack()
        self._port = free_port(local_ip)
        self._calls: dict[str, OperatorCall] = {}
        self.peer = RtpPeer(local_ip, voice)
        self.keys_informed = ""
        """Keys that came as SIP INFO; those among the voice are the peer's."""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.peer)
            self.peer.shut()
            values = {
                "rtp_port": self.peer.port,
                "answer_after_ms": self._answer_after_ms,
                "hang_up_after_ms": self._hang_up_after_ms,
                "reject": self._reject,
            }
            arguments = ["-i", self._local_ip, "-p", str(self._port), self._registrar]
            self._phone = await stack.enter_async_context(Sipp(self._sipp, "operator", values, arguments))
            stack.push_async_callback(
                _cancel, asyncio.create_task(self._follow(), name=f"phone-{self._user}")
            )
            await self.register()
            if not self._vanishes:
                stack.push_async_callback(self._say_goodbye)
            again = asyncio.create_task(self._register_again(), name=f"register-{self._user}")
            stack.push_async_callback(_cancel, again)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def address(self) -> str:
        """Where the phone takes SIP, ``host:port``."""
        return f"{self._local_ip}:{self._port}"

    async def register(self) -> None:
        """Register with digest. Raises :class:`PhoneFailed` if the registrar will not have us."""
        await register(self._sipp, self._local_ip, self._registrar, self._user, self._password, self._port)

    async def unregister(self) -> None:
        """Say that the phone goes. Raises :class:`PhoneFailed` if nobody takes that."""
        await register_all(
            self._sipp,
            self._local_ip,
            self._registrar,
            [(self._user, self._password)],
            self._port,
            expires_s=0,
            patience_s=_FAREWELL_S,
        )

    def steps(self) -> list[str]:
        """Return what has happened: ``ringing``, ``talking``, ``caller gone``, ``hung up``, ``cancelled``."""
        return self._phone.steps()

    def calls(self) -> list[OperatorCall]:
        """Return the calls that rang here, oldest first."""
        return list(self._calls.values())

    def answer(self) -> None:
        """Answer the call that rings now. Raises :class:`PhoneFailed` if none does."""
        self._tell("ANSWER", "ringing")

    def hang_up(self) -> None:
        """Hang up the call that goes on now. Raises :class:`PhoneFailed` if none does."""
        self._tell("HANGUP", "talking")

    def _tell(self, method: str, outcome: str) -> None:
        call = next((call for call in self.calls() if call.outcome == outcome), None)
        if call is None:
            raise PhoneFailed(f"{self._user}: no call is {outcome}")
        tell((self._local_ip, self._port), call.call_id, method)

    async def _follow(self) -> None:
        far: dict[str, tuple[str, int]] = {}
        async for step in self._phone.follow():
            now = asyncio.get_running_loop().time()
            match step:
                case ["ringing", call_id, host, port]:
                    self._calls[call_id] = OperatorCall(call_id, now)
                    if host and port.isdigit():
                        far[call_id] = (host, int(port))
                case ["talking", call_id]:
                    self.peer.open(far.get(call_id))
                    self._change(call_id, outcome="talking", answered_at=now)
                case ["informed", _, signal]:
                    self.keys_informed += signal.removeprefix("Signal=")
                case [outcome, call_id]:
                    self._end(call_id, outcome, now)
                    far.pop(call_id, None)

    def _end(self, call_id: str, outcome: str, now: float) -> None:
        began = self._calls[call_id].answered_at
        heard = array("h")
        if began is not None:
            self.peer.shut()
            heard = self.peer.heard_between(began, now)
        self._change(call_id, outcome=outcome, ended_at=now, heard=heard)

    def _change(self, call_id: str, **changes: object) -> None:
        self._calls[call_id] = replace(self._calls[call_id], **changes)  # type: ignore[arg-type]

    async def _register_again(self) -> None:
        pause_s: float = _AGAIN_S
        while True:
            await asyncio.sleep(pause_s)
            try:
                await self.register()
                pause_s = _AGAIN_S
            except PhoneFailed:
                # The registrar may be starting again.
                pause_s = _AGAIN_AFTER_FAILURE_S

    async def _say_goodbye(self) -> None:
        with suppress(PhoneFailed):
            await self.unregister()


class OperatorPool:
    """Many operators' phones in one process, for load: no voice of their own, one behaviour for all."""

    def __init__(
        self,
        sipp: Sequence[str],
        local_ip: str,
        registrar: str,
        users: Sequence[tuple[str, str]],
        *,
        answer_after_s: float = 0.1,
        hang_up_after_s: float | None = None,
        echoes: bool = False,
    ) -> None:
        """``users`` are names with their passwords. With ``echoes``, callers hear themselves."""
        self._users = users
        self._sipp = sipp
        self._local_ip = local_ip
        self._registrar = registrar
        self._answer_after_ms = _milliseconds(answer_after_s)
        self._hang_up_after_ms = _milliseconds(hang_up_after_s)
        self._echoes = echoes
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        port, rtp_port = free_port(self._local_ip), free_port(self._local_ip)
        values = {
            "rtp_port": rtp_port,
            "answer_after_ms": self._answer_after_ms,
            "hang_up_after_ms": self._hang_up_after_ms,
            "reject": None,
        }
        arguments = ["-i", self._local_ip, "-p", str(port), "-l", "5000", self._registrar]
        if self._echoes:
            arguments += ["-mi", self._local_ip, "-mp", str(rtp_port), "-rtp_echo"]
        async with AsyncExitStack() as stack:
            self._phones = await stack.enter_async_context(Sipp(self._sipp, "operator", values, arguments))
            await register_all(self._sipp, self._local_ip, self._registrar, self._users, port)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def pid(self) -> int | None:
        """The process that is the phones."""
        return self._phones.pid

    def steps(self) -> list[str]:
        """Return what has happened at all phones, in order; see :meth:`OperatorPhone.steps`."""
        return self._phones.steps()


async def register(
    sipp: Sequence[str], local_ip: str, registrar: str, user: str, password: str, contact_port: int
) -> None:
    """Register ``user`` with a contact at ``contact_port``. Raises :class:`PhoneFailed`."""
    await register_all(sipp, local_ip, registrar, [(user, password)], contact_port)


async def register_all(
    sipp: Sequence[str],
    local_ip: str,
    registrar: str,
    users: Sequence[tuple[str, str]],
    contact_port: int,
    *,
    expires_s: int = _EXPIRES_S,
    patience_s: float = _PATIENCE_S,
) -> None:
    """Register users, all at one contact. Raises :class:`PhoneFailed`."""
    values = {
        "contact_port": contact_port,
        "expires_s": expires_s,
        "patience_ms": _milliseconds(patience_s),
    }
    lines = [f"{user};[authentication username={user} password={password}]" for user, password in users]
    count = str(len(users))
    arguments = ["-i", local_ip, "-p", str(free_port(local_ip)), "-m", count, "-r", "50", "-l", "20"]
    arguments += ["-inf", "users.csv", registrar, "-timeout", "60"]
    files = {"users.csv": "\n".join(["SEQUENTIAL", *lines, ""])}
    async with Sipp(sipp, "register", values, arguments, files) as process:
        if await process.ended():
            names = users[0][0] if len(users) == 1 else f"{users[0][0]} or another of {count}"
            raise PhoneFailed(f"{names} cannot register: {process.errors() or 'no answer'}")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _milliseconds(seconds: float | None) -> int:
    return _NEVER_MS if seconds is None else max(1, round(seconds * 1000))
