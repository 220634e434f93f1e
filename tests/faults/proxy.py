"""A wire between one of ours and Asterisk that can be cut, left half open, made slow, or garbled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Wire:
    """Carries bytes both ways while nothing is wrong with it."""

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self._links: set[asyncio.StreamWriter] = set()
        self._near: set[asyncio.StreamWriter] = set()
        self._to_ours = asyncio.Event()
        self._to_asterisk = asyncio.Event()
        self.mend()

    def mend(self) -> None:
        """Nothing is wrong."""
        self._to_ours.set()
        self._to_asterisk.set()

    def cut(self) -> None:
        """Both ends see at once that the link is gone."""
        for writer in list(self._links):
            writer.transport.abort()

    def swallow(self) -> None:
        """Half open: neither end hears anything, and neither is told."""
        self._to_ours.clear()
        self._to_asterisk.clear()

    def deafen(self) -> None:
        """Ours speaks and hears nothing."""
        self._to_ours.clear()

    def inject(self, data: bytes) -> None:
        """Say something to ours that Asterisk never said."""
        for writer in self._near:
            writer.write(data)

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._link, host, port)
        try:
            yield
        finally:
            server.close()
            self.mend()
            self.cut()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._far)
        except OSError:
            writer.transport.abort()
            return
        self._links |= {writer, far_writer}
        self._near.add(writer)
        there = asyncio.create_task(self._carry(reader, far_writer, self._to_asterisk))
        back = asyncio.create_task(self._carry(far_reader, writer, self._to_ours))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        for task in (there, back):
            task.cancel()
        for one in (writer, far_writer):
            one.transport.abort()
            self._links.discard(one)
        self._near.discard(writer)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: asyncio.Event
    ) -> None:
        with suppress(ConnectionError, OSError):
            while data := await reader.read(65536):
                await passes.wait()
                writer.write(data)
                await writer.drain()
