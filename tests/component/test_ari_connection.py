"""The socket to Asterisk: in order, never deaf for long, and back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from ari_app.ari.connection import AriConnection, AriSettings, Replaced
from ari_app.ari.errors import AriRejected, AriUnavailable, ResourceGone
from ari_app.ari.events import AriEvent, ChannelDtmfReceived, StasisStart
from ari_app.ari.resources import Asterisk
from ari_app.fake_asterisk import FakeAsterisk


@dataclass
class Line:
    """A connection to the fake, and what has come of it."""

    fake: FakeAsterisk
    connection: AriConnection
    asterisk: Asterisk
    heard: list[AriEvent] = field(default_factory=list)
    connected: int = 0
    lost: int = 0
    hold: asyncio.Event | None = None

    def hear(self, event: AriEvent) -> None:
        self.heard.append(event)

    async def on_connected(self) -> None:
        self.connected += 1
        if self.hold:
            await self.hold.wait()

    def on_lost(self) -> None:
        self.lost += 1

    async def until(self, what: object) -> None:
        """Wait until ``what`` is true."""
        async with asyncio.timeout(30):
            while not what():  # type: ignore[operator]
                await asyncio.sleep(0.005)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    fake = FakeAsterisk()
    async with fake.serving() as url:
        settings = AriSettings(
            url, "suar", "suar", "secret", request_timeout_s=0.5, ping_period_s=0.05, ping_timeout_s=0.2,
            first_pause_s=0.01, longest_pause_s=0.05,
        )  # fmt: skip
        connection = AriConnection(
            settings,
            on_event=lambda event: one.hear(event),
            on_connected=lambda: one.on_connected(),
            on_lost=lambda: one.on_lost(),
        )
        one = Line(fake, connection, Asterisk(connection))
        running = asyncio.create_task(connection.run())
        await one.until(lambda: connection.is_connected)
        yield one
        running.cancel()
        with suppress(asyncio.CancelledError, Replaced):
            await running


async def test_the_filter_is_set_before_anything_else(line: Line) -> None:
    """At every connection, with the answers to requests in it."""
    assert line.fake.asked[0] == ("PUT", "applications/suar/eventFilter")
    assert line.fake._allowed is not None
    assert "RESTResponse" in line.fake._allowed


async def test_events_of_the_connection_are_held_until_we_are_ready(line: Line) -> None:
    """What comes while we adopt is handed out afterwards, in order."""
    line.hold = asyncio.Event()
    await line.fake.cut()
    await line.until(lambda: line.connected == 2)
    channel = await line.fake.call_in("call", "telkomsel", "112")
    await line.fake.press(channel, "12")
    await asyncio.sleep(0.05)
    assert line.heard == []
    line.hold.set()
    await line.until(lambda: len(line.heard) == 3)
    assert isinstance(line.heard[0], StasisStart)
    assert [event.digit for event in line.heard[1:] if isinstance(event, ChannelDtmfReceived)] == ["1", "2"]


async def test_two_thousand_events_keep_their_order(line: Line) -> None:
    """None is dropped."""
    channel = await line.fake.call_in("call", "telkomsel", "112")
    digits = "0123456789" * 200
    await line.fake.press(channel, digits)
    await line.until(lambda: len(line.heard) == 2001)
    assert "".join(event.digit for event in line.heard if isinstance(event, ChannelDtmfReceived)) == digits


async def test_a_handler_that_fails_costs_one_event(line: Line) -> None:
    """The next event is handed out as ever."""
    seen: list[AriEvent] = []

    def fail_once(event: AriEvent) -> None:
        seen.append(event)
        if len(seen) == 1:
            raise RuntimeError("a bug")

    line.hear = fail_once  # type: ignore[method-assign]
    channel = await line.fake.call_in("call", "telkomsel", "112")
    await line.fake.press(channel, "1")
    await line.until(lambda: len(seen) == 2)
    assert line.connection.is_connected


async def test_garbage_costs_nothing(line: Line) -> None:
    """A frame that cannot be read is passed over."""
    await line.fake.garble()
    await line.fake.call_in("call", "telkomsel", "112")
    await line.until(lambda: len(line.heard) == 1)
    assert line.lost == 0


async def test_a_lost_socket_comes_back_and_fails_what_was_asked(line: Line) -> None:
    """A request that was under way is told so; the next one is answered."""
    asking = asyncio.create_task(line.asterisk.channels.list())
    await line.fake.cut()
    with suppress(AriUnavailable):
        await asking
    await line.until(lambda: line.connected == 2 and line.connection.is_connected)
    assert line.lost == 1
    assert await line.asterisk.channels.list() == []


async def test_a_deaf_connection_is_noticed_and_made_anew(line: Line) -> None:
    """The socket is up and requests are answered, but our ping does not come back."""
    line.fake.is_deaf = True
    await line.until(lambda: line.lost == 1)
    line.fake.is_deaf = False
    await line.until(lambda: line.connection.is_connected)


async def test_without_a_socket_a_request_fails_at_once() -> None:
    """Retryable, and nobody waits."""
    settings = AriSettings("http://127.0.0.1:9", "suar", "suar", "secret")

    async def nothing() -> None: ...

    connection = AriConnection(settings, on_event=lambda _: None, on_connected=nothing)
    with pytest.raises(AriUnavailable) as caught:
        await connection.request("GET", "channels")
    assert caught.value.retryable


async def test_what_is_gone_is_told_apart_from_what_is_refused(line: Line) -> None:
    """Ending what has ended is no error; the message names no id."""
    with pytest.raises(ResourceGone) as gone:
        await line.asterisk.channels.answer("sby1-1.99")
    assert "sby1" not in str(gone.value)
    assert await line.asterisk.channels.hangup("sby1-1.99") is False
    assert await line.asterisk.playbacks.stop("none") is False
    channel = await line.fake.call_in("call", "telkomsel", "112")
    await line.asterisk.bridges.create("b")
    with pytest.raises(AriRejected):
        await line.asterisk.bridges.add_channel("b", channel, "nobody")


async def test_a_second_controller_ends_the_first(line: Line) -> None:
    """Two must never act for one application."""
    settings = line.connection._settings
    second = AriConnection(settings, on_event=lambda _: None, on_connected=line.on_connected)
    task = asyncio.create_task(second.run())
    await line.until(lambda: second.is_connected)
    third = AriConnection(settings, on_event=lambda _: None, on_connected=line.on_connected)
    other = asyncio.create_task(third.run())
    with pytest.raises(Replaced):
        await asyncio.wait_for(task, 2)
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)


async def test_what_is_never_answered_is_given_up_each_in_its_time(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one asked first is the first to be given up; one that is answered meanwhile is none of them."""
    channel = await line.fake.call_in("call", "telkomsel", "112")
    handle, given_up = line.fake._handle, list[int]()

    async def handle_some(frame: dict[str, Any]) -> None:
        if "/nobody" not in frame["uri"]:
            await handle(frame)

    async def ask(number: int) -> None:
        with pytest.raises(AriUnavailable, match="no answer"):
            await line.asterisk.channels.answer("nobody")
        given_up.append(number)

    monkeypatch.setattr(line.fake, "_handle", handle_some)
    async with asyncio.timeout(5), asyncio.TaskGroup() as asking:
        for number in range(3):
            asking.create_task(ask(number))
            await asyncio.sleep(0.1)
            await line.asterisk.channels.answer(channel)
    assert given_up == [0, 1, 2]
