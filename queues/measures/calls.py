"""What is measured of one call, folded from its events as the journal has them.

Records of a call come in their order; calls may be interleaved, and a record that comes twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from queues.measures.times import milliseconds
from queues.vocabulary import OfferEnd

ACCEPTED = "accepted"
"""The outcome of an offer that came to a talk; the others are :class:`~queues.vocabulary.OfferEnd`."""

_TEST = "uji_coba"


class Outcome(StrEnum):
    """What became of a call."""

    ANSWERED = "answered"
    """An operator spoke with the caller."""
    ABANDONED = "abandoned"
    """The caller hung up before."""
    LOST = "lost"
    """We, or Asterisk, failed before: never the caller's doing."""
    TESTED = "tested"
    """A machine answered a call that said that it is a test: it counts in neither total."""
    UNFINISHED = "unfinished"
    """Its end has not been told: it goes on, or stands in records that were not given."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One operator's phone, rung for one call. Instants in milliseconds."""

    operator: str
    began_ms: int
    ended_ms: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One operator's talk, and the wrap-up after it, which is 0 where there was none."""

    operator: str
    began_ms: int
    ended_ms: int
    wrap_up_ms: int = 0


@dataclass(frozen=True, slots=True)
class MeasuredCall:
    """One call. A wait ends with the first operator's answer or, where there was none, with the call."""

    call_id: str
    ring_ms: int
    """The instant of the INVITE: the call belongs to the hour and day of it."""
    outcome: Outcome
    since_invite_ms: int
    since_answer_ms: int | None
    """From our own answer, before the greeting; None if we never answered."""
    since_triage_ms: int | None
    """From the end of triage, when the caller began to wait in a queue; None if she never did."""
    talk_ms: int = 0
    wrap_up_ms: int = 0
    queue: str | None = None
    """The last queue that she waited in."""
    carrier: str | None = None
    operator: str | None = None
    """Who answered first."""
    disposition: str | None = None
    """What a person said that it was, else what the controller said."""
    is_test: bool = False
    is_put_back: bool = False
    """Whether it waited one step less urgently because of what its number did before."""
    rings: tuple[Rung, ...] = ()
    talks: tuple[Talk, ...] = ()
    talks_since: tuple[str, int] | None = None
    """Who talks, and since when, in a call that is not finished."""


def fold(records: Iterable[Mapping[str, Any]]) -> Iterator[MeasuredCall]:
    """Yield each call when its records are ``finished``, and those that are not at the end.

    A record is ``{"call", "type", "at", ...}`` as the controller journals it, ``{"finished": call}``, or
    ``{"disposed": call, "disposition": ...}`` for what a person said of it, which may come before the rest.
    Others are passed over. Raises :class:`~queues.measures.errors.RecordUnusable`.
    """
    calls: dict[str, _Story] = {}
    disposed: dict[str, str] = {}
    for record in records:
        if isinstance(call_id := record.get("call"), str):
            calls.setdefault(call_id, _Story(call_id)).take(record)
        elif isinstance(call_id := record.get("disposed"), str):
            disposed[call_id] = str(record.get("disposition"))
        elif isinstance(call_id := record.get("finished"), str):
            story = calls.pop(call_id, None)
            if story is not None:
                yield story.told(disposed.pop(call_id, None))
    for call_id, story in calls.items():
        yield story.told(disposed.get(call_id))


