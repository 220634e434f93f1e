"""Sends what the outbox holds to the dashboards, each call's events in order, until they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import aiohttp
import msgspec

from ari_app.outbox.outbox import CallEvent, Outbox
from suar.log import get_logger

_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_GATHER_S = 0.02
"""What a call tells in one go, and the disk has, is sent in one: that it came, and where its caller is."""
_EVERY_S = 0.1
"""In a busy house what happens meanwhile goes together: a request costs far more than an event in it."""
_UNHURRIED = 8
_AT_ONCE = 500
_BUSY = 503
_FAILURES = (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError)

Parcel = dict[str, Sequence[CallEvent]]
"""Events by call."""

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
    """Delivers events over ``POST /api/v1/calls``, or, of a single call, ``PUT /api/v1/calls/{call_id}``.

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
        self._url = f"{base_url}/api/v1/calls"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._on_stalled = on_stalled
        self._stalled = False
        self._pace = Pace()

    async def run(self) -> None:
        """Deliver until cancelled."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        clock = asyncio.get_running_loop().time
        async with aiohttp.ClientSession(headers=self._headers, timeout=timeout) as session:
            pause_s = 0.0
            while True:
                await self._outbox.wait_for_change()
                while self._outbox.sendable():
                    await asyncio.sleep(pause_s or max(_GATHER_S, self._pace.wait_s(clock())))
                    is_told = await self._deliver(session, self._outbox.sendable())
                    pause_s = 0.0 if is_told else min(pause_s * 2, _LONGEST_PAUSE_S) or _FIRST_PAUSE_S

    async def _deliver(self, session: aiohttp.ClientSession, unsent: dict[str, list[CallEvent]]) -> bool:
        """Send each call's events; return whether all were taken."""
        failures = []
        for parcel in _parcels(unsent):
            send = self._post if len(parcel) > 1 else self._put_each
            if reason := await send(session, parcel):
                failures.append(reason)
        self._tell(failures[0] if failures else None)
        return not failures

    async def _post(self, session: aiohttp.ClientSession, parcel: Parcel) -> str | None:
        """Send several calls' events in one request; return why that failed, or None.

        If it is refused, one of them may be to blame: then each goes by itself.
        """
        body = {"calls": {call_id: self._told(call_id, events) for call_id, events in parcel.items()}}
        try:
            async with session.post(self._url, data=msgspec.json.encode(body)) as response:
                if response.status == 200:
                    return await self._settle(await response.json())
                if response.status == _BUSY:
                    return f"{response.status} {response.reason}"
        except _FAILURES as error:
            return type(error).__name__
        return await self._put_each(session, parcel)

    async def _settle(self, answer: Any) -> str | None:
        for stored in answer["applied"]:
            await self._outbox.settle(stored["call_id"], int(stored["applied"]), stored["incident_id"])
        missing = ((str(one["call_id"]), int(one["expected"])) for one in answer["missing"])
        stuck = [call_id for call_id, expected in missing if not self._goes_back(call_id, expected)]
        return "events missing" if stuck else None

    async def _put_each(self, session: aiohttp.ClientSession, parcel: Parcel) -> str | None:
        """Send each call's events by themselves; return why the first failed that did, or None."""
        failures = [await self._put(session, call_id, events) for call_id, events in parcel.items()]
        return next(filter(None, failures), None)

    async def _put(
        self, session: aiohttp.ClientSession, call_id: str, events: Sequence[CallEvent]
    ) -> str | None:
        """Send one call's events; return why it failed, or None."""
        body = msgspec.json.encode(self._told(call_id, events))
        try:
            async with session.put(f"{self._url}/{call_id}", data=body) as response:
                if response.status == 200:
                    answer = await response.json()
                    await self._outbox.settle(call_id, int(answer["applied"]), answer.get("incident_id"))
                    return None
                if response.status == 409:
                    error = (await response.json())["error"]
                    if error["code"] == "events_missing" and self._goes_back(call_id, int(error["expected"])):
                        return None
                return f"{response.status} {response.reason}"
        except _FAILURES as error:
            return type(error).__name__

    def _told(self, call_id: str, events: Sequence[CallEvent]) -> dict[str, Any]:
        return {"events": [event.as_json() for event in events], "lost": self._outbox.lost(call_id)}

    def _goes_back(self, call_id: str, expected: int) -> bool:
        """Go back to the event that the dashboards miss, if that helps."""
        if not self._outbox.expect(call_id, expected):
            return False
        lost = len(self._outbox.lost(call_id))
        log.warning("events_sent_again", call_id=call_id, expected=expected, lost=lost)
        return True

    def _tell(self, reason: str | None) -> None:
        if reason is not None and not self._stalled:
            log.warning("outbox_stalled", reason=reason, waiting=self._outbox.depth())
        elif reason is None and self._stalled:
            log.info("outbox_flows_again", waiting=self._outbox.depth())
        if (reason is not None) != self._stalled:
            self._stalled = reason is not None
            self._on_stalled(reason)


def _parcels(unsent: Mapping[str, Sequence[CallEvent]]) -> Iterator[Parcel]:
    """Yield what goes in one request: whole calls, but for those that have told too much for one."""
    parcel: Parcel = {}
    left = _AT_ONCE
    for call_id, events in unsent.items():
        if parcel and len(events) > left:
            yield parcel
            parcel, left = {}, _AT_ONCE
        parcel[call_id] = events[:_AT_ONCE]
        left -= len(parcel[call_id])
    if parcel:
        yield parcel
