"""Sends what the outbox holds to the dashboards, each call's events in order, until they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from ari_app.outbox.outbox import CallEvent, Outbox
from suar.log import get_logger

_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_GATHER_S = 0.005
"""What a call tells in one go is sent in one: that it came, and where its caller is."""
_EVERY_S = 0.05
"""In a busy house what happens meanwhile goes together: a request costs far more than an event in it."""
_UNHURRIED = 8
_SIDE_BY_SIDE = 8
_AT_ONCE = 500

log = get_logger()


class Pace:
    """How long a delivery waits: the first few not at all, many no more often than one in ``every_s``.

    The generic cell rate algorithm (ITU-T I.371), with ``at_once`` deliveries that come too early.
    """

    def __init__(self, at_once: int = _UNHURRIED, every_s: float = _EVERY_S) -> None:
        self._ahead_s, self._every_s = at_once * every_s, every_s
        self._due = 0.0

    def wait_s(self, now: float) -> float:
        """Return for how long the delivery that is wanted now waits, and count it."""
        wait_s = max(0.0, self._due - self._ahead_s - now)
        self._due = max(self._due, now) + self._every_s
        return wait_s


class Sender:
    """Delivers events over ``PUT /api/v1/calls/{call_id}``.

    The dashboards store an event once however often it comes, so the answer to every doubt is to
    send again. Where they miss events, restored from a backup perhaps, they are sent what they miss, or told
    that it is lost. ``on_stalled`` is told when nothing could be delivered, and again with None when
    delivery goes on.
    """

    def __init__(
        self,
        outbox: Outbox,
        base_url: str,
        token: str,
        *,
        on_stalled: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._outbox = outbox
        self._url = f"{base_url}/api/v1/calls/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._on_stalled = on_stalled
        self._stalled = False
        self._pace = Pace()

    async def run(self) -> None:
        """Deliver until cancelled."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        connector = aiohttp.TCPConnector(limit=_SIDE_BY_SIDE)
        clock = asyncio.get_running_loop().time
        async with aiohttp.ClientSession(
            headers=self._headers, timeout=timeout, connector=connector
        ) as session:
            pause_s = 0.0
            while True:
                await self._outbox.wait_for_change()
                while self._outbox.depth():
                    await asyncio.sleep(pause_s or max(_GATHER_S, self._pace.wait_s(clock())))
                    is_told = await self._deliver(session, self._outbox.unsent())
                    pause_s = 0.0 if is_told else min(pause_s * 2, _LONGEST_PAUSE_S) or _FIRST_PAUSE_S

    async def _deliver(self, session: aiohttp.ClientSession, unsent: dict[str, list[CallEvent]]) -> bool:
        """Send each call's events; return whether all were taken."""
        turns = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def deliver_one(call_id: str, events: list[CallEvent]) -> str | None:
            async with turns:
                return await self._put(session, call_id, events)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(deliver_one(call_id, events)) for call_id, events in unsent.items()]
        failures = [reason for task in tasks if (reason := task.result())]
        self._tell(failures[0] if failures else None)
        return not failures

    async def _put(self, session: aiohttp.ClientSession, call_id: str, events: list[CallEvent]) -> str | None:
        """Send one call's events; return why it failed, or None."""
        body = {
            "events": [event.as_json() for event in events[:_AT_ONCE]],
            "lost": self._outbox.lost(call_id),
        }
        try:
            async with session.put(self._url + call_id, json=body) as response:
                if response.status == 200:
                    answer = await response.json()
                    await self._outbox.settle(call_id, int(answer["applied"]), answer.get("incident_id"))
                    return None
                if response.status == 409 and self._goes_back(call_id, await response.json()):
                    return None
                return f"{response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            return type(error).__name__

    def _goes_back(self, call_id: str, answer: Any) -> bool:
        """Go back to the event that the dashboards miss, if that is what they answer and it helps."""
        error = answer["error"]
        if error["code"] != "events_missing" or not self._outbox.expect(call_id, int(error["expected"])):
            return False
        lost = len(self._outbox.lost(call_id))
        log.warning("events_sent_again", call_id=call_id, expected=error["expected"], lost=lost)
        return True

    def _tell(self, reason: str | None) -> None:
        if reason is not None and not self._stalled:
            log.warning("outbox_stalled", reason=reason, waiting=self._outbox.depth())
        elif reason is None and self._stalled:
            log.info("outbox_flows_again", waiting=self._outbox.depth())
        if (reason is not None) != self._stalled:
            self._stalled = reason is not None
            self._on_stalled(reason)