@dataclass(slots=True)
class _Story:
    """One call while its events come in."""

    call_id: str
    first_ms: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    """When each kind of event first came."""
    data: dict[str, Any] = field(default_factory=dict)
    ended: Mapping[str, Any] | None = None
    ringing: dict[str, tuple[str, int]] = field(default_factory=dict)
    rings: list[Rung] = field(default_factory=list)
    talking: tuple[str, int] | None = None
    talks: list[Talk] = field(default_factory=list)
    seen: set[tuple[str, int, str]] = field(default_factory=set)

    def take(self, record: Mapping[str, Any]) -> None:
        type_ = str(record.get("type"))
        at_ms = milliseconds(record.get("at"), f"call {self.call_id}: {type_}: at")
        which = (type_, at_ms, str(record.get("offer") or record.get("operator") or ""))
        if which in self.seen:
            return
        self.seen.add(which)
        self.first_ms = min(self.first_ms or at_ms, at_ms)
        self.marks.setdefault(type_, at_ms)
        operator = str(record.get("operator") or "")
        match type_:
            case "offered":
                self.data["carrier"] = record.get("carrier")
                self.data["is_test"] = record.get("is_test") is True
            case "queued":
                self.data["queue"] = record.get("queue")
            case "ringing":
                self.ringing[str(record.get("offer"))] = (operator, at_ms)
            case "ring_ended":
                self._stop_ringing(str(record.get("offer")), at_ms, str(record.get("outcome")))
            case "connected":
                self._connect(operator, at_ms)
            case "handed_over":
                self._part(at_ms)
                self.talking = (operator, at_ms)
            case "operator_lost" | "operator_left":
                self._part(at_ms)
            case "ended":
                self.ended = record
                self._part(at_ms)
                for offer in list(self.ringing):
                    self._stop_ringing(offer, at_ms, OfferEnd.RESCINDED.value)
            case "standing":
                self.data["is_put_back"] = record.get("is_put_back") is True
            case "disposed":
                self.data["disposition"] = record.get("disposition")
            case "wrapped_up":
                self._wrap_up(operator, record.get("wrap_up_s"))

    def told(self, disposition: str | None) -> MeasuredCall:
        """Return what is measured of it."""
        ring_ms = self.marks.get("offered", self.first_ms)
        connected_ms, spans = self.marks.get("connected"), self.ended or {}
        outcome = self._outcome()
        until_ms = connected_ms if connected_ms is not None else self.marks.get("ended", ring_ms)

        def since(mark: str | None, *names: str) -> int | None:
            """Prefer the controller's own spans: its monotonic clock is never put right meanwhile."""
            if mark is not None and mark not in self.marks:
                return None
            if all(isinstance(spans.get(name), int | float) for name in names):
                return sum(round(1000 * float(spans[name])) for name in names)
            return max(0, until_ms - (ring_ms if mark is None else self.marks[mark]))

        talk_s = spans.get("talk_s")
        is_whole = len(self.talks) == 1 and isinstance(talk_s, int | float)
        said = self.ended.get("disposition") if self.ended else None
        final = disposition or self.data.get("disposition") or said
        return MeasuredCall(
            self.call_id,
            ring_ms,
            outcome,
            since(None, "ring_s", "triage_s", "wait_s") or 0,
            since("answered", "triage_s", "wait_s"),
            since("queued", "wait_s"),
            talk_ms=round(1000 * (talk_s or 0.0)) if is_whole else sum(_length(one) for one in self.talks),
            wrap_up_ms=sum(one.wrap_up_ms for one in self.talks),
            queue=self.data.get("queue"),
            carrier=self.data.get("carrier"),
            operator=self.talks[0].operator if self.talks else self.talking[0] if self.talking else None,
            disposition=final,
            is_test=self.data.get("is_test", False) or final == _TEST,
            is_put_back=self.data.get("is_put_back", False),
            rings=tuple(self.rings),
            talks=tuple(self.talks),
            talks_since=self.talking,
        )

    def _outcome(self) -> Outcome:
        if self.ended is None:
            return Outcome.UNFINISHED
        if "connected" in self.marks:
            return Outcome.ANSWERED
        if self.data.get("is_test"):
            return Outcome.TESTED
        is_ours = self.ended.get("by") == "system" or "lost" in self.marks
        return Outcome.LOST if is_ours else Outcome.ABANDONED

    def _stop_ringing(self, offer: str, at_ms: int, outcome: str) -> None:
        rung = self.ringing.pop(offer, None)
        if rung is not None:
            self.rings.append(Rung(rung[0], rung[1], at_ms, outcome))

    def _connect(self, operator: str, at_ms: int) -> None:
        self._part(at_ms)
        for offer, (rung, _) in list(self.ringing.items()):
            if rung == operator:
                self._stop_ringing(offer, at_ms, ACCEPTED)
        self.talking = (operator, at_ms)

    def _part(self, at_ms: int) -> None:
        if self.talking is not None:
            operator, began_ms = self.talking
            self.talks.append(Talk(operator, began_ms, max(began_ms, at_ms)))
            self.talking = None

    def _wrap_up(self, operator: str, wrap_up_s: object) -> None:
        if not isinstance(wrap_up_s, int | float):
            return
        for place in reversed(range(len(self.talks))):
            talk = self.talks[place]
            if talk.operator == operator:
                wrap_up_ms = round(1000 * wrap_up_s)
                self.talks[place] = Talk(operator, talk.began_ms, talk.ended_ms, wrap_up_ms)
                return


def _length(talk: Talk) -> int:
    return talk.ended_ms - talk.began_ms
