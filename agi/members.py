"""How the degraded queues' members should be: who sits at which phone, and what she takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from suar.city import City, Operator
from suar.city.degraded import DEFAULT, needs, penalty

_SIGNED_OFF = "signed_off"
_WANT_CALLS = {"ready", "ringing", "talking"}
_WANT_CALLS_SOON = _WANT_CALLS | {"wrap_up"}


@dataclass(frozen=True, slots=True)
class Seat:
    """How an operator is at work."""

    state: str
    phone_of: str = ""
    """At whose phone she sits, if not at her own."""
    queues: tuple[str, ...] = ()
    """Those that she serves today; none stands for all of hers."""


Seats = Mapping[str, Seat]
"""By operator."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How they should be."""

    pauses: Mapping[str, bool]
    """By phone, as Asterisk names it."""
    unusual: Mapping[tuple[str, str], int]
    """Penalties by queue and phone, where they are not those of the configuration."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An action for the manager interface."""

    action: str
    fields: Mapping[str, str]


class Members:
    """The members of one city's queues."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._needs = needs(city)
        self._owners = {f"PJSIP/{one.endpoint}": one for one in city.operators}
        self._usual = {
            (queue, phone): penalty(need, owner)
            for queue, need in self._needs.items()
            for phone, owner in self._owners.items()
        }

    def wanted(self, seats: Seats, controller_is_dead: bool) -> Wanted:
        """Return how they should be.

        When the controller is dead nobody ends a wrap-up for her: who is in one takes calls.
        """
        at_work = _WANT_CALLS_SOON if controller_is_dead else _WANT_CALLS
        sitters = {seat.phone_of or name: name for name, seat in seats.items() if seat.state != _SIGNED_OFF}
        pauses: dict[str, bool] = {}
        unusual: dict[tuple[str, str], int] = {}
        for phone, owner in self._owners.items():
            sitter = self._city.operator(sitters.get(owner.id, ""))
            pauses[phone] = sitter is None or seats[sitter.id].state not in at_work
            if sitter is not None:
                unusual |= self._unusual(phone, owner, sitter, seats[sitter.id])
        return Wanted(pauses, unusual)

    def _unusual(
        self, phone: str, owner: Operator, sitter: Operator, seat: Seat
    ) -> dict[tuple[str, str], int]:
        """Return where a phone's penalties are not its owner's: another sits there, or serves less today."""
        if sitter is owner and set(seat.queues) in (set(), set(owner.queues)):
            return {}
        hers = {(queue, phone): penalty(need, sitter, seat.queues) for queue, need in self._needs.items()}
        return {name: points for name, points in hers.items() if points != self._usual[name]}

    def deeds(self, shown: Iterable[Mapping[str, str]], wanted: Wanted) -> list[Deed]:
        """Return what to do so that those that AMI's ``QueueStatus`` shows become as is wanted."""
        found = []
        for one in shown:
            queue, phone = one["queue"], one["location"]
            if (queue, phone) not in self._usual:
                continue
            pause = wanted.pauses[phone]
            if queue == DEFAULT and (one["paused"] == "1") != pause:
                fields = {"Interface": phone, "Paused": "true" if pause else "false", "Reason": "suar"}
                found.append(Deed("QueuePause", fields))
            points = str(wanted.unusual.get((queue, phone), self._usual[queue, phone]))
            if one["penalty"] != points:
                found.append(Deed("QueuePenalty", {"Interface": phone, "Penalty": points, "Queue": queue}))
        return found


def seats_shown(operators: Iterable[Mapping[str, Any]]) -> dict[str, Seat]:
    """Return the operators as the controller's live picture has them."""
    return {
        one["id"]: Seat(one["state"], one.get("sits_at") or "", tuple(one.get("queues") or ()))
        for one in operators
    }
