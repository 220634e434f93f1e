"""Runs the distribution in virtual time: a year of calls passes as fast as its decisions are made."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from math import inf

from queues.acd import Acd
from queues.errors import IllegalEvent
from queues.pausing import GENERAL
from queues.policy import AcdPolicy
from queues.vocabulary import (
    AcdCommand,
    AcdEvent,
    CallAbandoned,
    CallEnded,
    CallQueued,
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OfferEnd,
    OperatorNotReady,
    OperatorReady,
    OperatorSignedOn,
    OperatorState,
    OperatorStateChanged,
    RescindOffer,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who will wait in a queue, and all that she would do."""

    call_id: str
    at_s: float
    """When she comes into the queue."""
    queue: str
    talk_s: float
    priority: int = 0
    patience_s: float = inf
    """How long she waits before she hangs up."""
    wrap_up_s: float | None = None
    """How long her operator needs afterwards, if that is less than the queue's rule; None for the rule."""
    skills: frozenset[str] = frozenset()
    language: str = ""


@dataclass(slots=True)
class Ring:
    """One phone that rang for a caller; ``took`` is whether it was answered, ``outcome`` why not."""

    operator: str
    began_s: float
    ended_s: float = inf
    took: bool = False
    outcome: str = ""


@dataclass(slots=True)
class Story:
    """What became of a caller."""

    caller: Caller
    operator: str | None = None
    """Who answered; None if she gave up first."""
    answered_s: float = inf
    ended_s: float = inf
    """When she hung up, or the talk ended; without end where nobody ever came."""
    rings: list[Ring] = field(default_factory=list)

    @property
    def wait_s(self) -> float:
        """From the queue to the answer, or to the hang-up."""
        return min(self.answered_s, self.ended_s) - self.caller.at_s


@dataclass(frozen=True, slots=True)
class Shift:
    """An operator comes to her desk, or leaves it as soon as her call and its wrap-up let her."""

    at_s: float
    operator: str
    begins: bool


Answer = Callable[[], float | None]
"""How long an operator lets her phone ring; None if she does not answer it."""


def at_once() -> float | None:
    """Answer every phone at once."""
    return 0.0


class _Turn(IntEnum):
    """What comes first of what happens at one instant."""

    GIVE_UP, END, ACCEPT, READY, COME, GO = range(6)


