"""The callers who wait, in the order in which they are to be served.

Callers who need the same are kept together, so the search for the next match looks at one caller for each
different need, not at every caller: its cost does not grow with the queue.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from queues.vocabulary import AlarmCode, CallQueued

Need = tuple[str, frozenset[str], str]
"""Queue, skills, language."""
Place = tuple[int, float, int]
"""Priority, then when she began to wait, then the order of arrival: a total order."""


@dataclass(slots=True)
class Waiting:
    """One caller who has no operator yet."""

    call: CallQueued
    place: Place
    offers: int = 0
    offered_to: str | None = None
    refused_by: set[str] = field(default_factory=set)
    """Operators whose phone did not take this call: not rung again for it while another is free."""
    alarms: set[AlarmCode] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.call.call_id

    @property
    def enqueued_at(self) -> float:
        return self.place[1]


class WaitingLine:
    """Everybody who waits, those who are offered at this moment included."""

    def __init__(self) -> None:
        self._calls: dict[str, Waiting] = {}
        self._heaps: dict[Need, list[tuple[Place, str]]] = {}
        self._arrivals = 0

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._calls.values())

    def get(self, call_id: str) -> Waiting | None:
        return self._calls.get(call_id)

    def join(self, call: CallQueued, now: float) -> Waiting:
        """Let a caller in: at her own place if she has waited before."""
        self._arrivals += 1
        since = now if call.enqueued_at is None else call.enqueued_at
        waiting = Waiting(call, (call.priority, since, self._arrivals), offers=call.offers_made)
        self._calls[call.call_id] = waiting
        self.put_back(waiting)
        return waiting

    def put_back(self, waiting: Waiting) -> None:
        """Let a caller wait on, in the place that she had."""
        waiting.offered_to = None
        heapq.heappush(self._heaps.setdefault(_need(waiting.call), []), (waiting.place, waiting.id))

    def leave(self, call_id: str) -> Waiting:
        """Take a caller out, wherever she stands."""
        return self._calls.pop(call_id)

    def heads(self) -> list[Waiting]:
        """Return the first caller of each different need, the first to be served first."""
        found = []
        for need in list(self._heaps):
            heap = self._heaps[need]
            while heap and not self._stands(heap[0]):
                heapq.heappop(heap)
            if heap:
                found.append(self._calls[heap[0][1]])
            else:
                del self._heaps[need]
        return sorted(found, key=lambda waiting: waiting.place)

    def in_order(self) -> list[Waiting]:
        """Return everybody, the first to be served first."""
        return sorted(self._calls.values(), key=lambda waiting: waiting.place)

    def _stands(self, entry: tuple[Place, str]) -> bool:
        """Whether an entry of a heap is still true: its caller waits here and is not being offered."""
        waiting = self._calls.get(entry[1])
        return waiting is not None and waiting.place == entry[0] and waiting.offered_to is None


def _need(call: CallQueued) -> Need:
    return (call.queue, call.skills, call.language)
