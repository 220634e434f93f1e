"""The degraded queues' pauses: made true at each change, and looked at seldom in between."""

from __future__ import annotations

import asyncio

from agi.ami import Ami
from agi.mirror import Mirror
from suar.city import load
from tests.component.conftest import CITY
from tests.component.test_ami import Server, running


class Queue:
    """A manager interface with one queue, whose members can be paused."""

    def __init__(self, members: list[str]) -> None:
        self.paused = dict.fromkeys(members, False)
        self.server = Server()
        self.server.on |= {"QueueStatus": self.show, "QueuePause": self.pause}

    def asked(self, action: str) -> int:
        return [one["Action"] for one in self.server.seen].count(action)

    async def show(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        head = f"ActionID: {action['ActionID']}\r\n"
        text = f"Response: Success\r\n{head}EventList: start\r\nMessage: Queue status will follow\r\n\r\n"
        for member, paused in self.paused.items():
            text += f"Event: QueueMember\r\n{head}Location: {member}\r\nPaused: {int(paused)}\r\n\r\n"
        text += f"Event: QueueStatusComplete\r\n{head}EventList: Complete\r\n\r\n"
        writer.write(text.encode())

    async def pause(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        self.paused[action["Interface"]] = action["Paused"] == "true"
        await self.server.succeed(action, writer)


async def test_pauses_follow_each_change_and_asterisk_is_asked_no_more_than_it_has_to_be() -> None:
    """Every round asks for the same twice a second; somebody at the console is found out after a while."""
    city, now = load(CITY), 0.0
    queue = Queue([f"PJSIP/{one.endpoint}" for one in city.operators])
    mirror = Mirror(city, lambda: now)
    ready = {one.id: "ready" for one in city.operators}
    some = ready | {"siti": "not_ready"}
    async with running(queue.server) as settings, Ami.connect(settings) as ami:
        for _ in range(5):
            assert await mirror.reflect(ami, ready, False) == 0
        assert queue.asked("QueueStatus") == 1
        assert await mirror.reflect(ami, some, False) == 1
        assert queue.paused["PJSIP/op-siti"]
        queue.paused["PJSIP/op-siti"] = False
        assert await mirror.reflect(ami, some, False) == 0
        now = 6.0
        assert await mirror.reflect(ami, some, False) == 1
        asked = queue.asked("QueueStatus")
        mirror.forget()
        await mirror.reflect(ami, some, False)
        assert queue.asked("QueueStatus") == asked + 1


async def test_a_pause_that_was_refused_is_tried_again() -> None:
    """At the next round."""
    city = load(CITY)
    queue = Queue([f"PJSIP/{one.endpoint}" for one in city.operators])
    queue.server.on["QueuePause"] = queue.server.refuse
    mirror = Mirror(city, lambda: 0.0)
    states = {one.id: "ready" for one in city.operators} | {"siti": "not_ready"}
    async with running(queue.server) as settings, Ami.connect(settings) as ami:
        assert await mirror.reflect(ami, states, False) == 0
        queue.server.on["QueuePause"] = queue.pause
        assert await mirror.reflect(ami, states, False) == 1
