"""Asterisk's manager interface, small and safe: one connection, used until it is lost.

panoramisk 1.4 parses and matches; what it does and we must not is met here. It sends an action again after a
reconnect, though it may have been done: here a connection that is lost is over, and what became of the
action is not known. It never notices a peer that is half gone: here a ping has to be answered. An exception
in a handler, or an `Originate` without ``Async``, drops its link: here a message that cannot be handled costs
only itself. It loses a character that is split between two segments: here bytes are decoded as they come.
It lets a line feed in a value become a header of its own: here that is refused.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from agi.errors import AmiRefused, AmiUnavailable
from suar.log import get_logger

_CONNECT_S = 3.0
_ANSWER_S = 3.0
_PING_PERIOD_S = 1.0
_PING_ANSWER_S = 2.0
_LONGEST_QUEUE = 10_000

log = get_logger()


@dataclass(frozen=True, slots=True)
class AmiSettings:
    """Where the manager interface is, and who we are to it."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)


class Ami:
    """A connection that is up. :meth:`connect` makes one."""

    def __init__(self, manager: _OneConnection) -> None:
        self._manager = manager

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: AmiSettings) -> AsyncIterator[Ami]:
        """Connect, log in, and mind the connection for as long as the context lasts.

        Raises :class:`~agi.errors.AmiUnavailable`, also out of the body, once the connection is lost.
        """
        manager = _OneConnection(settings)
        try:
            await manager.begin()
            ami = cls(manager)
            body = asyncio.current_task()
            minder = asyncio.create_task(ami._mind(), name="ami-minder")
            lost = over = False

            def on_lost(_: asyncio.Future[None]) -> None:
                nonlocal lost
                if body is not None and not lost and not over:
                    lost = True
                    body.cancel()

            manager.lost.add_done_callback(on_lost)
            try:
                yield ami
            except asyncio.CancelledError:
                if not lost or body is None:
                    raise
                body.uncancel()
                raise AmiUnavailable("the connection to Asterisk's manager interface is lost") from None
            finally:
                over = True
                manager.lost.remove_done_callback(on_lost)
                minder.cancel()
                with suppress(asyncio.CancelledError, AmiUnavailable):
                    await minder
        finally:
            manager.end()

    async def ask(self, action: str, **fields: str) -> list[dict[str, str]]:
        """Do one action and return its answer, or, for a list, the entries.

        Raises :class:`~agi.errors.AmiRefused` or :class:`~agi.errors.AmiUnavailable`. It is never repeated.
        """
        for name, value in fields.items():
            if "\r" in value or "\n" in value:
                raise AmiRefused(f"{name}: a line break in a value")
        # Without Async its answer would break panoramisk.
        extra = {"Async": "true"} if action == "Originate" else {}
        message = {"Action": action, **extra, **fields}
        # QueueAdd's answer looks like the beginning of a list that never comes.
        answers = await self._manager.answer(message, False if action == "QueueAdd" else None)
        if not answers[0].success:
            raise AmiRefused(f"{action}: {answers[0].message}")
        entries = [one for one in answers[1:] if not str(one.event).endswith("Complete")]
        return [_plain(one) for one in (entries if len(answers) > 1 else answers)]

    async def next_event(self) -> dict[str, str]:
        """Return the next event, in order."""
        return _plain(await self._manager.events.get())

    async def _mind(self) -> None:
        """A peer that is half gone answers no ping: the connection is then dropped."""
        while True:
            await asyncio.sleep(_PING_PERIOD_S)
            try:
                await self._manager.answer({"Action": "Ping"}, False, _PING_ANSWER_S)
            except AmiUnavailable:
                log.warning("ami_half_open")
                self._manager.abort()
                return


class _OneConnection(Manager):  # type: ignore[misc]  # panoramisk has no types.
    """A panoramisk manager that never connects twice and never sends twice."""

    def __init__(self, settings: AmiSettings) -> None:
        quiet = logging.getLogger("panoramisk.quiet")
        quiet.disabled = True
        loop = asyncio.get_running_loop()
        super().__init__(
            host=settings.host,
            port=settings.port,
            username=settings.username,
            secret=settings.secret,
            loop=loop,
            log=quiet,
            protocol_factory=_SafeProtocol,
            ping_delay=3600,
        )
        self.lost: asyncio.Future[None] = loop.create_future()
        self.events: asyncio.Queue[Message] = asyncio.Queue(_LONGEST_QUEUE)

    async def begin(self) -> None:
        """Connect and log in."""
        host, port = self.config["host"], self.config["port"]
        try:
            async with asyncio.timeout(_CONNECT_S):
                made: asyncio.Future[Any] = self.loop.create_future()
                made.set_result(await self.loop.create_connection(_SafeProtocol, host, port))
                self.connection_made(made)
                await self.authenticated_future
        except (OSError, TimeoutError) as error:
            raise AmiUnavailable(f"{host}:{port}: {error or 'no answer'}") from error
        if not self.authenticated:
            raise AmiUnavailable(f"{host}:{port}: the name or the secret is refused")

    async def answer(
        self, message: dict[str, str], as_list: bool | None, patience_s: float = _ANSWER_S
    ) -> list[Message]:
        if self.lost.done():
            raise AmiUnavailable("the connection is lost")
        # A plain copy: panoramisk changes what it is given.
        future = self.send_action(dict(message), as_list=as_list)
        try:
            async with asyncio.timeout(patience_s):
                await asyncio.wait({future, self.lost}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise AmiUnavailable(f"{message['Action']}: no answer in {patience_s:.0f} s") from None
        finally:
            self._forget(future)
        if not future.done() or future.cancelled():
            raise AmiUnavailable(
                f"{message['Action']}: the connection was lost; what became of it is unknown"
            )
        found = future.result()
        return found if isinstance(found, list) else [found]

    def _forget(self, future: asyncio.Future[Any]) -> None:
        """An action that is not answered must not be kept for ever."""
        for name in [name for name, action in self.responses.items() if action.future is future]:
            del self.responses[name]

    def dispatch(self, event: Message) -> None:
        """Keep events in order for whoever asks; handlers are nobody's business here."""
        with suppress(asyncio.QueueFull):
            self.events.put_nowait(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Panoramisk would connect again, and send again."""
        if not self.lost.done():
            self.lost.set_result(None)

    def abort(self) -> None:
        if self.protocol is not None:
            self.protocol.transport.abort()

    def end(self) -> None:
        if self.pinger is not None:
            self.pinger.cancel()
        self.awaiting_actions.clear()
        if self.protocol is not None:
            self.protocol.responses.clear()
            self.close()


class _SafeProtocol(AMIProtocol):  # type: ignore[misc]
    """Panoramisk's protocol, with bytes decoded as they come, and one bad message costing one message."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def data_received(self, data: bytes) -> None:
        super().data_received(self._decoder.decode(data).encode())

    def handle_message(self, message: Message) -> None:
        try:
            super().handle_message(message)
        except Exception:
            log.exception("ami_message_unhandled")

    def connection_lost(self, exc: Exception | None) -> None:
        if self.factory is not None:
            self.responses.clear()
            super().connection_lost(exc)


def _plain(message: Message) -> dict[str, str]:
    return {str(key).lower(): str(value) for key, value in message.items()}
