"""panoramisk's faults, met: our small interface over it, against a manager interface that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from agi import ami as ami_module
from agi.ami import Ami, AmiSettings
from agi.errors import AmiRefused, AmiUnavailable

Answer = Callable[[dict[str, str], asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A manager interface; ``on`` says how it answers each action."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self.on: dict[str, Answer] = {}
        self.connections = 0
        self.password = "secret"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in text.split("\r\n") if ": " in line)
                self.seen.append(action)
                answer = self.on.get(action["Action"], self.succeed)
                if action["Action"] == "Login" and action["Secret"] != self.password:
                    answer = self.refuse
                await answer(action, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def succeed(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(f"Response: Success\r\nActionID: {action['ActionID']}\r\n\r\n".encode())

    async def refuse(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        text = f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: no such channel\r\n\r\n"
        writer.write(text.encode())

    async def drop(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def ignore(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        pass


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Ami]:
    async with running(server) as settings, Ami.connect(settings) as ami:
        yield ami


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[AmiSettings]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield AmiSettings("127.0.0.1", listening.sockets[0].getsockname()[1], "suar", "secret")
    finally:
        listening.close()


async def test_an_action_whose_answer_was_lost_is_never_sent_again() -> None:
    """panoramisk sends it again after a reconnect: a second Redirect, a second Hangup."""
    server = Server()
    server.on["Redirect"] = server.drop
    async with running(server) as settings:
        with pytest.raises(AmiUnavailable):
            async with Ami.connect(settings) as ami:
                await ami.ask("Redirect", Channel="x")
        server.on.clear()
        async with Ami.connect(settings) as ami:
            await ami.ask("Ping")
            await asyncio.sleep(0.1)
    assert [one["Action"] for one in server.seen].count("Redirect") == 1
    assert server.connections == 2


async def test_a_peer_that_is_half_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """panoramisk never looks whether its ping was answered."""
    monkeypatch.setattr(ami_module, "_PING_PERIOD_S", 0.05)
    monkeypatch.setattr(ami_module, "_PING_ANSWER_S", 0.1)
    server = Server()
    server.on["Ping"] = server.ignore
    with pytest.raises(AmiUnavailable):
        async with asyncio.timeout(3), connected(server):
            await asyncio.sleep(10)


async def test_a_message_that_breaks_panoramisk_costs_only_itself() -> None:
    """An Originate that was not asynchronous raises KeyError in it, and drops its link."""
    server = Server()

    async def queued(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        head = f"Response: Success\r\nActionID: {action['ActionID']}\r\n"
        writer.write(f"{head}Message: Message successfully queued\r\n\r\n".encode())

    server.on["Frob"] = queued
    async with connected(server) as ami:
        with pytest.raises(AmiUnavailable):
            await ami._manager.answer({"Action": "Frob"}, None, 0.2)
        assert await ami.ask("Ping")
        await ami.ask("Originate", Channel="PJSIP/x")
    assert server.seen[-1]["Async"] == "true"
    assert server.connections == 1


async def test_a_character_split_between_two_segments_arrives_whole() -> None:
    """panoramisk decodes each segment on its own, and loses it."""
    server = Server()

    async def split(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        text = f"Response: Success\r\nActionID: {action['ActionID']}\r\nMessage: Čekuolis 😀\r\n\r\n".encode()
        for byte in text:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    server.on["Who"] = split
    async with connected(server) as ami:
        assert (await ami.ask("Who"))[0]["message"] == "Čekuolis 😀"


async def test_a_line_break_in_a_value_is_refused() -> None:
    """It would be a header, or an action, of its own."""
    server = Server()
    async with connected(server) as ami:
        with pytest.raises(AmiRefused, match="Channel"):
            await ami.ask("Hangup", Channel="x\r\nAction: Command")
    assert [one["Action"] for one in server.seen] == ["Login"]


async def test_a_wrong_secret_is_an_error_and_so_is_nobody_there() -> None:
    """panoramisk's connect() succeeds, and tries for ever."""
    server = Server()
    server.password = "another"
    async with running(server) as settings:
        with pytest.raises(AmiUnavailable, match="refused"):
            async with Ami.connect(settings):
                pass
    with pytest.raises(AmiUnavailable):
        async with Ami.connect(AmiSettings("127.0.0.1", 1, "suar", "secret")):
            pass


async def test_a_list_is_its_entries_and_a_refusal_has_asterisks_words() -> None:
    """An unanswered action is given up, and forgotten."""
    server = Server()

    async def entries(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        identity = f"ActionID: {action['ActionID']}\r\n"
        writer.write(f"Response: Success\r\n{identity}EventList: start\r\nMessage: follow\r\n\r\n".encode())
        for channel in ("a", "b"):
            writer.write(f"Event: CoreShowChannel\r\n{identity}Channel: {channel}\r\n\r\n".encode())
        writer.write(f"Event: CoreShowChannelsComplete\r\n{identity}ListItems: 2\r\n\r\n".encode())

    server.on |= {"CoreShowChannels": entries, "Redirect": server.refuse, "Slow": server.ignore}
    async with connected(server) as ami:
        assert [one["channel"] for one in await ami.ask("CoreShowChannels")] == ["a", "b"]
        with pytest.raises(AmiRefused, match="no such channel"):
            await ami.ask("Redirect", Channel="a")
        with pytest.raises(AmiUnavailable):
            await ami._manager.answer({"Action": "Slow"}, None, 0.05)
        assert not ami._manager.responses


async def test_garbage_and_events_disturb_nobody() -> None:
    """What is no message is passed over; events come in order."""
    server = Server()

    async def noisy(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff\r\n\r\n: :\r\n\r\n" + b"Event: One\r\n\r\nEvent: Two\r\n\r\n")
        await server.succeed(action, writer)

    server.on["Noise"] = noisy
    async with connected(server) as ami:
        await ami.ask("Noise")
        assert [(await ami.next_event())["event"] for _ in range(2)] == ["One", "Two"]
