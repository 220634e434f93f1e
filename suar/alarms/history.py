"""Alarms as events on the disk: each raising and each clearing is a line, as in the journal (`suar.record`).

A file and not a table: the database may be what an alarm is about. A disk that takes nothing costs lines and
never the alarm itself; what could not be written goes down with the next line that can be.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from suar.alarms.standing import Alarm, News
from suar.disk import write_anew
from suar.log import get_logger
from suar.record import Record, decode_all, encode, stamp

_KEEP = 500
_UNWRITTEN = 1000

log = get_logger()


@dataclass(frozen=True, slots=True)
class Event:
    """An alarm was raised or cleared."""

    alarm: Alarm
    news: News
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """An alarm that is over."""

    alarm: Alarm
    until: datetime


class History:
    """The events of one process's alarms, in the file ``path``."""

    def __init__(self, path: Path, *, keep: int = _KEEP) -> None:
        self._path = path
        self._keep = keep
        self._events: deque[Event] = deque(maxlen=keep)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="alarms")
        self._unwritten: deque[bytes] = deque(maxlen=_UNWRITTEN)
        self._standing: dict[str, Event] = {}
        self._is_cut = False
        self._lock = Lock()

    def open(self) -> list[Alarm]:
        """Read the file, and write it anew if it has grown; return the alarms that stood at its end.

        A file that cannot be read is as good as an empty one: the log says why. Blocks: call it at the start.
        """
        try:
            lines = self._path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            log.error("alarms_unreadable", path=str(self._path), reason=error.strerror)
            return []
        self._is_cut = bool(lines) and not lines[-1].endswith(b"\n")
        found = [event for record in decode_all(lines) if (event := _read(record)) is not None]
        for event in found:
            self._note(event)
        if len(found) > 2 * self._keep:
            # What still stands goes first, however long ago it began.
            kept = {id(event): event for event in [*self._standing.values(), *self._events]}
            self._rewrite(b"".join(_line(event) for event in kept.values()))
        return [event.alarm for event in self._standing.values()]

    def note(self, alarm: Alarm, news: News, at: datetime) -> None:
        """Take an event, and have it written. Never waits, never raises."""
        event = Event(alarm, news, at)
        self._note(event)
        with self._lock:
            self._unwritten.append(_line(event))
        self._thread.submit(self._append)

    def past(self, limit: int = 50) -> list[Past]:
        """Return the alarms that are over, the last to end first."""
        over = [Past(event.alarm, event.at) for event in self._events if event.news is News.CLEARED]
        return over[: -limit - 1 : -1]

    def close(self) -> None:
        """Write the rest. Blocks."""
        self._thread.shutdown()

    def _note(self, event: Event) -> None:
        self._events.append(event)
        if event.news is News.RAISED:
            self._standing[event.alarm.code] = event
        else:
            self._standing.pop(event.alarm.code, None)

    def _append(self) -> None:
        with self._lock:
            lines, self._unwritten = list(self._unwritten), deque(maxlen=_UNWRITTEN)
        if not lines:
            return
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                self._write(handle, b"".join(lines))
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            log.error("alarms_not_written", path=str(self._path), reason=error.strerror)
            with self._lock:
                self._unwritten = deque([*lines, *self._unwritten], maxlen=_UNWRITTEN)

    def _write(self, handle: int, text: bytes) -> None:
        # What a full disk has cut is ended first: a whole line follows, with the same once more.
        text = b"\n" + text if self._is_cut else text
        self._is_cut = os.write(handle, text) < len(text)
        if self._is_cut:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _rewrite(self, text: bytes) -> None:
        try:
            write_anew(self._path, text, 0o600)
            self._is_cut = False
        except OSError as error:
            log.error("alarms_not_written", path=str(self._path), reason=error.strerror)


def _line(event: Event) -> bytes:
    return encode(
        {
            "at": stamp(event.at),
            "alarm": event.news.value,
            "code": event.alarm.code,
            "text": event.alarm.text,
            "since": stamp(event.alarm.since),
        }
    )


def _read(record: Record | None) -> Event | None:
    if record is None:
        return None
    try:
        since = datetime.fromisoformat(record["since"])
        alarm = Alarm(str(record["code"]), str(record["text"]), since)
        return Event(alarm, News(record["alarm"]), datetime.fromisoformat(record["at"]))
    except (KeyError, TypeError, ValueError):
        return None
