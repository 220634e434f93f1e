"""An operator's softphone: registers, rings, answers, talks, hangs up; one call after another."""

from __future__ import annotations

import asyncio
import socket
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from suar.demo.phones.peer import RtpPeer
from suar.demo.phones.sipp import PhoneFailed, Sipp

_NEVER_MS = 3_600_000
_EXPIRES_S = 300
_AGAIN_S = 120


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
    ) -> None:
        self._sipp = sipp
        self._local_ip = local_ip
        self._registrar = registrar
        self._user = user
        self._password = password
        self._answer_after_ms = _NEVER_MS if answer_after_s is None else max(1, round(answer_after_s * 1000))
        self._hang_up_after_ms = _NEVER_MS if hang_up_after_s is None else round(hang_up_after_s * 1000)
        self._reject = reject
        self._stack = AsyncExitStack()
        self._port = free_port(local_ip)
        self.peer = RtpPeer(local_ip, voice)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.peer)
            values = {
                "rtp_port": self.peer.port,
                "answer_after_ms": self._answer_after_ms,
                "hang_up_after_ms": self._hang_up_after_ms,
                "reject": self._reject,
            }
            arguments = ["-i", self._local_ip, "-p", str(self._port), self._registrar]
            self._phone = await stack.enter_async_context(Sipp(self._sipp, "operator", values, arguments))
            await self.register()
            again = asyncio.create_task(self._register_again(), name=f"register-{self._user}")
            stack.push_async_callback(_cancel, again)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def register(self) -> None:
        """Register with digest. Raises :class:`PhoneFailed` if the registrar will not have us."""
        await register(self._sipp, self._local_ip, self._registrar, self._user, self._password, self._port)

    def steps(self) -> list[str]:
        """Return what has happened: ``ringing``, ``talking``, ``caller gone``, ``hung up``, ``cancelled``."""
        return self._phone.steps()

    async def _register_again(self) -> None:
        while True:
            await asyncio.sleep(_AGAIN_S)
            await self.register()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def register(
    sipp: Sequence[str], local_ip: str, registrar: str, user: str, password: str, contact_port: int
) -> None:
    """Register ``user`` with a contact at ``contact_port``. Raises :class:`PhoneFailed`."""
    values = {
        "user": user,
        "password": password,
        "contact_port": contact_port,
        "expires_s": _EXPIRES_S,
    }
    arguments = ["-i", local_ip, "-m", "1", registrar, "-timeout", "10"]
    async with Sipp(sipp, "register", values, arguments) as process:
        if await process.ended():
            raise PhoneFailed(f"{user} cannot register: {process.errors() or 'no answer'}")


def free_port(local_ip: str) -> int:
    """Return a UDP port that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((local_ip, 0))
        return int(probe.getsockname()[1])
