"""The live picture: every call and every operator, as one JSON object, sent at each change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from ari_app.alarms import Alarms
from ari_app.calls.call import Call
from ari_app.conversation.views import describe
from ari_app.operators import Operators, in_order
from queues.snapshot import WaitingCall
from suar.ids import call_of
from suar.record import stamp

_QUIET_S = 5.0
_COALESCE_S = 0.1
_SHARE = 20
"""A picture of thousands of callers is made less often: calls come first."""


class Live:
    """Builds the picture, and wakes those who watch it."""

    def __init__(
        self,
        node: str,
        calls: Callable[[], list[Call]],
        waiting: Callable[[], dict[str, WaitingCall]],
        operators: Operators,
        alarms: Alarms,
        now: Callable[[], datetime],
    ) -> None:
        self._node = node
        self._calls = calls
        self._waiting = waiting
        self._operators = operators
        self._alarms = alarms
        self._now = now
        self.heard_ago_s: Callable[[], float | None] = lambda: None
        self.house: Callable[[], dict[str, Any]] = dict
        """What stands beside calls and operators: see `ari_app.housekeeping`."""
        self.rules: Callable[[], dict[str, Any]] = dict
        """The reasons for a pause, and the queues: they may change while we run."""
        self.supervisors_on: Callable[[str], list[dict[str, Any]]] = lambda _: []
        """Who supervises a call."""
        self._asterisk_since = now()
        self._asterisk_is_up = False
        self._watchers: set[asyncio.Event] = set()
        self._closing = False

    def note_asterisk(self, is_up: bool) -> None:
        """Asterisk's socket has come or gone."""
        if is_up != self._asterisk_is_up:
            self._asterisk_is_up, self._asterisk_since = is_up, self._now()
        self.touch()

    @property
    def asterisk_is_up(self) -> bool:
        return self._asterisk_is_up

    def touch(self) -> None:
        """Something that the picture shows has changed."""
        for watcher in self._watchers:
            watcher.set()

    def close(self) -> None:
        """End every watch: a stream that is left open would hold up a stop."""
        self._closing = True
        self.touch()

    async def watch(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the picture now, at each change (at most ten times a second), and every five seconds."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while not self._closing:
                changed.clear()
                began = time.perf_counter()
                picture = self.picture()
                took_s = time.perf_counter() - began
                yield picture
                await asyncio.sleep(max(_COALESCE_S, _SHARE * took_s))
                try:
                    async with asyncio.timeout(_QUIET_S):
                        await changed.wait()
                except TimeoutError:
                    pass
        finally:
            self._watchers.discard(changed)

    def picture(self) -> dict[str, Any]:
        """Return the picture. A caller's number and place are not in it: they are the incident's."""
        waiting = self._waiting()
        return {
            "at": stamp(self._now()),
            "node": self._node,
            "asterisk": "up" if self._asterisk_is_up else "down",
            "since": stamp(self._asterisk_since),
            "heard_ago_s": self.heard_ago_s(),
            "house": self.house(),
            "rules": self.rules(),
            "calls": [
                _call(call, waiting.get(call.id)) | {"supervisors": self.supervisors_on(call.id)}
                for call in self._calls()
                # A test is nobody's business on the floor.
                if not call.is_test
            ],
            "operators": [
                {
                    "id": desk.operator.id,
                    "name": desk.operator.name,
                    "state": desk.state.value,
                    "reason": desk.reason,
                    "since": stamp(desk.since),
                    "call_id": desk.call_id and (call_of(desk.call_id) or desk.call_id),
                    "phone": "online" if desk.phone_is_online else "offline",
                    "queues": desk.queues,
                    "sits_at": desk.sits_at or None,
                    "ends_at": desk.ends_at and stamp(desk.ends_at),
                    "forced_by": desk.forced_by or None,
                }
                for desk in in_order(self._operators.desks())
            ],
            "alarms": [
                {"code": alarm.code, "text": alarm.text, "since": stamp(alarm.since)}
                for alarm in self._alarms.standing()
            ],
        }


def _call(call: Call, waiting: WaitingCall | None) -> dict[str, Any]:
    return {
        "call_id": call.id,
        "carrier": call.carrier.id if call.carrier else None,
        "phase": call.phase.value,
        "kind": call.kind,
        "language": call.language,
        "queue": call.queue,
        "priority": call.priority,
        "since": stamp(call.since),
        "ring_at": stamp(call.ring_at),
        "position": waiting.position if waiting else None,
        "is_moved_to_head": waiting is not None and waiting.is_moved_to_head,
        "overflowed_to": waiting.overflowed_to if waiting else (),
        "operator": call.operator,
        "hearing": call.hearing,
        "question": call.question,
        "reply": call.reply,
        "standing": call.standing,
        "is_put_back": call.is_put_back,
        "is_outward": call.is_outward,
        "follows": call.follows,
        "conversation": describe(call.conversation) if call.conversation else None,
        "location": {
            "source": call.location_source,
            "uncertainty_m": call.claims.best.uncertainty_m if call.claims.best else None,
            "claims": len(call.claims.claims),
            "changes": call.place_changes,
        },
    }
