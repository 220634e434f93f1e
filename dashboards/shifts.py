"""What operators ask about their work, passed on to the controller: readiness, queues, a certain caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.controller import Picture
from dashboards.errors import BodyInvalid, NotFound
from dashboards.state import Services
from suar.city import City

WISHES = frozenset({"sign-on", "ready", "not-ready", "sign-off", "queues", "extend-wrap-up", "pick"})
"""The controller's, by its names."""
_REASONS = ("break", "meal", "prayer", "training", "equipment")
"""Where the city file names none."""


async def wish(services: Services, operator: str, name: str, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Pass on what an operator asks; return her state then.

    Raises NotFound, Taken or another Conflict, BodyInvalid or ControllerDown.
    """
    if name not in WISHES:
        raise NotFound(f"{name} is nothing that can be asked")
    if name == "not-ready" and not wishes.get("reason"):
        raise BodyInvalid("say why", "reason")
    return await services.controller.set_operator(operator, name, operator, wishes)


def read_form(form: Mapping[str, str], queues: Sequence[str]) -> dict[str, Any]:
    """Return the wishes of a page's form, in which queues are boxes to tick. Raises BodyInvalid."""
    wishes: dict[str, Any] = {key: form[key] for key in ("reason", "call_id", "phone") if form.get(key)}
    if queues:
        wishes["queues"] = list(queues)
    try:
        wishes |= {key: float(form[key]) for key in ("for_s", "by_s") if form.get(key)}
    except ValueError as error:
        raise BodyInvalid("a number of seconds", "for_s" if form.get("for_s") else "by_s") from error
    return wishes


def reasons_of(city: City, picture: Picture) -> list[tuple[str, Mapping[str, str]]]:
    """Return why an operator may be not ready, with names by language; empty names: the pages' own words.

    The controller's picture comes first: it may go by a newer city file than ours.
    """
    if (told := picture.get("rules")) is not None:
        found = [(str(one["id"]), one["names"]) for one in told["pauses"]]
    else:
        found = [(one.id, one.names) for one in city.pauses]
    return found or [(one, {}) for one in _REASONS]


def phones_of(city: City, operator: str, picture: Picture) -> list[tuple[str, str]]:
    """Return the phones at which an operator may sign on: her own, then those where nobody is at work."""
    at_work = {
        one.get("sits_at") or one["id"]
        for one in picture.get("operators", [])
        if one["state"] != "signed_off"
    }
    free = [one for one in city.operators if one.id == operator or one.id not in at_work]
    return [(one.id, one.extension) for one in sorted(free, key=lambda one: one.id != operator)]


def queues_of(city: City, operator: str) -> list[tuple[str, str]]:
    """Return the queues that an operator may serve, with their names."""
    known, one = {queue.id: queue.name for queue in city.queues}, city.operator(operator)
    return [(queue, known.get(queue, queue)) for queue in (one.queues if one else [])]
