"""The gate: told what happens and when, it says who goes on, who waits and who is asked.

A call goes on at once unless its carrier or its number takes more than its share. Else it is held, and goes
on in the order of its *due* time: when it came, plus a handicap for each call that its number has made beyond
its allowance, less what a pressed key is worth. So a held caller whose number is fresh comes before a robot's
hundredth call, among equals the oldest comes first, and everybody's turn comes.

In a surge a carrier's calls get no more than their share of the operators. Callers who pressed a key, and
whose number is fresh, are people: they may have all that is not needed by others.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from queues.admission.policy import AdmissionPolicy
from queues.admission.vocabulary import Admit, Ask, Decision, Hold, SurgeBegan, SurgeEnded, Why

_TICK_S = 0.25
"""How often a gate with held calls looks whose time has come."""


@dataclass(slots=True)
class _Call:
    call_id: str
    carrier: str
    number: str | None
    since: float
    excess: int = 0
    is_admitted: bool = False
    is_proven: bool = False
    was_asked: bool = False

    @property
    def is_fresh(self) -> bool:
        return self.excess == 0

    def due(self, policy: AdmissionPolicy) -> float:
        return self.since + policy.handicap_s * (self.excess - policy.proof_calls * self.is_proven)


@dataclass(slots=True)
class _Carrier:
    id: str
    tokens: float
    tokens_at: float
    admitted: int = 0
    held: dict[str, _Call] = field(default_factory=dict)
    surges: bool = False
    held_last: float = 0.0
    """When it last had a call that was held."""


class Gate:
    """Who may go on. Times are monotonic seconds that never go back."""

    def __init__(self, policy: AdmissionPolicy, operators: int = 0) -> None:
        self._policy = policy
        self._operators = operators
        self._calls: dict[str, _Call] = {}
        self._carriers: dict[str, _Carrier] = {}
        self._recent: deque[tuple[float, str]] = deque()
        self._recent_of: Counter[str] = Counter()
        self._alive_of: Counter[str] = Counter()
        self._asked: dict[str, float] = {}
        """Until when each of those who are asked has her turn."""
        self._looked_at = 0.0

    # ------------------------------------------------------------------------------ what happens

    def arrive(self, call_id: str, carrier: str, number: str | None, now: float) -> list[Decision]:
        """Take a new call; ``number`` is None where none came. Returns its `Admit`, or its `Hold`.

        A call that is known already is not taken twice: the answer is empty.
        """
        if call_id in self._calls:
            return []
        line = self._carrier(carrier, now)
        call = self._take(call_id, carrier, number, now)
        call.excess = self._excess(call)
        self._refill(line, now)
        decisions: list[Decision] = []
        why = Why.NUMBER if call.excess else Why.CARRIER
        if not call.excess and not self._is_held_up(line) and self._has_room(line, call):
            return [self._admit(line, call, now)]
        if why is Why.CARRIER:
            decisions += self._surge(line, now)
        line.held[call_id] = call
        line.held_last = now
        decisions.append(Hold(call_id, why, call.excess))
        return decisions + self._look(now, (line,) if not call.excess else ())

    def adopt(self, call_id: str, carrier: str, number: str | None, now: float) -> None:
        """Take a call that has gone on already: another controller's."""
        if call_id in self._calls:
            return
        call = self._take(call_id, carrier, number, now)
        call.is_admitted = True
        self._carrier(carrier, now).admitted += 1

    def prove(self, call_id: str, now: float) -> list[Decision]:
        """A held caller has pressed a key."""
        call = self._calls.get(call_id)
        if call is None or call.is_admitted or call.is_proven:
            return []
        call.is_proven = True
        self._stop_asking(call)
        return self._look(now, (self._carriers[call.carrier],))

    def leave(self, call_id: str, now: float) -> list[Decision]:
        """A call has ended, wherever it stood. One that is not known changes nothing."""
        call = self._calls.pop(call_id, None)
        if call is None:
            return []
        line = self._carriers[call.carrier]
        self._forget(self._key(call), self._alive_of)
        self._stop_asking(call)
        if not call.is_admitted:
            del line.held[call_id]
            return self._look(now, ())
        line.admitted -= 1
        return self._look(now, (line,))

    def set_operators(self, count: int, now: float) -> list[Decision]:
        """So many operators are at work from now on."""
        self._operators = count
        return self._look(now, tuple(self._carriers.values()))

    def handle_timeout(self, now: float) -> list[Decision]:
        """Do what is due."""
        return self._look(now, tuple(self._carriers.values()))

    def next_timeout(self) -> float | None:
        """Return when to call :meth:`handle_timeout`; None while nobody is held and nothing surges."""
        busy = any(line.held or line.surges for line in self._carriers.values())
        return self._looked_at + _TICK_S if busy else None

    # ------------------------------------------------------------------------------ what can be seen

    def held(self, carrier: str | None = None) -> int:
        """Return how many calls are held, of one carrier or of all."""
        lines = self._carriers.values() if carrier is None else filter(None, [self._carriers.get(carrier)])
        return sum(len(line.held) for line in lines)

    def admitted(self, carrier: str) -> int:
        """Return how many calls of a carrier have gone on and have not ended."""
        line = self._carriers.get(carrier)
        return line.admitted if line else 0

    def surging(self) -> list[str]:
        """Return the carriers that bring more than their share."""
        return sorted(line.id for line in self._carriers.values() if line.surges)

    # ------------------------------------------------------------------------------ how it decides

    def _look(self, now: float, lines: tuple[_Carrier, ...]) -> list[Decision]:
        """Admit who may go on in ``lines``, and ask who is next."""
        decisions: list[Decision] = []
        self._looked_at = now
        for line in lines:
            self._refill(line, now)
            decisions += self._go_on(line, now)
            if line.held:
                line.held_last = now
            elif line.surges and now - line.held_last >= self._policy.quiet_s:
                line.surges = False
                decisions.append(SurgeEnded(line.id))
        for call_id, until in list(self._asked.items()):
            if until <= now:
                del self._asked[call_id]
        while len(self._asked) < self._policy.asked_at_once and (asked := self._next_to_ask()):
            asked.was_asked = True
            self._asked[asked.call_id] = now + self._policy.ask_s
            decisions.append(Ask(asked.call_id))
        return decisions

    def _go_on(self, line: _Carrier, now: float) -> Iterator[Decision]:
        policy = self._policy
        while line.tokens >= 1:
            ready = [
                call for call in line.held.values() if call.due(policy) <= now and self._has_room(line, call)
            ]
            if not ready:
                return
            call = min(ready, key=lambda one: one.due(policy))
            del line.held[call.call_id]
            self._stop_asking(call)
            yield self._admit(line, call, now)

    def _admit(self, line: _Carrier, call: _Call, now: float) -> Admit:
        call.is_admitted = True
        line.admitted += 1
        line.tokens -= 1
        return Admit(call.call_id, round(now - call.since, 3), call.is_proven)

    def _has_room(self, line: _Carrier, call: _Call) -> bool:
        policy = self._policy
        if line.tokens < 1:
            return False
        most = max(policy.least_calls, policy.calls_per_operator * self._operators)
        is_a_person = call.is_proven and call.is_fresh
        if line.surges and not is_a_person:
            most = max(1.0, (1 - policy.reserved_share) * self._operators)
        return line.admitted + 1 <= most

    def _is_held_up(self, line: _Carrier) -> bool:
        """Whether somebody, whose time has come, waits already: nobody overtakes her."""
        return any(call.is_fresh for call in line.held.values())

    def _surge(self, line: _Carrier, now: float) -> list[Decision]:
        if line.surges:
            return []
        line.surges, line.held_last = True, now
        return [SurgeBegan(line.id)]

    def _next_to_ask(self) -> _Call | None:
        waiting = (
            call for line in self._carriers.values() for call in line.held.values() if not call.was_asked
        )
        return min(waiting, key=lambda call: call.due(self._policy), default=None)

    def _stop_asking(self, call: _Call) -> None:
        self._asked.pop(call.call_id, None)

    # ------------------------------------------------------------------------------ what it remembers

    def _take(self, call_id: str, carrier: str, number: str | None, now: float) -> _Call:
        call = self._calls[call_id] = _Call(call_id, carrier, number, now)
        key = self._key(call)
        self._alive_of[key] += 1
        self._recent.append((now, key))
        self._recent_of[key] += 1
        while self._recent and self._recent[0][0] <= now - self._policy.number_window_s:
            _, old = self._recent.popleft()
            self._forget(old, self._recent_of)
        return call

    def _excess(self, call: _Call) -> int:
        policy, key = self._policy, self._key(call)
        if call.number is None:
            # Who has no number cannot have called before: they are counted together, and only while here.
            over = self._alive_of[key] - policy.anonymous_calls
        else:
            over = max(
                self._alive_of[key] - policy.number_calls,
                self._recent_of[key] - policy.number_window_calls,
            )
        return min(max(over, 0), policy.most_excess)

    @staticmethod
    def _forget(key: str, counts: Counter[str]) -> None:
        counts[key] -= 1
        if not counts[key]:
            del counts[key]

    @staticmethod
    def _key(call: _Call) -> str:
        return call.number if call.number is not None else f"anonymous@{call.carrier}"

    def _carrier(self, carrier: str, now: float) -> _Carrier:
        line = self._carriers.get(carrier)
        if line is None:
            line = self._carriers[carrier] = _Carrier(carrier, float(self._policy.carrier_burst), now)
        return line

    def _refill(self, line: _Carrier, now: float) -> None:
        policy = self._policy
        gained = max(now - line.tokens_at, 0.0) * policy.carrier_calls_per_s
        line.tokens = min(line.tokens + gained, float(policy.carrier_burst))
        line.tokens_at = now
