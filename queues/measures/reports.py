"""All figures of a period at once, in groups: two totals for each, of every call and without some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from queues.measures.calls import MeasuredCall, Rung, fold
from queues.measures.figures import Figures
from queues.measures.tally import Rules, Tally
from queues.measures.times import Zone, by_hours, day_of, hour_of, in_order
from queues.measures.work import WorkBook

NOBODY = "-"
"""The group of the calls that no queue, operator or carrier is known of."""


class By(StrEnum):
    """What calls are grouped by. Hours and days are local, those of the INVITE."""

    QUEUE = "queue"
    OPERATOR = "operator"
    CARRIER = "carrier"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Group:
    """The two totals of one group."""

    key: str
    all: Figures
    without: Figures
    """Without what `Rules.left_out` names. Operators' time is nobody's call, so it is in both."""


@dataclass(frozen=True, slots=True)
class Report:
    """A period's figures. A call belongs to it, and to an hour or a day, by the instant of its INVITE."""

    began_ms: int
    ended_ms: int
    rules: Rules
    by: By | None
    total: Group
    groups: tuple[Group, ...]
    """In the order of their keys; none where nothing was asked for."""


class Reporter:
    """Takes calls and decisions one by one, in any order, and reports."""

    def __init__(
        self, began_ms: int, ended_ms: int, zone: Zone, by: By | None = None, rules: Rules | None = None
    ) -> None:
        self._began_ms, self._ended_ms = began_ms, ended_ms
        self._zone, self._by = zone, by
        self._rules = rules or Rules()
        self._pairs: dict[str, tuple[Tally, Tally]] = {}
        self._total = self._pair()
        self._book = WorkBook()

    def take_call(self, call: MeasuredCall) -> None:
        """Add a call; one of another time only says who was busy with it."""
        self._book.take_call(call)
        if not self._began_ms <= call.ring_ms < self._ended_ms:
            return
        is_left_out = self._rules.is_left_out(call)
        for all_, without in (self._total, self._of(self._key(call))):
            all_.take_call(call)
            if not is_left_out:
                without.take_call(call)
        for rung in call.rings:
            key = rung.operator if self._by is By.OPERATOR else self._key(call)
            for all_, without in (self._total, self._of(key)):
                self._take_offer(rung, all_, None if is_left_out else without)

    def take_decision(self, record: Mapping[str, Any]) -> None:
        """Note what an operator asked for. Raises :class:`~queues.measures.errors.RecordUnusable`."""
        self._book.take_decision(record)

    def report(self) -> Report:
        """Return what all this comes to. Call it once: the operators' time is added here."""
        for work in self._book.spans(self._began_ms, self._ended_ms):
            for began_ms, ended_ms in by_hours(work.began_ms, work.ended_ms, self._zone):
                lasted_ms = ended_ms - began_ms
                busy_ms = lasted_ms if work.is_busy else 0
                for tally in [*self._total, *self._at_work(work.operator, began_ms)]:
                    tally.take_work(busy_ms, lasted_ms - busy_ms)
        groups = tuple(self._group(key, self._pairs[key]) for key in in_order(self._pairs))
        total = self._group("total", self._total)
        return Report(
            self._began_ms, self._ended_ms, self._rules, self._by, total, groups if self._by else ()
        )

    @staticmethod
    def _take_offer(rung: Rung, all_: Tally, without: Tally | None) -> None:
        all_.take_offer(rung)
        if without is not None:
            without.take_offer(rung)

    def _key(self, call: MeasuredCall) -> str:
        match self._by:
            case By.QUEUE:
                return call.queue or NOBODY
            case By.OPERATOR:
                return call.operator or NOBODY
            case By.CARRIER:
                return call.carrier or NOBODY
            case By.HOUR:
                return hour_of(call.ring_ms, self._zone)
            case By.DAY:
                return day_of(call.ring_ms, self._zone)
            case None:
                return NOBODY

    def _at_work(self, operator: str, at_ms: int) -> tuple[Tally, ...]:
        """Return who is told of an operator's time: a queue or a carrier has no part of it."""
        match self._by:
            case By.OPERATOR:
                return self._of(operator)
            case By.HOUR:
                return self._of(hour_of(at_ms, self._zone))
            case By.DAY:
                return self._of(day_of(at_ms, self._zone))
            case _:
                return ()

    def _of(self, key: str) -> tuple[Tally, Tally]:
        if key not in self._pairs:
            self._pairs[key] = self._pair()
        return self._pairs[key]

    def _pair(self) -> tuple[Tally, Tally]:
        return Tally(self._rules), Tally(self._rules)

    @staticmethod
    def _group(key: str, pair: tuple[Tally, Tally]) -> Group:
        return Group(key, pair[0].figures(), pair[1].figures())


def measure(
    records: Iterable[Mapping[str, Any]],
    decisions: Iterable[Mapping[str, Any]],
    began_ms: int,
    ended_ms: int,
    zone: Zone,
    by: By | None = None,
    rules: Rules | None = None,
) -> Report:
    """Return the figures of the calls that rang in ``[began_ms, ended_ms)``.

    ``records`` are what :func:`~queues.measures.calls.fold` takes, ``decisions`` those of the operators.
    Raises :class:`~queues.measures.errors.RecordUnusable`.
    """
    reporter = Reporter(began_ms, ended_ms, zone, by, rules)
    for decision in decisions:
        reporter.take_decision(decision)
    for call in fold(records):
        reporter.take_call(call)
    return reporter.report()
