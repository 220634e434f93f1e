"""The degraded path's two journals, read.

Asterisk writes ``degraded.log`` (app_queue's log: ``epoch|call|queue|operator|event|data...``), the script
one file for each call. Together they say what the controller would have said of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ari_app.calls.call import Timings, presented
from queues.dispositions import by_default
from suar.record import Record, decode_all

_LATELY = 1024 * 1024
"""Bytes of Asterisk's journal that are looked through: some 3,000 calls."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened to a call, as the controller's outbox takes it."""

    type: str
    at: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class DegradedCall:
    """One call of the degraded path."""

    call_id: str
    told: list[Told] = field(default_factory=list)
    ended_at: datetime | None = None
    by: str = "caller"

    @property
    def connected_at(self) -> datetime | None:
        return next((one.at for one in self.told if one.type == "connected"), None)

    @property
    def is_test(self) -> bool:
        """Whether it said that it is a test."""
        return any(one.data.get("is_test") is True for one in self.told)

    def first(self, type_: str) -> datetime | None:
        """Return when something first happened."""
        return min((one.at for one in self.told if one.type == type_), default=None)

    def ended(self, answered: datetime | None = None) -> Told | None:
        """Return its last event, or None while it goes on."""
        if self.ended_at is None:
            return None
        offered, queued, connected = self.first("offered"), self.first("queued"), self.connected_at
        begun = answered or offered
        timings = Timings(
            # How long it rang, nobody has written down.
            offered=(begun or self.ended_at).timestamp(),
            answered=_seconds(begun),
            queued=_seconds(queued),
            connected=_seconds(connected),
            ended=_seconds(self.ended_at),
        )
        return Told(
            "ended",
            self.ended_at,
            {
                "by": self.by,
                "phase": "talking" if connected else "waiting" if queued else "triage",
                "disposition": by_default(was_answered=connected is not None, is_test=self.is_test).value,
                **timings.spans(),
            },
        )


def read_queue_log(lines: Iterable[str]) -> dict[str, DegradedCall]:
    """Return the calls of Asterisk's journal, the oldest first. A line that cannot be read is passed over."""
    calls: dict[str, DegradedCall] = {}
    for line in lines:
        words = line.rstrip("\n").split("|")
        if len(words) < 5 or not words[0].isdigit() or words[1] in {"NONE", "", "MANAGER"}:
            continue
        at = datetime.fromtimestamp(int(words[0]), UTC)
        call = calls.setdefault(words[1], DegradedCall(words[1]))
        _take(call, at, words[2], words[3], words[4], words[5:])
    return calls


def has_ended_there(queue_log: Path, call_id: str) -> bool:
    """Whether Asterisk has lately written that a call ended there; False if it cannot be read."""
    try:
        with queue_log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LATELY))
            return f"|{call_id}|degraded|NONE|ENDED".encode() in file.read()
    except OSError:
        return False


def _take(call: DegradedCall, at: datetime, queue: str, operator: str, event: str, data: list[str]) -> None:
    match event:
        case "OFFERED":
            call.ended_at = None
            if call.first("offered") is None:
                carrier, dialled, number, presentation, mark = [*data, "", "", "", "", ""][:5]
                offered = _offered(carrier or None, dialled, number or None, presentation)
                if mark == "test":
                    offered["is_test"] = True
                call.told.append(Told("offered", at, offered))
                call.told.append(Told("answered", at, {}))
        case "ENTERQUEUE":
            # Again, after an operator's phone failed.
            call.by = "caller"
            call.told.append(Told("queued", at, {"queue": queue, "path": "degraded"}))
        case "CONNECT":
            call.told.append(Told("connected", at, {"operator": operator, "path": "degraded"}))
        case "COMPLETEAGENT":
            call.by = "operator"
        case "ENDED":
            call.ended_at = at
        case _:
            pass


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def read_script_journal(lines: Iterable[bytes]) -> Iterator[Told]:
    """Yield what the script wrote of its call; damaged lines are passed over."""
    for record in decode_all(lines):
        if record is not None and isinstance(record.get("type"), str):
            yield _told(record)


def _told(record: Record) -> Told:
    data = {key: value for key, value in record.items() if key not in {"call", "type", "at"}}
    if record["type"] == "offered":
        data = _offered(
            data.get("carrier"),
            data.get("dialled") or "",
            data.get("number"),
            data.get("presentation") or "",
            data.get("sip_call_id"),
        )
    return Told(record["type"], datetime.fromisoformat(record["at"]), data)


def _offered(
    carrier: str | None, dialled: str, number: str | None, presentation: str, sip_call_id: str | None = None
) -> dict[str, Any]:
    return {
        "carrier": carrier,
        "number": number,
        "presentation": presented(number, presentation),
        "dialled": dialled,
        "sip_call_id": sip_call_id,
        "path": "degraded",
    }
