"""The live picture: every call and every operator, as one JSON object, sent at each change.

With thousands of callers it takes a while to draw. So it is drawn a little at a time, and calls go on
meanwhile: each call in it is as it stood in the moment in which it was drawn.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from ari_app.alarms import Alarm, Alarms
from ari_app.calls.call import Call
from ari_app.conversation.views import describe
from ari_app.operators import Desk, Operators, in_order
from queues.snapshot import WaitingCall
from suar.ids import call_of
from suar.record import stamp

_QUIET_S = 5.0
_COALESCE_S = 0.1
_SHARE = 20
"""A picture of thousands of callers is made less often: calls come first."""
_AT_ONCE = 50
"""So many calls, or alarms, are drawn in one go: a millisecond."""

T = TypeVar("T")


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
        self._drawn_desks: dict[str, tuple[_Seen, msgspec.Raw]] = {}
        """Each operator as she was drawn last: of a hundred, few change between two pictures."""

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

    async def watch(self) -> AsyncIterator[bytes]:
        """Yield the picture now, at each change (at most ten times a second), and every five seconds."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while not self._closing:
                changed.clear()
                work = Work()
                yield await self._drawn(work)
                await asyncio.sleep(max(_COALESCE_S, _SHARE * work.took_s))
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
        return self._frame() | {
            "operators": [_operator(desk) for desk in in_order(self._operators.desks())],
            "calls": [self._call(call, waiting) for call in self._shown()],
            "alarms": [_alarm(alarm) for alarm in self._alarms.standing()],
        }

    async def _drawn(self, work: Work) -> bytes:
        """Return the picture as JSON, drawn a little at a time."""
        with work:
            waiting = self._waiting()
            operators = [self._desk(desk) for desk in in_order(self._operators.desks())]
        return msgspec.json.encode(
            self._frame()
            | {
                "operators": operators,
                "calls": await work.through(self._shown(), lambda call: self._call(call, waiting)),
                "alarms": await work.through(self._alarms.standing(), _alarm),
            }
        )

    def _frame(self) -> dict[str, Any]:
        """Return what there is beside operators, calls and alarms."""
        return {
            "at": stamp(self._now()),
            "node": self._node,
            "asterisk": "up" if self._asterisk_is_up else "down",
            "since": stamp(self._asterisk_since),
            "heard_ago_s": self.heard_ago_s(),
            "house": self.house(),
            "rules": self.rules(),
        }

    def _desk(self, desk: Desk) -> msgspec.Raw:
        """Return an operator as JSON, drawn anew only where she has changed."""
        seen = _seen(desk)
        drawn = self._drawn_desks.get(desk.operator.id)
        if drawn is None or drawn[0] != seen:
            drawn = self._drawn_desks[desk.operator.id] = (
                seen,
                msgspec.Raw(msgspec.json.encode(_operator(desk))),
            )
        return drawn[1]

    def _shown(self) -> list[Call]:
        """Return the calls of the picture: a test is nobody's business on the floor."""
        return [call for call in self._calls() if not call.is_test]

    def _call(self, call: Call, waiting: Mapping[str, WaitingCall]) -> dict[str, Any]:
        return _call(call, waiting.get(call.id)) | {"supervisors": self.supervisors_on(call.id)}


class Work:
    """What is done a little at a time, and how long it took without what was done in between."""

    def __init__(self) -> None:
        self.took_s = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.took_s += time.perf_counter() - self._began

    async def through(self, things: Sequence[T], describe: Callable[[T], dict[str, Any]]) -> msgspec.Raw:
        """Return all of ``things`` as a JSON list."""
        parts = []
        for place in range(0, len(things), _AT_ONCE):
            with self:
                parts += [msgspec.json.encode(describe(one)) for one in things[place : place + _AT_ONCE]]
            await asyncio.sleep(0)
        return msgspec.Raw(b"[" + b",".join(parts) + b"]")


_Seen = tuple[object, ...]


def _seen(desk: Desk) -> _Seen:
    """Return all that `_operator` draws."""
    return (
        desk.operator.id,
        desk.operator.name,
        desk.state,
        desk.reason,
        desk.since,
        desk.call_id,
        desk.phone_is_online,
        desk.queues,
        desk.sits_at,
        desk.ends_at,
        desk.forced_by,
    )


def _operator(desk: Desk) -> dict[str, Any]:
    return {
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


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {"code": alarm.code, "text": alarm.text, "since": stamp(alarm.since)}


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