class Simulation:
    """One run. ``away_s`` is how long an operator who let a phone ring stays not ready.

    Everybody is at work from the beginning, but for what ``shifts`` say.
    """

    def __init__(
        self,
        policy: AcdPolicy,
        operators: Sequence[OperatorSignedOn],
        *,
        answer: Answer = at_once,
        away_s: float = 60.0,
        shifts: Iterable[Shift] = (),
    ) -> None:
        self._acd = Acd(policy)
        self._answer = answer
        self._away_s = away_s
        self._stories: dict[str, Story] = {}
        self._rings: dict[str, Ring] = {}
        """The phones that ring, by offer."""
        self._due: list[tuple[float, int, int, str, str, str]] = []
        """When, what, in which order; then the call, the operator and the offer that it is about."""
        self._order = count()
        self._over: list[Story] = []
        self._gone: set[str] = set()
        """Whose shift is over."""
        for one in operators:
            self._tell(one, 0.0)
            self._tell(OperatorReady(one.operator_id), 0.0)
        for shift in shifts:
            self._later(shift.at_s, _Turn.COME if shift.begins else _Turn.GO, operator=shift.operator)

    def run(self, callers: Iterable[Caller]) -> Iterator[Story]:
        """Yield each caller's story when it is over; ``callers`` come in the order of their time."""
        for caller in callers:
            yield from self._until(caller.at_s)
            self._stories[caller.call_id] = Story(caller)
            if caller.patience_s < inf:
                self._later(caller.at_s + caller.patience_s, _Turn.GIVE_UP, caller.call_id)
            self._tell(
                CallQueued(
                    caller.call_id, caller.queue, caller.priority, caller.skills, language=caller.language
                ),
                caller.at_s,
            )
        yield from self._until(inf)
        # Whoever waits with endless patience for nobody.
        yield from self._stories.values()

    def _until(self, end_s: float) -> Iterator[Story]:
        """Let time pass up to, and not including, ``end_s``."""
        while True:
            timer = self._acd.next_timeout()
            timer_s = inf if timer is None else timer
            due_s = self._due[0][0] if self._due else inf
            if min(timer_s, due_s) >= end_s:
                break
            if end_s == inf and not self._stories:
                break  # Nobody is there and nobody comes: only timers of operators are left.
            if timer_s <= due_s:
                self._carry_out(self._acd.handle_timeout(timer_s), timer_s)
            else:
                self._happen(*heapq.heappop(self._due))
        if self._over:
            yield from self._over
            self._over = []

    def _happen(self, now: float, turn: int, _: int, call_id: str, operator: str, offer: str) -> None:
        story = self._stories.get(call_id)
        match turn:
            case _Turn.GIVE_UP if story is not None and story.operator is None:
                self._finish(story, now)
                self._tell(CallAbandoned(call_id), now)
            case _Turn.END if story is not None:
                self._finish(story, now)
                self._tell(CallEnded(call_id), now)
            case _Turn.ACCEPT if offer in self._rings:
                self._tell(OfferAccepted(call_id, operator, offer), now)
            case _Turn.READY if operator not in self._gone:
                self._tell(OperatorReady(operator), now)
            case _Turn.COME:
                self._gone.discard(operator)
                self._tell(OperatorReady(operator), now)
            case _Turn.READY | _Turn.GO:
                self._gone.add(operator)
                self._tell(OperatorNotReady(operator, GENERAL), now)

    def _finish(self, story: Story, now: float) -> None:
        story.ended_s = now
        del self._stories[story.caller.call_id]
        self._over.append(story)

    def _tell(self, event: AcdEvent, now: float) -> None:
        try:
            commands = self._acd.handle(event, now)
        except IllegalEvent:
            # Ready sooner than a rule allows: then the rule says when.
            if not isinstance(event, OperatorReady):
                raise
            return
        self._carry_out(commands, now)

    def _carry_out(self, commands: Sequence[AcdCommand], now: float) -> None:
        for command in commands:
            match command:
                case OfferCall():
                    self._ring(command, now)
                case ConnectCall():
                    self._connect(command, now)
                case RescindOffer():
                    self._stop(command, now)
                case OperatorStateChanged(state=OperatorState.WRAP_UP):
                    self._shorten_wrap_up(command, now)

    def _ring(self, offer: OfferCall, now: float) -> None:
        ring = self._rings[offer.offer_id] = Ring(offer.operator_id, now)
        if (story := self._stories.get(offer.call_id)) is not None:
            story.rings.append(ring)
        after_s = self._answer()
        if after_s is not None and after_s < offer.ring_timeout_s:
            self._later(now + after_s, _Turn.ACCEPT, offer.call_id, offer.operator_id, offer.offer_id)

    def _connect(self, command: ConnectCall, now: float) -> None:
        ring, story = self._rings.pop(command.offer_id), self._stories[command.call_id]
        ring.ended_s, ring.took = now, True
        story.operator, story.answered_s = command.operator_id, now
        self._later(now + story.caller.talk_s, _Turn.END, command.call_id)

    def _stop(self, command: RescindOffer, now: float) -> None:
        ring = self._rings.pop(command.offer_id, None)
        if ring is None:
            return
        ring.ended_s, ring.outcome = now, command.reason.value
        if command.reason is OfferEnd.NO_ANSWER:
            self._later(now + self._away_s, _Turn.READY, operator=command.operator_id)

    def _shorten_wrap_up(self, change: OperatorStateChanged, now: float) -> None:
        # The talk that it follows was the last to be finished.
        story = self._over[-1] if self._over else None
        if story is None or story.operator != change.operator_id or story.ended_s != now:
            return
        if (wrap_up_s := story.caller.wrap_up_s) is not None:
            self._later(now + wrap_up_s, _Turn.READY, operator=change.operator_id)

    def _later(
        self, at_s: float, turn: _Turn, call_id: str = "", operator: str = "", offer: str = ""
    ) -> None:
        heapq.heappush(self._due, (at_s, int(turn), next(self._order), call_id, operator, offer))
