"""Keeps the degraded path's queues true: who does not want calls is paused there, at every moment.

So when the controller dies, Asterisk rings whom the controller would have rung. Members are in the
configuration: an Asterisk that has just booted, with nothing of ours running, rings everybody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from agi.ami import Ami
from agi.errors import AmiRefused
from suar.city import City
from suar.log import get_logger

_WANT_CALLS = {"ready", "ringing", "talking"}
_LOOK_AGAIN_S = 5.0
"""How long what nobody of ours changed is believed to be unchanged: somebody at the console may have."""
_WANT_CALLS_SOON = _WANT_CALLS | {"wrap_up"}

log = get_logger()


def wanted_pauses(city: City, states: Mapping[str, str], controller_is_dead: bool) -> dict[str, bool]:
    """Return whether each operator's phone is to be paused. Pure.

    When the controller is dead nobody ends a wrap-up for her: who is in one takes calls.
    """
    at_work = _WANT_CALLS_SOON if controller_is_dead else _WANT_CALLS
    return {
        f"PJSIP/{operator.endpoint}": states.get(operator.id, "signed_off") not in at_work
        for operator in city.operators
    }


def states_on_disk(path: Path) -> dict[str, str]:
    """Return the operators' states as the controller wrote them last; none if nothing can be read."""
    with suppress(OSError, ValueError, AttributeError):
        kept = json.loads(path.read_text())
        return {name: str(entry["state"]) for name, entry in kept.items()}
    return {}


class Mirror:
    """The pauses of the degraded queues."""

    def __init__(self, city: City, clock: Callable[[], float] = time.monotonic) -> None:
        self._city = city
        self._clock = clock
        self._settled: tuple[dict[str, bool], float] | None = None
        """What was found, or made, to be so, and when."""

    def forget(self) -> None:
        """Asterisk may be another one than before: look at once."""
        self._settled = None

    async def reflect(self, ami: Ami, states: Mapping[str, str], controller_is_dead: bool) -> int:
        """Make Asterisk's pauses what they should be; return how many had to change."""
        if not states:
            return 0  # Nothing is known of anybody: rather a phone that rings in vain.
        wanted, now = wanted_pauses(self._city, states, controller_is_dead), self._clock()
        if self._settled and self._settled[0] == wanted and now - self._settled[1] < _LOOK_AGAIN_S:
            return 0
        shown = await ami.ask("QueueStatus", Queue="degraded")
        paused = {one["location"]: one["paused"] == "1" for one in shown if one.get("event") == "QueueMember"}
        changed, is_settled = 0, True
        for interface, pause in wanted.items():
            if interface in paused and paused[interface] != pause:
                try:
                    await ami.ask(
                        "QueuePause", Interface=interface, Paused="true" if pause else "false", Reason="suar"
                    )
                    changed += 1
                except AmiRefused:
                    is_settled = False
        self._settled = (wanted, now) if is_settled else None
        if changed:
            log.info("degraded_queues_follow", changed=changed)
        return changed
