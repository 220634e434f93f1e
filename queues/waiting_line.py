"""The callers who wait, in the order in which they are to be served.

Callers who need the same and are equally urgent stand in one line, so the search for the next match looks
at the first of each line, not at every caller: its cost does not grow with how many wait.

In a line the first has always waited longest, so what holds for those behind her holds for her: nobody
behind may be offered to an operator to whom she may not. Only where phones ring already may another phone be
one for the second and not for the first, who was not taken there.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from queues.events import CallQueued
from queues.matching import Need, need_of
from queues.offers import Offer
from queues.policy import AcdPolicy, QueuePolicy
from queues.staff import Crew
from queues.values import AlarmCode

Place = tuple[int, float, int]
"""0, or below it for whom a supervisor has moved to the head; then when she counts as having come, which is
later for the less urgent; then the order of arrival: a total order, and one that time does not change."""
LineName = tuple[Need, int, bool]
"""Need, priority, whether moved to the head."""

_SLACK = 32
_MANY_LINES = 256
_NOBODY: frozenset[str] = frozenset()


class Waiting(Struct, eq=False):
    """One caller who has no operator yet."""

    id: str
    call: CallQueued
    since: float
    """When she began to wait."""
    place: Place
    need: Need
    offers: int = 0
    live: tuple[Offer, ...] = ()
    """The offers of her that ring at this moment."""
    ring_fit: int = 0
    """How well those fit whose phones ring for her."""
    refused_by: frozenset[str] = _NOBODY
    """Operators whose phone did not take this call: not rung again for it while another is free."""
    alarms: frozenset[AlarmCode] = frozenset()
    used: int = 0
    """Which ways to overflow have been used: a bit for each."""
    line: Line | None = None
    entry: int = 0
    """The number of her entry in the line; 0 while she stands in none."""

    @property
    def is_moved(self) -> bool:
        """Whether a supervisor has moved her to the head."""
        return self.place[0] < 0

    @property
    def offered_to(self) -> str | None:
        """The operator whose phone rings for her, the first if several do."""
        return self.live[0].operator.id if self.live else None

    @property
    def is_picked(self) -> bool:
        """Whether an operator has asked for her: then her phone alone rings."""
        return bool(self.live) and self.live[0].is_pick

    def lease(self, offer_id: str) -> Offer | None:
        """Return one of the offers that ring."""
        for offer in self.live:
            if offer.id == offer_id:
                return offer
        return None

    def end_lease(self, lease: Offer) -> None:
        """One of the offers rings no more."""
        live = self.live
        self.live = () if len(live) == 1 else tuple(one for one in live if one is not lease)


_Entry = tuple[Place, int, Waiting]
"""Her place, the entry's number, and she: an entry with another number than hers is void."""


