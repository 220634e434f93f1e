"""The desk for messages that come beside calls: each goes to its call, or waits until the call comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from dashboards.errors import DatabaseUnavailable
from dashboards.locating.calls import Calls
from dashboards.locating.spool import Spool
from suar.location import Reading
from suar.location.matching import Sender, Waiting, Window, choose
from suar.location.restoring import ClaimInvalid, reading_from
from suar.log import get_logger
from suar.record import Record
from suar.telephone import NumberPlan

_MOST_WAITING = 5_000
_LOOK_S = 0.25
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5)
LONGEST_OUTAGE = timedelta(hours=1)
_LATE = timedelta(seconds=10)
"""How much later than it rang a call may become known here."""

log = get_logger()


class Outcome(StrEnum):
    """What became of a message."""

    MATCHED = "matched"
    WAITING = "waiting"
    """No call of this sender yet."""
    HELD = "held"
    """The database is away."""
    NO_SENDER = "no_sender"
    """It does not say whose it is."""


@dataclass(frozen=True, slots=True)
class _Message:
    sender: Sender
    reading: Reading
    received_at: datetime
    call_started_at: datetime | None
    way: str
    kept_as: str = ""
    """Its name in the spool."""
    is_late: bool = False
    """It was held, or an earlier process took it: its call may have rung long before it is known here."""

    def as_record(self) -> Record:
        """As the spool keeps it."""
        began = self.call_started_at
        return {
            "number": self.sender.number,
            "imsi": self.sender.imsi,
            "imei": self.sender.imei,
            "received_at": self.received_at.isoformat(),
            "call_started_at": None if began is None else began.isoformat(),
            "reading": self.reading.as_json(),
        }


def _from_record(record: Record, name: str) -> _Message:
    """Return a message of the spool. Raises ClaimInvalid, KeyError, TypeError, ValueError."""
    reading, began = reading_from(record["reading"]), record["call_started_at"]
    return _Message(
        Sender(record["number"], record["imsi"], record["imei"]),
        reading,
        datetime.fromisoformat(record["received_at"]),
        datetime.fromisoformat(began) if began else None,
        reading.kind,
        kept_as=name,
        is_late=True,
    )


class Desk:
    """Takes what was read from messages. While the database is away they are held, and none is lost.

    What has not found its call is on the disk too, before the sender is told that it was taken.
    """

    def __init__(
        self,
        calls: Calls,
        window: Window,
        plan: NumberPlan,
        now: Callable[[], datetime],
        registry: CollectorRegistry,
        spool: Spool,
    ) -> None:
        self._calls, self._window, self._plan, self._now = calls, window, plan, now
        self._spool = spool
        self._waiting: Waiting[_Message] = Waiting(window.before + _LATE, _MOST_WAITING)
        self._held: Waiting[_Message] = Waiting(LONGEST_OUTAGE, _MOST_WAITING)
        self._has_some = asyncio.Event()
        self._messages = Counter(
            "suar_location_messages",
            "Messages with a caller's location that came beside the call.",
            ["way", "outcome"],
            registry=registry,
        )
        self._took = Histogram(
            "suar_location_message_seconds",
            "From a message's coming in to its claims on the call.",
            buckets=_BUCKETS,
            registry=registry,
        )
        waiting = Gauge(
            "suar_location_messages_waiting", "Messages that wait for their call.", registry=registry
        )
        waiting.set_function(lambda: float(len(self._waiting)))
        expired = Gauge(
            "suar_location_messages_expired",
            "Messages that no call came for, since the start.",
            registry=registry,
        )
        expired.set_function(lambda: float(self._waiting.expired))

    async def take(self, reading: Reading, received_at: datetime, number: str | None = None) -> Outcome:
        """Take a message; ``number`` is whom the network says it is from, in any spelling."""
        message = self._message(reading, received_at, number)
        if not message.sender.is_known:
            outcome = Outcome.NO_SENDER
        else:
            try:
                outcome = Outcome.MATCHED if await self._deliver(message) else Outcome.WAITING
            except DatabaseUnavailable:
                outcome = Outcome.HELD
        if outcome in (Outcome.WAITING, Outcome.HELD):
            message = replace(message, kept_as=await self._spool.keep(message.as_record(), received_at))
            (self._waiting if outcome is Outcome.WAITING else self._held).add(message, received_at)
            self._has_some.set()
        self.count(message.way, outcome)
        return outcome

    def count(self, way: str, outcome: str) -> None:
        """Count a message, also one that was turned away at the door."""
        self._messages.labels(way, outcome).inc()
        log.info("location_message", way=way, outcome=outcome)

    def _message(self, reading: Reading, received_at: datetime, number: str | None) -> _Message:
        """Everything is the sender's own words, but the number that the network gives."""
        told = reading.call.get("identity") or {}
        began = reading.call.get("call_started_at")
        return _Message(
            Sender(self._plan.to_e164(number or told.get("number")), told.get("imsi"), told.get("imei")),
            reading,
            received_at,
            datetime.fromisoformat(began) if began else None,
            reading.kind,
        )

    async def _deliver(self, message: _Message) -> bool:
        """Bring a message to its call, if there is one. Raises DatabaseUnavailable."""
        began, now = time.perf_counter(), self._now()
        candidates = await self._calls.candidates(message.sender, message.received_at)
        found = choose(message.sender, message.received_at, candidates, self._window, message.call_started_at)
        if found is None:
            return False
        if message.reading.is_usable:
            await self._calls.add(found.call_id, message.reading, now)
        else:
            await self._calls.note(found.call_id, "no_location", now, source=message.way)
        self._took.observe(time.perf_counter() - began)
        return True

    async def run(self) -> None:
        """Bring what waits to calls as they come, until cancelled; what an earlier process left, first."""
        await self.restore()
        while True:
            await self._has_some.wait()
            await self.look_again()
            await self._spool.keep_only(self._kept())
            if not self._waiting and not self._held:
                self._has_some.clear()
            await asyncio.sleep(_LOOK_S)

    async def restore(self) -> None:
        """Take up what waited when an earlier process ended. Its calls may come to be known only now."""
        for name, record in (await asyncio.to_thread(self._spool.load, self._now())).items():
            try:
                message = _from_record(record, name)
            except (ClaimInvalid, KeyError, TypeError, ValueError) as error:
                log.error("message_not_restored", why=type(error).__name__)
                await self._spool.drop(name)
                continue
            self._held.add(message, message.received_at)
            self._has_some.set()

    async def look_again(self) -> None:
        """Try those messages once more whose caller has called by now, and those without a number."""
        now = self._now()
        try:
            for message in self._held.waiting(now):
                if await self._deliver(message):
                    await self._spool.drop(message.kept_as)
                    self.count(message.way, Outcome.MATCHED)
                else:
                    self._waiting.add(replace(message, is_late=True), now)
                self._held.remove(message)
            waiting = self._waiting.waiting(now)
            callers = await self._calls.callers(self._since(waiting, now)) if waiting else set()
            for message in waiting:
                number = message.sender.number
                if (number is None or number in callers) and await self._deliver(message):
                    self._waiting.remove(message)
                    await self._spool.drop(message.kept_as)
                    self.count(message.way, Outcome.MATCHED)
        except DatabaseUnavailable:
            return

    def _kept(self) -> set[str]:
        """Return the names in the spool of those that wait still."""
        now = self._now()
        return {one.kept_as for one in (*self._held.waiting(now), *self._waiting.waiting(now))}

    def _since(self, waiting: list[_Message], now: datetime) -> datetime:
        """Return since when a call may have rung that one of these belongs to."""
        late = [one.received_at - self._window.after for one in waiting if one.is_late]
        return min(late, default=now - self._waiting.keep)
