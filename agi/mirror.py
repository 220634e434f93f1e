"""Keeps the degraded path's queues true: who does not want calls is paused there, at every moment.

So when the controller dies, Asterisk rings whom the controller would have rung. Members are in the
configuration: an Asterisk that has just booted, with nothing of ours running, rings everybody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agi.ami import Ami
from agi.errors import AmiRefused
from agi.members import Deed, Members, Seat, Seats, Wanted
from suar.city import City
from suar.city.degraded import DEFAULT
from suar.log import get_logger

_LOOK_AGAIN_S = 5.0
"""How long what nobody of ours changed is believed to be unchanged: somebody at the console may have."""

log = get_logger()


def seats_on_disk(path: Path) -> dict[str, Seat]:
    """Return the operators as the controller wrote them last; none if nothing can be read."""
    with suppress(OSError, ValueError, AttributeError, TypeError, KeyError):
        kept = json.loads(path.read_text())
        return {
            name: Seat(str(entry["state"]), str(entry.get("phone") or ""), tuple(entry.get("queues") or ()))
            for name, entry in kept.items()
        }
    return {}


class Mirror:
    """The members of the degraded queues."""

    def __init__(self, city: City, clock: Callable[[], float] = time.monotonic) -> None:
        self._members = Members(city)
        self._clock = clock
        self._settled: tuple[Wanted, float] | None = None
        """What was found, or made, to be so, and when."""
        self._are_usual = False
        """Whether all penalties are those of the configuration, as far as is known."""

    def forget(self) -> None:
        """Asterisk may be another one than before: look at once."""
        self._settled = None

    async def reflect(self, ami: Ami, seats: Seats, controller_is_dead: bool) -> int:
        """Make Asterisk's members what they should be; return how many things had to change."""
        if not seats:
            return 0  # Nothing is known of anybody: rather a phone that rings in vain.
        wanted, now = self._members.wanted(seats, controller_is_dead), self._clock()
        if self._settled and self._settled[0] == wanted and now - self._settled[1] < _LOOK_AGAIN_S:
            return 0
        self._are_usual &= not wanted.unusual
        # Of members who are paused in all queues or in none, one queue tells enough.
        shown = await ami.ask("QueueStatus", **({"Queue": DEFAULT} if self._are_usual else {}))
        members = [one for one in shown if one.get("event") == "QueueMember"]
        done = [await self._do(ami, deed) for deed in self._members.deeds(members, wanted)]
        self._settled = (wanted, now) if all(done) else None
        self._are_usual |= all(done) and not wanted.unusual
        if any(done):
            log.info("degraded_queues_follow", changed=sum(done))
        return sum(done)

    async def _do(self, ami: Ami, deed: Deed) -> bool:
        try:
            await ami.ask(deed.action, **deed.fields)
        except AmiRefused:
            return False
        return True