class Line:
    """Callers who can be served by the same operators and are equally urgent, the first first."""

    __slots__ = (
        "_early", "_tail", "crews", "expressions", "first", "is_ringing", "name", "need", "number",
        "relax_at", "rules", "standing", "steps",
    )  # fmt: skip

    def __init__(self, name: LineName, number: int, policy: AcdPolicy, *, is_ringing: bool) -> None:
        self.name = name
        self.number = str(number)
        self.need: Need = name[0]
        self.expressions = self.need.expressions()
        self.is_ringing = is_ringing
        """Whether phones ring for those who stand here, and more may."""
        self.rules: QueuePolicy = policy.queues[self.need.queues[0]]
        self.steps = () if name[2] else policy.relax_steps(self.need.queues[0])
        """After how many seconds the next worse fit will do; a caller moved to the head takes anybody."""
        self.crews: list[tuple[int, Crew]] = []
        """Who can serve them, the best fitting first."""
        self.relax_at: float | None = None
        """When somebody has to look again, because the first will then take a worse fit."""
        self.standing = 0
        self.first: Waiting | None = None
        """Who stands first."""
        self._tail: deque[_Entry] = deque()
        """Entries in order: nearly everybody comes after all who are there."""
        self._early: list[_Entry] = []
        """A heap of the others: who has her place back, after an offer or an earlier call."""

    def push(self, waiting: Waiting, entry: int) -> bool:
        """Let a caller stand here; return whether she is the first."""
        waiting.line, waiting.entry = self, entry
        self.standing += 1
        one = (waiting.place, entry, waiting)
        if len(self._tail) + len(self._early) > 2 * self.standing + _SLACK:
            self._tidy()
        if not self._tail or self._tail[-1][0] < waiting.place:
            self._tail.append(one)
        else:
            heapq.heappush(self._early, one)
        first = self.first
        if first is None or waiting.place < first.place:
            self.first = waiting
            return True
        return False

    def drop(self, waiting: Waiting) -> None:
        """A caller stands here no more. Her entry goes when it comes to the front."""
        waiting.line, waiting.entry = None, 0
        self.standing -= 1
        if self.first is waiting:
            self.first = self._look_for_first()

    def _look_for_first(self) -> Waiting | None:
        tail, early = self._tail, self._early
        while tail and tail[0][2].entry != tail[0][1]:
            tail.popleft()
        if early:
            while early and early[0][2].entry != early[0][1]:
                heapq.heappop(early)
            if early and (not tail or early[0] < tail[0]):
                return early[0][2]
        return tail[0][2] if tail else None

    def candidates(self) -> Iterator[Waiting]:
        """Yield whom somebody free may be one for: the first, and while phones ring those behind her, too."""
        if self.is_ringing:
            yield from self.in_order()
        elif self.first is not None:
            yield self.first

    def in_order(self) -> Iterator[Waiting]:
        """Yield who stands here, the first first, at the cost of those who are looked at."""
        for _, entry, waiting in heapq.merge(sorted(self._early), self._tail):
            if waiting.entry == entry:
                yield waiting

    def _tidy(self) -> None:
        """Let go of the entries of those who have left."""
        self._tail = deque(one for one in self._tail if one[2].entry == one[1])
        self._early = [one for one in self._early if one[2].entry == one[1]]
        heapq.heapify(self._early)

    def worst_fit(self, first: Waiting, now: float) -> int | None:
        """Return the worst fit that will do for the first; None if anybody will."""
        if not self.steps or now >= first.since + self.steps[-1]:
            return None
        for how_well, crew in self.crews:
            if how_well:
                break
            if crew.at_work:
                worst = 0
                for step in self.steps:
                    worst += now >= first.since + step
                return worst
        return None  # Nobody at work fits, so that waiting for her would be in vain.

    def next_step(self, first: Waiting, now: float) -> float | None:
        """Return when a worse fit than now will do for the first."""
        for step in self.steps:
            if now < first.since + step:
                return first.since + step
        return None


