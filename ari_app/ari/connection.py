"""The socket to Asterisk: events come in, requests go out, and it comes back when it is lost.

We dial Asterisk, never the other way round: then Asterisk knows at once when we are gone, and its dialplan
looks after new callers. The reader only decodes and routes. One socket runs its requests strictly in
order, so a request that is sent first is done first.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import msgspec

from ari_app.ari.errors import AriRejected, AriUnavailable, ResourceGone
from ari_app.ari.events import (
    WANTED,
    ApplicationReplaced,
    AriEvent,
    ChannelUserevent,
    RESTResponse,
    decode,
)
from suar.log import get_logger

_PING = "suar-ping"
_GONE = {404, 409, 412, 422}

log = get_logger()


@dataclass(frozen=True, slots=True)
class AriSettings:
    """Where Asterisk is, and how patient to be with it."""

    base_url: str
    """Such as ``http://127.0.0.1:8088``."""
    application: str
    username: str
    password: str = field(repr=False)
    request_timeout_s: float = 5.0
    ping_period_s: float = 1.0
    ping_timeout_s: float = 2.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0


class Replaced(Exception):
    """Another controller has connected under our name: it acts from here on, and we must not."""


class AriConnection:
    """Keeps one socket to Asterisk.

    ``on_event`` takes each event at once, in order, and must not block. ``on_connected`` runs after each
    connection, before any event of it is handed out, and may send requests. ``on_lost`` is told when the
    socket has gone.
    """

    def __init__(
        self,
        settings: AriSettings,
        *,
        on_event: Callable[[AriEvent], None],
        on_connected: Callable[[], Awaitable[None]],
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_connected = on_connected
        self._on_lost = on_lost
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._pending: dict[str, asyncio.Future[RESTResponse]] = {}
        self._deadlines: deque[tuple[float, asyncio.Future[RESTResponse]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._numbers = itertools.count(1)
        self._held: deque[AriEvent] | None = None
        self._pinged = asyncio.Event()
        self._heard_at: float | None = None

    @property
    def is_connected(self) -> bool:
        return self._socket is not None and self._held is None

    @property
    def heard_ago_s(self) -> float | None:
        """How long ago the last event came, or a ping came back; None while there is no connection."""
        if self._heard_at is None or not self.is_connected:
            return None
        return asyncio.get_running_loop().time() - self._heard_at

    async def run(self) -> None:
        """Connect, and connect again whenever the socket is lost, until cancelled.

        Raises :class:`Replaced` if another controller has taken the application over.
        """
        pause_s = self._settings.first_pause_s
        credentials = aiohttp.encode_basic_auth(self._settings.username, self._settings.password)
        async with aiohttp.ClientSession(headers={"Authorization": credentials}) as session:
            self._session = session
            while True:
                try:
                    async with self._connect(session) as socket:
                        await self._serve(socket)
                        pause_s = self._settings.first_pause_s
                except (aiohttp.ClientError, OSError, TimeoutError, AriUnavailable) as error:
                    log.warning("ari_unavailable", reason=type(error).__name__, again_in_s=pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self._settings.longest_pause_s)

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:
        """Send a request and return what Asterisk answers, decoded, or None.

        ``path`` is below ``/ari/`` with its ids quoted. Raises :class:`AriUnavailable`, :class:`AriRejected`
        or :class:`ResourceGone`.
        """
        socket = self._socket
        if socket is None:
            raise AriUnavailable
        number = str(next(self._numbers))
        frame: dict[str, Any] = {"type": "RESTRequest", "request_id": number, "method": method, "uri": path}
        if query:
            frame["uri"] = f"{path}?{urlencode(query, quote_via=quote)}"
        if body is not None:
            frame["content_type"] = "application/json"
            frame["message_body"] = _encode(body)
        answered = self._await_answer(number)
        try:
            await socket.send_str(_encode(frame))
            response = await answered
        except (TimeoutError, ConnectionError, aiohttp.ClientError) as error:
            raise AriUnavailable(f"{method} {path.partition('/')[0]}: no answer") from error
        finally:
            self._pending.pop(number, None)
        if response.status_code >= 400:
            kind = ResourceGone if response.status_code in _GONE else AriRejected
            raise kind(method, _template(path), response.status_code, response.reason_phrase)
        return msgspec.json.decode(response.message_body) if response.message_body else None

    def _await_answer(self, number: str) -> asyncio.Future[RESTResponse]:
        """Return what will be the answer, or a TimeoutError when patience has ended.

        One timer serves all requests: each has the same patience, so the oldest is the first to lose it.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[RESTResponse] = loop.create_future()
        self._pending[number] = answered
        self._deadlines.append((loop.time() + self._settings.request_timeout_s, answered))
        if self._timer is None:
            self._timer = loop.call_at(self._deadlines[0][0], self._lose_patience)
        return answered

    def _lose_patience(self) -> None:
        loop = asyncio.get_running_loop()
        while self._deadlines and (self._deadlines[0][0] <= loop.time() or self._deadlines[0][1].done()):
            _, answered = self._deadlines.popleft()
            if not answered.done():
                answered.set_exception(TimeoutError())
        self._timer = loop.call_at(self._deadlines[0][0], self._lose_patience) if self._deadlines else None

    async def fetch(self, path: str, method: str = "GET", body: Mapping[str, object] | None = None) -> Any:
        """Ask for what grows with the number of calls, over HTTP; raises as :meth:`request` does.

        Asterisk 22 builds a frame of its socket on the stack of a thread (``ast_websocket_write``), which
        has 496 kB: a list of some 1,100 channels kills it.
        """
        if self._session is None or self._socket is None:
            raise AriUnavailable
        patience = aiohttp.ClientTimeout(total=self._settings.request_timeout_s)
        try:
            async with self._session.request(
                method, f"{self._settings.base_url}/ari/{path}", json=body, timeout=patience
            ) as response:
                answer = await response.read()
        except (TimeoutError, OSError, aiohttp.ClientError) as error:
            raise AriUnavailable(f"{method} {_template(path)}: no answer") from error
        if response.status >= 400:
            raise AriRejected(method, _template(path), response.status, response.reason or "")
        return msgspec.json.decode(answer)

    def _connect(self, session: aiohttp.ClientSession) -> Any:
        return session.ws_connect(
            f"{self._settings.base_url}/ari/events?app={self._settings.application}",
            compress=0,
            max_msg_size=0,
            timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
        )

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Serve one socket until it closes. Events are held back until ``on_connected`` has run."""
        self._socket, self._held = socket, deque()
        log.info("ari_connected")
        reader = asyncio.create_task(self._read(socket), name="ari-reader")
        minder = asyncio.create_task(self._mind(socket), name="ari-minder")
        try:
            done, _ = await asyncio.wait({reader, minder}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._socket, self._held = None, None
            for task in (reader, minder):
                task.cancel()
            await asyncio.gather(reader, minder, return_exceptions=True)
            self._fail_pending()
            log.info("ari_lost")
            self._on_lost()

    async def _mind(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Set the connection up, then see that it is not deaf: a ping of ours has to come back on it."""
        application = quote(self._settings.application)
        # The filter outlives a connection, so it is set each time.
        await self.fetch(
            f"applications/{application}/eventFilter",
            "PUT",
            {"allowed": [{"type": name} for name in WANTED]},
        )
        await self._on_connected()
        held, self._held = self._held or deque(), None
        self._heard_at = asyncio.get_running_loop().time()
        for event in held:
            self._hand_out(event)
        while True:
            self._pinged.clear()
            await self.request("POST", f"events/user/{_PING}", query={"application": application})
            try:
                async with asyncio.timeout(self._settings.ping_timeout_s):
                    await self._pinged.wait()
            except TimeoutError:
                log.error("ari_deaf", after_s=self._settings.ping_timeout_s)
                await socket.close()
                raise
            await asyncio.sleep(self._settings.ping_period_s)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                event = decode(message.data)
            except msgspec.MsgspecError as error:
                log.error("ari_frame_unreadable", reason=str(error))
                continue
            match event:
                case RESTResponse(request_id=number):
                    answered = self._pending.get(number)
                    if answered and not answered.done():
                        answered.set_result(event)
                case ChannelUserevent(eventname=name) if name == _PING:
                    self._pinged.set()
                    self._heard_at = asyncio.get_running_loop().time()
                case ApplicationReplaced():
                    raise Replaced
                case _ if self._held is not None:
                    self._held.append(event)
                case _:
                    # As good as a ping: a busy Asterisk may be late with those, and is heard all the same.
                    self._heard_at = asyncio.get_running_loop().time()
                    self._hand_out(event)

    def _hand_out(self, event: AriEvent) -> None:
        """A bug in a handler costs one event, not the socket."""
        try:
            self._on_event(event)
        except Exception:
            log.exception("ari_event_unhandled", ari_event=type(event).__name__)

    def _fail_pending(self) -> None:
        for answered in self._pending.values():
            if not answered.done():
                answered.set_exception(AriUnavailable())
                # The one who asked may be gone already; then nobody looks.
                with suppress(AriUnavailable):
                    answered.exception()


def _encode(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data).decode()


def _template(path: str) -> str:
    """Return a path without its ids, for messages: ``channels/*/answer``."""
    words = path.partition("?")[0].split("/")
    return "/".join("*" if index % 2 else word for index, word in enumerate(words))
