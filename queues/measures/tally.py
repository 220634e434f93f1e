"""Adds calls up. Two tallies joined are the tally of both, to the last digit: everything kept is whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from queues.measures.calls import MeasuredCall, Outcome, Rung
from queues.measures.figures import Answering, Clock, Figures
from queues.vocabulary import OfferEnd

_GHOST, _PRANK, _UNSAID = "ghost", "prank", "unsaid"
_FALSE = (_GHOST, _PRANK)
_TENTH = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """What a city decides of its figures."""

    target_s: float = 10.0
    """The T of ``within_target``, ``sl`` and ``sl2``."""
    short_abandon_s: float = 5.0
    """Who hangs up sooner than this after the INVITE is a short abandon."""
    left_out: frozenset[str] = frozenset({"short", "test", "ghost"})
    """What the second total is without: of ``short``, ``test``, ``ghost`` and ``prank``."""

    def is_short(self, call: MeasuredCall) -> bool:
        return call.outcome is Outcome.ABANDONED and call.since_invite_ms < 1000 * self.short_abandon_s

    def is_left_out(self, call: MeasuredCall) -> bool:
        """Whether the second total is without this call."""
        return (
            ("short" in self.left_out and self.is_short(call))
            or ("test" in self.left_out and call.is_test)
            or call.disposition in self.left_out & set(_FALSE)
        )


@dataclass(slots=True)
class _Waits:
    """The waits by one clock, in milliseconds."""

    answered: list[int] = field(default_factory=list)
    abandoned: list[int] = field(default_factory=list)
    lost: int = 0

    def take(self, wait_ms: int | None, outcome: Outcome) -> None:
        if wait_ms is None or outcome is Outcome.UNFINISHED:
            return
        if outcome is Outcome.ANSWERED:
            self.answered.append(wait_ms)
        elif outcome is Outcome.ABANDONED:
            self.abandoned.append(wait_ms)
        else:
            self.lost += 1

    def join(self, other: _Waits) -> None:
        self.answered += other.answered
        self.abandoned += other.abandoned
        self.lost += other.lost

    def figures(self, target_s: float) -> Answering:
        waits = sorted(self.answered)
        total = len(waits) + len(self.abandoned) + self.lost
        longest = waits[-max(1, len(waits) // _TENTH) :] if waits else []

        def within(seconds: float) -> int:
            return sum(wait <= 1000 * seconds for wait in waits)

        gave_up_in_time = sum(wait <= 1000 * target_s for wait in self.abandoned)
        return Answering(
            calls=total,
            within_10_s=share(within(10), total),
            within_15_s=share(within(15), total),
            within_20_s=share(within(20), total),
            within_target=share(within(target_s), total),
            sl=share(within(target_s), len(waits)),
            sl2=share(within(target_s) + gave_up_in_time, total),
            asa_s=_mean_s(sum(waits), len(waits)),
            longest_tenth_s=_mean_s(sum(longest), len(longest)),
            longest_s=waits[-1] / 1000 if waits else None,
        )


@dataclass(slots=True)
class Tally:
    """The sums of one set of calls."""

    rules: Rules = field(default_factory=Rules)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    waits: dict[Clock, _Waits] = field(default_factory=lambda: {clock: _Waits() for clock in Clock})
    talk_ms: int = 0
    wrap_up_ms: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    """How offers ended."""
    busy_ms: int = 0
    free_ms: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[str] = field(default_factory=Counter)

    def take_call(self, call: MeasuredCall) -> None:
        """Add a call, its offers apart."""
        self.outcomes[call.outcome] += 1
        if call.outcome is Outcome.UNFINISHED:
            return
        if call.outcome is Outcome.TESTED:
            self.kinds["test"] += 1
            return
        self.waits[Clock.INVITE].take(call.since_invite_ms, call.outcome)
        self.waits[Clock.ANSWER].take(call.since_answer_ms, call.outcome)
        self.waits[Clock.TRIAGE].take(call.since_triage_ms, call.outcome)
        if call.outcome is Outcome.ANSWERED:
            self.talk_ms += call.talk_ms
            self.wrap_up_ms += call.wrap_up_ms
        self.kinds["short"] += self.rules.is_short(call)
        self.kinds["test"] += call.is_test
        self.kinds["put_back"] += call.is_put_back
        self.dispositions[call.disposition or _UNSAID] += 1

    def take_offer(self, rung: Rung) -> None:
        """Add the ringing of one operator's phone."""
        self.ends[rung.outcome] += 1

    def take_work(self, busy_ms: int, free_ms: int) -> None:
        """Add operators' time."""
        self.busy_ms += busy_ms
        self.free_ms += free_ms

    def join(self, other: Tally) -> None:
        """Add another tally, made by the same rules."""
        self.outcomes.update(other.outcomes)
        for clock, waits in other.waits.items():
            self.waits[clock].join(waits)
        self.talk_ms += other.talk_ms
        self.wrap_up_ms += other.wrap_up_ms
        self.ends.update(other.ends)
        self.take_work(other.busy_ms, other.free_ms)
        self.kinds.update(other.kinds)
        self.dispositions.update(other.dispositions)

    def figures(self) -> Figures:
        """Return what it comes to."""
        answered, abandoned = self.outcomes[Outcome.ANSWERED], self.outcomes[Outcome.ABANDONED]
        calls = answered + abandoned + self.outcomes[Outcome.LOST]
        by = {clock: waits.figures(self.rules.target_s) for clock, waits in self.waits.items()}
        in_15, in_20 = by[Clock.INVITE].within_15_s, by[Clock.INVITE].within_20_s
        offers, worked_ms = sum(self.ends.values()), self.busy_ms + self.free_ms
        return Figures(
            calls=calls,
            answered=answered,
            abandoned=abandoned,
            lost=self.outcomes[Outcome.LOST],
            unfinished=self.outcomes[Outcome.UNFINISHED],
            abandonment=share(abandoned, calls),
            invite=by[Clock.INVITE],
            answer=by[Clock.ANSWER],
            triage=by[Clock.TRIAGE],
            nena_90_15=None if in_15 is None else in_15 >= 0.90,
            nena_95_20=None if in_20 is None else in_20 >= 0.95,
            talk_s=_mean_s(self.talk_ms, answered),
            wrap_up_s=_mean_s(self.wrap_up_ms, answered),
            aht_s=_mean_s(self.talk_ms + self.wrap_up_ms, answered),
            offers=offers,
            rona=self.ends[OfferEnd.NO_ANSWER],
            rona_share=share(self.ends[OfferEnd.NO_ANSWER], offers),
            rejected=self.ends[OfferEnd.REJECTED],
            unreachable=self.ends[OfferEnd.UNREACHABLE],
            busy_s=self.busy_ms / 1000 if worked_ms else None,
            free_s=self.free_ms / 1000 if worked_ms else None,
            occupancy=share(self.busy_ms, worked_ms),
            short_abandons=self.kinds["short"],
            tests=self.kinds["test"],
            ghosts=self.dispositions[_GHOST],
            pranks=self.dispositions[_PRANK],
            put_back=self.kinds["put_back"],
            false_share=share(sum(self.dispositions[name] for name in _FALSE), calls),
            dispositions={name: count for name, count in sorted(self.dispositions.items()) if count},
        )


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole, between 0 and 1; None of nothing."""
    return part / whole if whole else None


def _mean_s(sum_ms: int, count: int) -> float | None:
    return sum_ms / count / 1000 if count else None
