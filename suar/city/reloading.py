"""What of a changed city file is taken up while calls go on, and what waits for the next start.

Taken up: all that says who is served when and by whom. The rest is known to Asterisk or to phones as well,
and has to be rendered first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from suar.city.loading import CityFileInvalid, Problem
from suar.city.model import City, KindOfIncident, Operator
from suar.city.references import dangling

_OF_A_KIND = ("queue", "priority", "skills", "wants")
_OF_AN_OPERATOR = ("languages", "skills", "queues")

_T = TypeVar("_T", KindOfIncident, Operator)


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The city from now on, and the names of the tables that were taken up or have to wait."""

    city: City
    taken_up: tuple[str, ...]
    waiting: tuple[str, ...]


def take_up(old: City, new: City) -> Reloaded:
    """Return ``old`` with the rules of ``new``.

    Raises :class:`~suar.city.CityFileInvalid` if these rules speak of something that only a start can bring.
    """
    city = old.model_copy(
        update={
            "queues": new.queues,
            "distribution": new.distribution,
            "pauses": new.pauses,
            "kinds": _merged(old.kinds, new.kinds, _OF_A_KIND),
            "operators": _merged(old.operators, new.operators, _OF_AN_OPERATOR),
        }
    )
    if problems := tuple(Problem(*complaint) for complaint in dangling(city)):
        raise CityFileInvalid("the changed city file, without a restart,", problems)
    return Reloaded(city, tuple(_differences(old, city)), tuple(_differences(city, new)))


def _merged(old: Sequence[_T], new: Iterable[_T], fields: tuple[str, ...]) -> list[_T]:
    fresh = {one.id: one for one in new}
    return [
        one.model_copy(update={name: getattr(fresh[one.id], name) for name in fields})
        if one.id in fresh
        else one
        for one in old
    ]


def _differences(one: City, other: City) -> Iterable[str]:
    for name, field in type(one).model_fields.items():
        if getattr(one, name) != getattr(other, name):
            yield field.alias or name
