"""The operators, kept in order as they come and go.

To a caller all are alike who serve the same queues, know the same and speak the same: they are a crew.
Callers are matched with crews, and a crew knows who of it stands first, so no search looks at every
operator.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING

from queues.operators import Operator
from queues.strategies import STRATEGIES
from queues.values import OperatorState

if TYPE_CHECKING:
    from queues.waiting_line import Line

Signature = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Queues, skills, languages."""
_Entry = tuple[tuple[float, ...], str, int, Operator]
"""Rank, id, how often she had become free, and she."""

_SLACK = 32
_READY, _TALKING, _WRAP_UP = OperatorState.READY, OperatorState.TALKING, OperatorState.WRAP_UP


class Crew:
    """Operators who are the same to a caller."""

    __slots__ = (
        "_fresh",
        "_orders",
        "at_work",
        "free",
        "languages",
        "lines",
        "name",
        "queues",
        "ringing_lines",
        "skills",
    )

    def __init__(self, name: Signature) -> None:
        self.name = name
        self.queues = tuple(sorted(name[0]))
        self.skills, self.languages = name[1], name[2]
        self.at_work = 0
        self.free: dict[str, Operator] = {}
        self.lines: list[tuple[Line, int]] = []
        """The lines of callers whom it can serve, with how well it fits."""
        self.ringing_lines: list[tuple[Line, int]] = []
        """The same for callers for whom some phones ring already, and more may."""
        self._orders: dict[str, list[_Entry]] = {}
        self._fresh: dict[str, Operator] = {}
        """Free, and in no order yet: while callers wait, who becomes free is taken before anybody asks."""

    def enter(self, operator: Operator) -> None:
        """An operator has become free."""
        operator.freed += 1
        self.free[operator.id] = self._fresh[operator.id] = operator

    def leave(self, operator: Operator) -> None:
        """An operator is not free any more. Her places in the orders go when they come to the front."""
        del self.free[operator.id]
        self._fresh.pop(operator.id, None)

    def first(self, strategy: str, without: frozenset[str] | set[str]) -> _Entry | None:
        """Return the free operator who stands first, but for those named in ``without``."""
        order = self._order(strategy)
        aside: list[_Entry] = []
        found = None
        while order:
            entry = order[0]
            operator = entry[3]
            if not operator.counts_as_free or operator.freed != entry[2]:
                heapq.heappop(order)
            elif operator.id in without:
                aside.append(heapq.heappop(order))
            else:
                found = entry
                break
        for entry in aside:
            heapq.heappush(order, entry)
        return found

    def forget_orders(self) -> None:
        """The rules by which they were made have changed."""
        self._orders.clear()

    def _order(self, strategy: str) -> list[_Entry]:
        """Return the free operators as a heap, with entries that are void."""
        self._orders.setdefault(strategy, [])
        for name, order in self._orders.items():
            if not order or len(order) > 2 * len(self.free) + _SLACK:
                order[:] = [_entry(name, one) for one in self.free.values()]
                heapq.heapify(order)
            else:
                for one in self._fresh.values():
                    heapq.heappush(order, _entry(name, one))
        self._fresh.clear()
        return self._orders[strategy]


def _entry(strategy: str, operator: Operator) -> _Entry:
    return (STRATEGIES[strategy](operator), operator.id, operator.freed, operator)


class Staff:
    """Every operator who has been at work, and how many are, by queue."""

    def __init__(self) -> None:
        self.operators: dict[str, Operator] = {}
        self.crews: dict[Signature, Crew] = {}
        self.free: Counter[str] = Counter()
        """How many are free, by queue."""
        self.at_work: Counter[str] = Counter()
        """How many take calls, now or after the one that they are in, by queue."""
        self.phones: dict[str, str] = {}
        """Who sits at a phone that is not her own."""
        self.freed: dict[str, Operator] = {}
        """Who has become free since the last match."""
        self.staffing_changed: dict[str, None] = {}
        """Queues of which somebody has come to work, or gone, since somebody looked."""
        self.gone_crews: dict[Signature, Crew] = {}
        """Crews of which nobody is at work any more, since somebody looked."""

    def assign(self, operator: Operator) -> Crew | None:
        """Put an operator into the crew where she belongs; return it if it is new."""
        self.withdraw(operator)
        name = (frozenset(operator.queues), operator.skills, operator.languages)
        crew = self.crews.get(name)
        is_new = crew is None
        if crew is None:
            crew = self.crews[name] = Crew(name)
        operator.crew = crew
        self.note(operator)
        return crew if is_new else None

    def withdraw(self, operator: Operator) -> None:
        """Take an operator out of every count."""
        if operator.crew is not None:
            self._count_free(operator, False)
            self._count_at_work(operator, False)

    def note(self, operator: Operator) -> None:
        """An operator's state, phone or wishes have changed: count her where she stands now."""
        state = operator.state
        if state is _TALKING or state is _WRAP_UP:  # What most events are about, without asking further.
            is_free, is_at_work = False, operator.next_state is _READY
        else:
            is_free, is_at_work = operator.is_available, operator.is_at_work
        if is_free is not operator.counts_as_free:
            self._count_free(operator, is_free)
        if is_at_work is not operator.counts_as_at_work:
            self._count_at_work(operator, is_at_work)

    def is_staffed(self, queues: tuple[str, ...]) -> bool:
        """Whether anybody at work serves one of these queues."""
        return any(self.at_work[queue] > 0 for queue in queues)

    def reorder(self) -> None:
        """Forget the orders: the rules by which they were made have changed."""
        for crew in self.crews.values():
            crew.forget_orders()

    def _count_free(self, operator: Operator, is_free: bool) -> None:
        if operator.counts_as_free is is_free:
            return
        operator.counts_as_free = is_free
        crew = operator.crew
        assert crew is not None  # noqa: S101
        step = 1 if is_free else -1
        for queue in crew.queues:
            self.free[queue] += step
        if is_free:
            crew.enter(operator)
            self.freed[operator.id] = operator
        else:
            crew.leave(operator)
            self.freed.pop(operator.id, None)

    def _count_at_work(self, operator: Operator, is_at_work: bool) -> None:
        if operator.counts_as_at_work is is_at_work:
            return
        operator.counts_as_at_work = is_at_work
        crew = operator.crew
        assert crew is not None  # noqa: S101
        step = 1 if is_at_work else -1
        crew.at_work += step
        if crew.at_work == 0:
            self.gone_crews[crew.name] = crew
        for queue in crew.queues:
            self.at_work[queue] += step
            self.staffing_changed[queue] = None
