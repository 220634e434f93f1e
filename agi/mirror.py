"""Keeps the degraded path's queues true: who does not want calls is paused there, at every moment.

So when the controller dies, Asterisk rings whom the controller would have rung. Members are in the
configuration: an Asterisk that has just booted, with nothing of ours running, rings everybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from agi.ami import Ami
from agi.errors import AmiRefused
from suar.city import City
from suar.log import get_logger

_WANT_CALLS = {"ready", "ringing", "talking"}
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

    def __init__(self, city: City) -> None:
        self._city = city

    async def reflect(self, ami: Ami, states: Mapping[str, str], controller_is_dead: bool) -> int:
        """Make Asterisk's pauses what they should be; return how many had to change."""
        if not states:
            return 0  # Nothing is known of anybody: rather a phone that rings in vain.
        wanted = wanted_pauses(self._city, states, controller_is_dead)
        shown = await ami.ask("QueueStatus", Queue="degraded")
        paused = {one["location"]: one["paused"] == "1" for one in shown if one.get("event") == "QueueMember"}
        changed = 0
        for interface, pause in wanted.items():
            if interface in paused and paused[interface] != pause:
                with suppress(AmiRefused):
                    await ami.ask(
                        "QueuePause", Interface=interface, Paused="true" if pause else "false", Reason="suar"
                    )
                    changed += 1
        if changed:
            log.info("degraded_queues_follow", changed=changed)
        return changed
