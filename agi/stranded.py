"""Who is stranded in Asterisk while the controller is dead, and what to do with whom. Pure.

From AMI's ``CoreShowChannels``: one mapping for each channel, keys in small letters as panoramisk has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from suar import ids

Shown = Mapping[str, str]
_UP = "6"
_LEGS = {ids.Kind.OPERATOR_LEG, ids.Kind.PARTY, ids.Kind.SUPERVISOR_LEG}
_CALLERS = ("suar,call", "suar,out")
"""Those who rang us, and those whom we rang."""
_UNIQUE = re.compile(r"-(\d+)\.(\d+)$")


@dataclass(slots=True)
class Stranded:
    """What is to be done, in order. Channels by their names, as AMI wants them."""

    waiting: list[Shown] = field(default_factory=list)
    """Callers who wait with the controller: to the degraded path."""
    new: list[Shown] = field(default_factory=list)
    """Callers whom it has not answered: to the degraded path's beginning."""
    legs: list[Shown] = field(default_factory=list)
    """Legs of ours that ring, hear music or are alone: to be put down. With a caller on hold an operator is
    alone, and nobody could bring her back: she is free for the next call, the caller goes to the queue."""


def find_stranded(channels: Iterable[Shown]) -> Stranded:
    """Sort what a dead controller has left. Two who talk are left alone."""
    found = Stranded()
    shown = list(channels)
    present = {one.get("uniqueid", "") for one in shown}
    in_bridge = _crowds(shown)
    for one in sorted(shown, key=_order):
        unique_id = one.get("uniqueid", "")
        if ids.kind_of(unique_id) in _LEGS:
            if in_bridge.get(one.get("bridgeid", ""), 0) < 2 or ids.call_of(unique_id) not in present:
                found.legs.append(one)
        elif _is_with_controller(one) and not one.get("bridgeid"):
            (found.waiting if one.get("channelstate") == _UP else found.new).append(one)
    return found


def find_widowed(channels: Iterable[Shown]) -> list[Shown]:
    """Return callers alone in a bridge: their operators have gone, and nobody gives them to another."""
    shown = list(channels)
    in_bridge = _crowds(shown)
    return sorted(
        (
            one
            for one in shown
            if _is_with_controller(one) and (bridge := one.get("bridgeid")) and in_bridge[bridge] == 1
        ),
        key=_order,
    )


def find_returnable(channels: Iterable[Shown], mine: set[str]) -> list[Shown]:
    """Return those of ``mine`` who still wait in a queue of the degraded path, in order."""
    return [
        one
        for one in sorted(channels, key=_order)
        if one.get("uniqueid") in mine and one.get("application") == "Queue" and not one.get("bridgeid")
    ]


def is_on_degraded_path(one: Shown) -> bool:
    return one.get("context") == "degraded"


def _is_with_controller(one: Shown) -> bool:
    return one.get("application") == "Stasis" and one.get("applicationdata", "").startswith(_CALLERS)


def _crowds(shown: Iterable[Shown]) -> dict[str, int]:
    """Return how many are in each bridge."""
    found: dict[str, int] = {}
    for one in shown:
        if bridge := one.get("bridgeid"):
            found[bridge] = found.get(bridge, 0) + 1
    return found


def _order(one: Shown) -> tuple[int, int]:
    """In the order of arrival: Asterisk's unique ids count."""
    found = _UNIQUE.search(one.get("uniqueid", ""))
    return (int(found[1]), int(found[2])) if found else (0, 0)