class WaitingLine:
    """Everybody who waits, those who are offered at this moment included."""

    def __init__(self, policy: AcdPolicy, on_line: Callable[[Line], None]) -> None:
        self.policy = policy
        self._on_line = on_line
        """Is told of each new line, to say who can serve it."""
        self._calls: dict[str, Waiting] = {}
        self._of_queue: dict[str, dict[str, Waiting]] = {}
        self._lines: dict[LineName, Line] = {}
        self._ringing_lines: dict[LineName, Line] = {}
        self._many = _MANY_LINES
        self._arrivals = 0
        self._entries = 0
        self._moves = 0
        self._numbers = 0

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._calls.values())

    def get(self, call_id: str) -> Waiting | None:
        return self._calls.get(call_id)

    def lines(self) -> Iterable[Line]:
        """Return the lines of those for whom no phone rings."""
        return self._lines.values()

    def of_queue(self, queue: str) -> list[Waiting]:
        """Return everybody who waits in a queue or has overflowed to it, in order of arrival there."""
        return list(self._of_queue.get(queue, {}).values())

    def length(self, queue: str) -> int:
        """Return how many wait in a queue."""
        return len(self._of_queue.get(queue, ()))

    def enter(self, call: CallQueued, since: float, moved: int = 0) -> Waiting:
        """Let a caller in; she stands nowhere yet. ``moved`` is her earlier rank at the head, if any."""
        self._arrivals += 1
        place = (moved, since + self.policy.handicap_s(call.priority), self._arrivals)
        waiting = Waiting(call.call_id, call, since, place, need_of(call), call.offers_made)
        self._calls[call.call_id] = waiting
        self._of_queue.setdefault(call.queue, {})[call.call_id] = waiting
        return waiting

    def stand(self, waiting: Waiting) -> Line | None:
        """Let a caller stand in her line, in her place; return the line if she is the first of it."""
        line, is_first = self._push(waiting, is_ringing=False)
        return line if is_first else None

    def stand_ringing(self, waiting: Waiting) -> Line:
        """The same, among those for whom phones ring and more may; return the line."""
        line, _ = self._push(waiting, is_ringing=True)
        return line

    def step_out(self, waiting: Waiting) -> None:
        """A caller stands in no line for now: she is offered, or is about to stand in another."""
        if waiting.line is not None:
            waiting.line.drop(waiting)

    def leave(self, waiting: Waiting) -> None:
        """A caller waits no more."""
        self.step_out(waiting)
        del self._calls[waiting.id]
        for queue in waiting.need.queues:
            del self._of_queue[queue][waiting.id]

    def add_queue(self, waiting: Waiting, queue: str) -> None:
        """Let a caller be served by another queue's operators, too; she stands nowhere then."""
        self.step_out(waiting)
        need = waiting.need
        waiting.need = Need((*need.queues, queue), need.skills, need.wants, need.language)
        self._of_queue.setdefault(queue, {})[waiting.id] = waiting

    def move_to_head(self, waiting: Waiting) -> None:
        """Put a caller before everybody else; she stands nowhere until she stands again."""
        self.step_out(waiting)
        self._moves += 1
        waiting.place = (-self._moves, waiting.place[1], waiting.place[2])

    def change_priority(self, waiting: Waiting, priority: int) -> None:
        """Give a caller the place of another urgency; she stands nowhere until she stands again."""
        self.step_out(waiting)
        rank, _, arrival = waiting.place
        waiting.call = replace(waiting.call, priority=priority)
        waiting.place = (rank, waiting.since + self.policy.handicap_s(priority), arrival)

    def in_order(self) -> list[Waiting]:
        """Return everybody, the first to be served first."""
        return sorted(self._calls.values(), key=lambda waiting: waiting.place)

    def position(self, waiting: Waiting, up_to: int) -> int | None:
        """A caller's position among those of her queue for whom no phone rings; None past ``up_to``."""
        queue = waiting.call.queue
        walks = [
            line.in_order() for line in self._lines.values() if line.need.queues[0] == queue and line.standing
        ]
        for position, one in enumerate(heapq.merge(*walks, key=lambda one: one.place), start=1):
            if position > up_to:
                break
            if one is waiting:
                return position
        return None

    def change_policy(self, policy: AcdPolicy) -> None:
        """Give everybody her place by other rules: each keeps the time at which she began to wait.

        Nobody stands in any line afterwards.
        """
        self.policy = policy
        self._lines.clear()
        self._ringing_lines.clear()
        for waiting in self:
            rank, _, arrival = waiting.place
            waiting.place = (rank, waiting.since + policy.handicap_s(waiting.call.priority), arrival)
            waiting.line, waiting.entry = None, 0

    def tidy(self, fresh: Line) -> bool:
        """Forget lines in which nobody stands, but for a fresh one, once there are many; whether it did."""
        if len(self._lines) + len(self._ringing_lines) <= self._many:
            return False
        for lines in (self._lines, self._ringing_lines):
            for name in [name for name, line in lines.items() if not line.standing and line is not fresh]:
                del lines[name]
        self._many = max(_MANY_LINES, 2 * (len(self._lines) + len(self._ringing_lines)))
        return True

    def all_lines(self) -> Iterator[Line]:
        """Yield every line there is."""
        yield from self._lines.values()
        yield from self._ringing_lines.values()

    def _push(self, waiting: Waiting, *, is_ringing: bool) -> tuple[Line, bool]:
        lines = self._ringing_lines if is_ringing else self._lines
        name = (waiting.need, waiting.call.priority, waiting.is_moved)
        line = lines.get(name)
        if line is None:
            self._numbers += 1
            line = lines[name] = Line(name, self._numbers, self.policy, is_ringing=is_ringing)
            self._on_line(line)
        waiting.need = line.need  # One for all who stand here.
        self._entries += 1
        return line, line.push(waiting, self._entries)
