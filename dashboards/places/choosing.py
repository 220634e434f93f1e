"""A place that an operator chooses becomes a claim: from the list, from the map, or from what she types."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from dashboards.errors import BodyInvalid, Conflict
from dashboards.incidents.views import show
from dashboards.state import Services
from suar.location import Claim, Reading
from suar.location.ranking import OPERATOR
from suar.location.shapes import Circle, Point, Position

_LONGEST = 300
_FURTHEST_M = 100_000.0


async def choose(services: Services, incident_id: str, who: str, fields: Mapping[str, str]) -> None:
    """Add what an operator chose to the claims of an incident's last call: its caller is who speaks now.

    ``fields`` are ``latitude`` and ``longitude`` in degrees (WGS 84), and perhaps ``radius_m`` and ``label``.
    Raises BodyInvalid, naming the field; Conflict for an incident without a call; NotFound.
    """
    claim = chosen(fields, who, services.now())
    shown = await services.db.read(lambda session: show(session, incident_id, services.now()))
    if not shown.calls:
        raise Conflict("nobody has called because of this incident")
    await services.claims.add(shown.calls[-1].call_id, Reading(OPERATOR, (claim,)))


def chosen(fields: Mapping[str, str], who: str, now: datetime) -> Claim:
    """Return the claim that an operator makes; without a radius nothing is made up of how sure she is.

    Raises BodyInvalid, naming the field.
    """
    latitude, longitude = _number(fields, "latitude", 90.0), _number(fields, "longitude", 180.0)
    if latitude is None or longitude is None:
        raise BodyInvalid("degrees, with a decimal point", "longitude" if longitude is None else "latitude")
    if latitude == 0 and longitude == 0:
        raise BodyInvalid("0,0 is in the Gulf of Guinea", "latitude")
    radius_m = _number(fields, "radius_m", _FURTHEST_M)
    label = fields.get("label", "").strip()
    if len(label) > _LONGEST:
        raise BodyInvalid(f"at most {_LONGEST} characters", "label")
    center = Position(latitude, longitude)
    shape = Circle(center, radius_m) if radius_m is not None and radius_m > 0 else Point(center)
    return Claim(OPERATOR, now, shape, label=label or None, method="Manual", fix_at=now, provider=who)


def _number(fields: Mapping[str, str], name: str, most: float) -> float | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise BodyInvalid("a number, with a decimal point", name) from error
    if not math.isfinite(number) or abs(number) > most:
        raise BodyInvalid(f"at most {most:g}", name)
    return number
