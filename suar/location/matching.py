"""Whose call a message belongs to that came beside it: by number, else by IMSI or IMEI, in a window of time.

Pure: told the time. AML (ETSI TS 103 625) comes apart from its call, often before it and sometimes after.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Window:
    """How far from the ring a message may come; while the call lives it may come at any time."""

    before: timedelta = timedelta(seconds=60)
    after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a message, as far as it says; the number is in E.164. They name a person: never log them."""

    number: str | None = None
    imsi: str | None = None
    imei: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to match by."""
        return any((self.number, self.imsi, self.imei))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that a message may belong to."""

    call_id: str
    ring_at: datetime
    is_live: bool
    sender: Sender
    """Of the caller, as far as the call and earlier messages say."""


def choose(
    sender: Sender,
    received_at: datetime,
    candidates: Iterable[Candidate],
    window: Window,
    call_started_at: datetime | None = None,
) -> Candidate | None:
    """Return the call that a message belongs to; None if there is none, for nothing is guessed.

    A number that both sides have decides alone: another IMSI does not outweigh it (a call that was
    forwarded), and the same IMSI with another number is another line of the same phone. Of several calls of
    one caller, those that live come first, then the one nearest to when the phone says that it called, and
    then the latest.
    """
    begun = received_at if call_started_at is None else call_started_at

    def order(one: Candidate) -> tuple[int, bool, timedelta, float]:
        return (
            _likeness(sender, one.sender),
            one.is_live,
            -abs(one.ring_at - begun),
            one.ring_at.timestamp(),
        )

    fitting = [
        one
        for one in candidates
        if _likeness(sender, one.sender) and is_within(received_at, one.ring_at, one.is_live, window)
    ]
    return max(fitting, key=order, default=None)


def is_within(received_at: datetime, ring_at: datetime, is_live: bool, window: Window) -> bool:
    """Whether a message may belong to a call by its time."""
    late = received_at - ring_at
    return -window.before <= late and (is_live or late <= window.after)


def _likeness(sender: Sender, caller: Sender) -> int:
    """0 for strangers; a number weighs more than an IMSI, and that more than an IMEI."""
    for weight, name in ((3, "number"), (2, "imsi"), (1, "imei")):
        told, known = getattr(sender, name), getattr(caller, name)
        if told and told == known:
            return weight
    return 0


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    message: T
    until: datetime


class Waiting(Generic[T]):
    """Messages whose call has not come yet: at most ``limit``, each for ``keep``; the oldest go first."""

    def __init__(self, keep: timedelta, limit: int) -> None:
        self.keep, self._limit = keep, limit
        self._kept: deque[_Kept[T]] = deque()
        self.expired = 0
        """How many no call came for."""

    def add(self, message: T, now: datetime) -> None:
        """Keep a message."""
        self._expire(now)
        while len(self._kept) >= self._limit:
            self._kept.popleft()
            self.expired += 1
        self._kept.append(_Kept(message, now + self.keep))

    def remove(self, message: T) -> None:
        """Take a message away whose call has come; one that has gone already is none the less."""
        self._kept = deque(one for one in self._kept if one.message is not message)

    def waiting(self, now: datetime) -> list[T]:
        """Return what waits, the oldest first."""
        self._expire(now)
        return [one.message for one in self._kept]

    def _expire(self, now: datetime) -> None:
        while self._kept and self._kept[0].until <= now:
            self._kept.popleft()
            self.expired += 1

    def __len__(self) -> int:
        return len(self._kept)
