"""Taking up a changed city file while people wait and talk: nobody loses her place, her call or her state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ari_app.calls.ports import Ports
from ari_app.operators import Operators
from queues.vocabulary import OperatorQueuesChanged, OperatorState, PolicyChanged
from suar.city import City, CityFileInvalid, policy_of
from suar.city.reloading import take_up
from suar.log import get_logger

log = get_logger()


def describe_rules(city: City) -> dict[str, Any]:
    """Return what pages show of the rules: the reasons for a pause, and the queues."""
    return {
        "pauses": [
            {"id": one.id, "names": one.names, "limit_s": one.limit_s, "then": one.then}
            for one in city.pauses
        ],
        "queues": [{"id": one.id, "name": one.name} for one in city.queues],
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tables of the city file whose changes hold now, and those that wait for the next start."""

    taken_up: tuple[str, ...]
    waiting: tuple[str, ...]


class Reloading:
    """Reads the city file anew when it is asked to, one ask after the other."""

    def __init__(self, ports: Ports, operators: Operators, read: Callable[[], City]) -> None:
        self._ports = ports
        self._operators = operators
        self._read = read
        self._turn = asyncio.Lock()

    async def reload(self) -> Outcome:
        """Go on by the rules that the file says now.

        Raises :class:`~suar.city.CityFileInvalid`, and goes on by the old ones, if it cannot be used.
        """
        async with self._turn:
            old = self._ports.city
            found = take_up(old, await asyncio.to_thread(self._read))
            # From here on nothing awaits: whoever decides next decides by the new rules alone.
            self._ports.city = found.city
            self._ports.distribution.tell(PolicyChanged(policy_of(found.city)))
            self._tell_operators(old, found.city)
            self._ports.on_change()
            log.info("rules_reloaded", taken_up=found.taken_up, waiting=found.waiting)
            return Outcome(found.taken_up, found.waiting)

    async def try_to_reload(self) -> None:
        """The same for a signal, whose sender hears nothing: a file that cannot be used is logged."""
        try:
            await self.reload()
        except CityFileInvalid as error:
            log.error("rules_not_reloaded", reason=str(error))

    def _tell_operators(self, old: City, new: City) -> None:
        """Whoever is at work serves the queues that the file says now; the rest holds when she signs on."""
        for desk in self._operators.desks():
            before, after = old.operator(desk.operator.id), new.operator(desk.operator.id)
            if before is None or after is None or before == after:
                continue
            desk.operator = after
            if desk.state is not OperatorState.SIGNED_OFF and before.queues != after.queues:
                event = OperatorQueuesChanged(after.id, tuple(after.queues))
                self._ports.distribution.tell_late(event)
