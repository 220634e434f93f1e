"""The fake's two sides: what tests make happen, and what a controller asks for over the socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from ari_app.fake_asterisk.requests import Requests
from ari_app.fake_asterisk.world import NORMAL_CLEARING, USER_BUSY, FakeChannel, Refusal, World, stamp


class FakeAsterisk:
    """Start it with ``async with fake.serving() as base_url``; then let things happen."""

    def __init__(self) -> None:
        self.world = World()
        self.requests = Requests(self.world, self._emit, self._leave)
        self.asked: list[tuple[str, str]] = []
        """Every request: its method and path."""
        self.is_deaf = False
        """A deaf Asterisk takes requests and tells nothing."""
        self.late_s = 0.0
        """How long ago what it tells came about."""
        self._socket: web.WebSocketResponse | None = None
        self._allowed: set[str] | None = None
        self._calls = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on a free port; yields the base URL."""
        app = web.Application()
        app.router.add_get("/ari/events", self._serve)
        app.router.add_get("/ari/{path:channels|bridges|endpoints/PJSIP}", self._list)
        app.router.add_put("/ari/applications/suar/eventFilter", self._filter)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")

    # ------------------------------------------------------------------------- what tests make happen

    async def call_in(self, *args: str, number: str = "+628121234567", sip_call_id: str = "") -> str:
        """A call enters our application; returns its channel's id."""
        self._calls += 1
        channel = FakeChannel(f"sby1-1.{self._calls}", f"PJSIP/trunk-{self._calls:08x}", "Ring", number)
        channel.args, channel.is_ours, channel.sip_call_id = list(args), True, sip_call_id
        self.world.channels[channel.id] = channel
        await self._emit("StasisStart", channel=channel.as_json(), args=channel.args)
        return channel.id

    async def hang_up(self, channel_id: str, cause: int = NORMAL_CLEARING) -> None:
        """The far end of a channel puts the phone down, or its network fails."""
        await self._leave(self.world.channels[channel_id], cause)

    async def press(self, channel_id: str, digits: str) -> None:
        """The far end presses keys."""
        channel = self.world.channels[channel_id]
        for digit in digits:
            event = {"channel": channel.as_json(), "digit": digit, "duration_ms": 100}
            await self._emit("ChannelDtmfReceived", **event)

    async def finish_playback(self, channel_id: str) -> None:
        """The sound that plays on a channel comes to its end."""
        await self.requests.end_sound(self.world.channels[channel_id].playbacks[0])

    async def answer_leg(self, channel_id: str) -> None:
        """A phone that we dialled is answered."""
        channel = self.world.channels[channel_id]
        channel.state, channel.is_ours = "Up", True
        await self.requests.tell_phone(channel)
        await self._emit("StasisStart", channel=channel.as_json(), args=channel.args)

    async def reject_leg(self, channel_id: str, cause: int = USER_BUSY) -> None:
        """A phone that we dialled does not take the call."""
        await self._leave(self.world.channels[channel_id], cause)

    async def set_endpoint(self, name: str, state: str) -> None:
        """A phone registers (``online``) or is gone (``offline``)."""
        self.world.endpoints[name] = state
        await self.requests.tell_device(name)

    async def use_phone(self, name: str, channel_id: str) -> None:
        """Somebody else has a phone in a call: the degraded path."""
        channel = FakeChannel(channel_id, f"{name}-00000099", "Up", was_dialled=True)
        self.world.channels[channel_id] = channel
        await self.requests.tell_phone(channel)

    async def cut(self) -> None:
        """The socket is lost."""
        if self._socket:
            await self._socket.close()

    async def garble(self) -> None:
        """Something that is no event comes over the socket."""
        if self._socket:
            await self._socket.send_str("{not json")

    # ------------------------------------------------------------------------------------ the socket

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self._socket is not None:
            await self._emit("ApplicationReplaced")
            await self._socket.close()
        self._socket = socket
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._handle(json.loads(message.data))
        if self._socket is socket:
            self._socket = None
        return socket

    async def _list(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.asked.append(("GET", path))
        result, _ = await self.requests.handle("GET", path, "", {})
        return web.json_response(result)

    async def _filter(self, request: web.Request) -> web.Response:
        self.asked.append(("PUT", request.path.removeprefix("/ari/")))
        body = await request.json()
        self._allowed = {one["type"] for one in body.get("allowed", [])} or None
        return web.json_response({"name": "suar"})

    async def _handle(self, frame: dict[str, Any]) -> None:
        path, _, query = frame["uri"].partition("?")
        self.asked.append((frame["method"], path))
        body = json.loads(frame["message_body"]) if frame.get("message_body") else {}
        answer: dict[str, Any] = {"status_code": 200, "reason_phrase": "OK"}
        after = None
        try:
            result, after = await self.requests.handle(frame["method"], path, query, body)
            if result is None:
                answer |= {"status_code": 204, "reason_phrase": "No Content"}
            else:
                answer["message_body"] = json.dumps(result)
        except Refusal as refusal:
            answer |= {"status_code": refusal.status, "reason_phrase": refusal.reason}
        await self._emit("RESTResponse", request_id=frame["request_id"], uri=frame["uri"], **answer)
        if after is not None:
            await after

    async def _emit(self, kind: str, **fields: Any) -> None:
        """Send an event, unless the filter keeps it back: the answers to requests, too."""
        deaf = self.is_deaf and kind != "RESTResponse"
        kept_back = self._allowed is not None and kind not in self._allowed
        if self._socket is None or self._socket.closed or deaf or kept_back:
            return
        happened_at = stamp(datetime.now(UTC) - timedelta(seconds=self.late_s))
        head = {
            "type": kind, "timestamp": happened_at, "application": "suar", "asterisk_id": "02:00:00:00:00:00",
        }  # fmt: skip
        await self._socket.send_str(json.dumps(head | fields))

    async def _leave(self, channel: FakeChannel, cause: int) -> None:
        """A channel ends: it leaves its bridge and our application, and is gone."""
        for members in self.world.bridges.values():
            if channel.id in members:
                members.remove(channel.id)
        for playback_id in list(channel.playbacks):
            await self.requests.end_playback(playback_id, "failed")
        self.world.channels.pop(channel.id, None)
        if channel.is_ours:
            await self._emit("StasisEnd", channel=channel.as_json())
        for snoop in [one for one in self.world.channels.values() if one.listens_to == channel.id]:
            await self._leave(snoop, NORMAL_CLEARING)
        if channel.was_dialled:
            ended = {"channel": channel.as_json(), "cause": cause, "cause_txt": ""}
            await self._emit("ChannelDestroyed", **ended)
        await self.requests.tell_phone(channel)
