"""The gate in real time: the one place where its decisions meet the clock, the calls and the alarms."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

from ari_app.alarms import Alarms
from ari_app.calls.call import Call
from queues.admission import (
    AdmissionPolicy,
    Admit,
    Ask,
    Decision,
    Gate,
    Hold,
    SurgeBegan,
    SurgeEnded,
)
from suar.city import City
from suar.log import get_logger

log = get_logger()


class Held:
    """A call that waits for its turn."""

    def __init__(self, call_id: str, hold: Hold) -> None:
        loop = asyncio.get_running_loop()
        self.call_id = call_id
        self.why = hold.why
        self.excess = hold.excess
        self.asked: asyncio.Future[None] = loop.create_future()
        """Done when it is its turn to be answered and asked."""
        self.admitted: asyncio.Future[Admit] = loop.create_future()
        """Done when it may go on."""


class Admission:
    """Tells the gate what happens, and the calls what it decides. Nothing in here awaits."""

    def __init__(
        self,
        city: City,
        alarms: Alarms,
        operators: Callable[[], int],
        on_flood: Callable[[str, bool], None] = lambda _, __: None,
    ) -> None:
        settings = city.admission
        figures = settings.model_dump(exclude={"on"})
        if len(city.carriers) == 1:
            figures["reserved_share"] = 0.0  # There is nobody else to keep anything for.
        self._is_on = settings.on
        self._gate = Gate(AdmissionPolicy(**figures))
        self._names = {carrier.id: carrier.name for carrier in city.carriers}
        self._alarms = alarms
        self._operators = operators
        self._on_flood = on_flood
        """Called with a carrier when its flood begins, and when it is over."""
        self._known_operators = 0
        self._held: dict[str, Held] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.held_so_far: Counter[str] = Counter({"carrier": 0, "number": 0})
        """How many calls were held, by why."""

    def arrive(self, call: Call) -> Held | None:
        """Take a new call; return None if it goes on at once."""
        if not self._is_on:
            return None
        self.note_operators()
        decisions = self._gate.arrive(call.id, _carrier(call), call.number or None, _now())
        hold = next((one for one in decisions if isinstance(one, Hold)), None)
        held = None
        if hold is not None:
            held = self._held[call.id] = Held(call.id, hold)
            self.held_so_far[hold.why.value] += 1
        self._carry_out(decisions)
        return held

    def adopt(self, call: Call) -> None:
        """Take a call that goes on already."""
        if self._is_on:
            self._gate.adopt(call.id, _carrier(call), call.number or None, _now())

    def prove(self, call_id: str) -> None:
        """A held caller has pressed a key."""
        self._carry_out(self._gate.prove(call_id, _now()))

    def leave(self, call_id: str) -> None:
        """A call has ended, or is Asterisk's alone from here on."""
        self._held.pop(call_id, None)
        self._carry_out(self._gate.leave(call_id, _now()))

    def note_operators(self) -> None:
        """Somebody may have come to work, or left it."""
        count = self._operators()
        if count != self._known_operators:
            self._known_operators = count
            self._carry_out(self._gate.set_operators(count, _now()))

    def held(self) -> dict[str, int]:
        """Return how many calls of each carrier are held now."""
        return {carrier: self._gate.held(carrier) for carrier in self._names}

    def close(self) -> None:
        """Stop the timer."""
        if self._timer:
            self._timer.cancel()

    def _on_timer(self) -> None:
        self._timer = None
        self._carry_out(self._gate.handle_timeout(_now()))

    def _carry_out(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            match decision:
                case Admit(call_id=call_id):
                    if (held := self._held.pop(call_id, None)) and not held.admitted.done():
                        held.admitted.set_result(decision)
                case Ask(call_id=call_id):
                    if (held := self._held.get(call_id)) and not held.asked.done():
                        held.asked.set_result(None)
                case SurgeBegan(carrier=carrier):
                    log.warning("surge_began", carrier=carrier)
                    self._on_flood(carrier, True)
                    name = self._names.get(carrier, carrier)
                    self._alarms.raise_(
                        f"flood:{carrier}",
                        f"{name} brings more calls than its share. They wait and are asked to press 1;"
                        " callers of others go on.",
                    )
                case SurgeEnded(carrier=carrier):
                    log.warning("surge_ended", carrier=carrier)
                    self._on_flood(carrier, False)
                    self._alarms.clear(f"flood:{carrier}")
                case Hold():
                    pass  # Its call was told.
        self._arm()

    def _arm(self) -> None:
        due = self._gate.next_timeout()
        if self._timer is None and due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._on_timer)


def _carrier(call: Call) -> str:
    return call.carrier.id if call.carrier else ""


def _now() -> float:
    return asyncio.get_running_loop().time()
