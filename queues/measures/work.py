"""When each operator was busy with calls, and when free for one, from events alone.

*Busy* comes from the calls: ringing, talking and wrap-up, and talks that an operator was called into. *Free*
comes from the decisions' journal, which has what operators asked for: ready from
``OperatorReady`` until she asks for something else, until her phone cannot be reached,
or until it did not take an offer, which makes her not ready. No rule of the day is needed to read it, so it
can be read when the rules have long changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from queues.measures.calls import MeasuredCall
from queues.measures.times import milliseconds
from queues.vocabulary import OfferEnd

RESTARTED = "Restarted"
"""A record ``{"event": "Restarted", "at": ...}``: another controller begins, and asks who is at work."""

_FAILED = {OfferEnd.NO_ANSWER, OfferEnd.REJECTED, OfferEnd.UNREACHABLE}
_RUNG, _PHONE_FAILED = "Rung", "PhoneFailed"
_FAR = 1 << 62
"""Later than any period."""
_HER_OWN = {
    "OperatorSignedOn",
    "OperatorSignedOff",
    "OperatorReady",
    "OperatorNotReady",
    "OperatorReachable",
    "OperatorUnreachable",
}

Span = tuple[int, int]
Change = tuple[int, str, bool]
"""When, what, and, of one who signs on, whether her phone can be reached."""


@dataclass(frozen=True, slots=True)
class Work:
    """A span of one operator's time, busy with a call or free for one; not ready is neither."""

    operator: str
    began_ms: int
    ended_ms: int
    is_busy: bool


@dataclass(slots=True)
class WorkBook:
    """Takes calls and decisions, and says who was busy and free when."""

    _busy: defaultdict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    _changes: defaultdict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    _restarts: list[int] = field(default_factory=list)
    _joined: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Who is in a talk that was not offered to her, and since when; by the call that the decisions name."""

    def take_call(self, call: MeasuredCall) -> None:
        """Note who was busy with a call."""
        for rung in call.rings:
            self._busy[rung.operator].append((rung.began_ms, rung.ended_ms))
            # She was rung, so she was ready: a pause may end by itself, which nobody tells.
            self._changes[rung.operator].append((rung.began_ms, _RUNG, True))
            if rung.outcome in _FAILED:
                self._changes[rung.operator].append((rung.ended_ms, _PHONE_FAILED, True))
        for talk in call.talks:
            self._busy[talk.operator].append((talk.began_ms, talk.ended_ms + talk.wrap_up_ms))
        if call.talks_since is not None:
            operator, since = call.talks_since
            self._busy[operator].append((since, _FAR))

    def take_decision(self, record: Mapping[str, Any]) -> None:
        """Note what an operator asked for; decisions come in their order.

        Raises :class:`~queues.measures.errors.RecordUnusable`.
        """
        event = record.get("event")
        if event == RESTARTED:
            self._restarts.append(milliseconds(record.get("at"), "decisions: at"))
        elif event in _HER_OWN:
            at_ms = milliseconds(record.get("at"), f"decisions: {event}: at")
            is_reachable = record.get("phone_is_reachable") is not False
            self._changes[str(record.get("operator_id"))].append((at_ms, str(event), is_reachable))
        elif event in {"TalkAdopted", "CallEnded"}:
            at_ms = milliseconds(record.get("at"), f"decisions: {event}: at")
            call_id = str(record.get("call_id"))
            operator, since = self._joined.pop(call_id, ("", 0))
            if operator:
                self._busy[operator].append((since, max(since, at_ms)))
            if event == "TalkAdopted":
                self._joined[call_id] = (str(record.get("operator_id")), at_ms)

    def spans(self, began_ms: int, ended_ms: int) -> Iterator[Work]:
        """Yield who was busy and free within a period, each operator's spans apart from one another.

        An operator of whom no decision is known is left out: how long she was there cannot be said.
        """
        for operator, changes in sorted(self._changes.items()):
            if all(what in {_RUNG, _PHONE_FAILED} for _, what, _ in changes):
                continue
            busy = joined(self._busy[operator])
            free = without(joined(self._ready(operator, ended_ms)), busy)
            for spans, is_busy in ((busy, True), (free, False)):
                for span in spans:
                    since, until = max(span[0], began_ms), min(span[1], ended_ms)
                    if since < until:
                        yield Work(operator, since, until, is_busy)

    def _ready(self, operator: str, ended_ms: int) -> Iterator[Span]:
        """Walk through what she asked for, as the distribution takes it."""
        restarts = [(at_ms, RESTARTED, True) for at_ms in self._restarts]
        is_here = is_ready = is_reachable = False
        since: int | None = None
        # The sort keeps the order of what came in the same millisecond.
        for at_ms, what, reaches in sorted([*restarts, *self._changes[operator]], key=lambda one: one[0]):
            match what:
                case "OperatorSignedOn" if not is_here:
                    is_here, is_ready, is_reachable = True, False, reaches
                case "OperatorSignedOff" | "Restarted":
                    is_here = is_ready = False
                case "OperatorReady" | "Rung":
                    is_ready = is_here
                case "OperatorNotReady" | "PhoneFailed":
                    is_ready = False
                case "OperatorReachable" | "OperatorUnreachable":
                    is_reachable = what == "OperatorReachable"
            is_free = is_ready and is_reachable
            if is_free and since is None:
                since = at_ms
            elif not is_free and since is not None:
                yield since, at_ms
                since = None
        if since is not None:
            yield since, max(since, ended_ms)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch or overlap as one."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def without(spans: list[Span], holes: list[Span]) -> list[Span]:
    """Return joined ``spans`` without what joined ``holes`` cover."""
    found: list[Span] = []
    first = 0
    for since, until in spans:
        while first < len(holes) and holes[first][1] <= since:
            first += 1
        at = since
        for hole in holes[first:]:
            if hole[0] >= until:
                break
            if hole[0] > at:
                found.append((at, hole[0]))
            at = max(at, hole[1])
        if at < until:
            found.append((at, until))
    return found
