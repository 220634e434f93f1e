"""The degraded queues' members: made true at each change, and looked at seldom in between."""

from __future__ import annotations

import asyncio

from agi.ami import Ami
from agi.members import Seat
from agi.mirror import Mirror
from suar.city import City, load
from suar.city.degraded import needs, penalty
from tests.component.conftest import CITY
from tests.component.test_ami import Server, running


class Queue:
    """A manager interface with a city's queues, whose members can be paused and moved down."""

    def __init__(self, city: City) -> None:
        self.paused = {f"PJSIP/{one.endpoint}": False for one in city.operators}
        self.penalties = {
            (queue, f"PJSIP/{one.endpoint}"): penalty(need, one)
            for queue, need in needs(city).items()
            for one in city.operators
        }
        self.server = Server()
        self.server.on |= {"QueueStatus": self.show, "QueuePause": self.pause, "QueuePenalty": self.move}

    def asked(self, action: str) -> int:
        return [one["Action"] for one in self.server.seen].count(action)

    async def show(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        head = f"ActionID: {action['ActionID']}\r\n"
        text = f"Response: Success\r\n{head}EventList: start\r\nMessage: Queue status will follow\r\n\r\n"
        for (queue, member), points in self.penalties.items():
            if action.get("Queue", queue) == queue:
                text += f"Event: QueueMember\r\n{head}Queue: {queue}\r\nLocation: {member}\r\n"
                text += f"Paused: {int(self.paused[member])}\r\nPenalty: {points}\r\n\r\n"
        text += f"Event: QueueStatusComplete\r\n{head}EventList: Complete\r\n\r\n"
        writer.write(text.encode())

    async def pause(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        self.paused[action["Interface"]] = action["Paused"] == "true"
        await self.server.succeed(action, writer)

    async def move(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        self.penalties[action["Queue"], action["Interface"]] = int(action["Penalty"])
        await self.server.succeed(action, writer)


async def test_pauses_follow_each_change_and_asterisk_is_asked_no_more_than_it_has_to_be() -> None:
    """Every round asks for the same twice a second; somebody at the console is found out after a while."""
    city, now = load(CITY), 0.0
    queue = Queue(city)
    mirror = Mirror(city, lambda: now)
    ready = {one.id: Seat("ready") for one in city.operators}
    some = ready | {"siti": Seat("not_ready")}
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
    queue = Queue(city)
    queue.server.on["QueuePause"] = queue.server.refuse
    mirror = Mirror(city, lambda: 0.0)
    states = {one.id: Seat("ready") for one in city.operators} | {"siti": Seat("not_ready")}
    async with running(queue.server) as settings, Ami.connect(settings) as ami:
        assert await mirror.reflect(ami, states, False) == 0
        queue.server.on["QueuePause"] = queue.pause
        assert await mirror.reflect(ami, states, False) == 1


async def test_penalties_follow_who_sits_where_and_go_back_with_her() -> None:
    """All queues are looked at while they may be other than configured; an earlier rescuer may have died."""
    city = load(CITY)
    queue = Queue(city)
    usual = dict(queue.penalties)
    queue.penalties["degraded-fire-id", "PJSIP/op-budi"] = 9
    mirror = Mirror(city, lambda: 0.0)
    siti_at_budis = {"siti": Seat("ready", "budi"), "budi": Seat("signed_off")}
    at_home = {"siti": Seat("ready"), "budi": Seat("ready")}
    async with running(queue.server) as settings, Ami.connect(settings) as ami:
        await mirror.reflect(ami, at_home, False)
        assert queue.penalties == usual
        await mirror.reflect(ami, siti_at_budis, False)
        siti = city.operator("siti")
        assert siti is not None
        for name, need in needs(city).items():
            assert queue.penalties[name, "PJSIP/op-budi"] == penalty(need, siti)
            assert queue.penalties[name, "PJSIP/op-siti"] == usual[name, "PJSIP/op-siti"]
        assert queue.paused == {"PJSIP/op-siti": True, "PJSIP/op-budi": False}
        await mirror.reflect(ami, at_home, False)
        assert queue.penalties == usual
        mirror.forget()
        await mirror.reflect(ami, at_home, False)
        looks = [one.get("Queue") for one in queue.server.seen if one["Action"] == "QueueStatus"]
        assert looks == [None, None, None, "degraded"]
