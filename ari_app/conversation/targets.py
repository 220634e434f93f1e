"""Whom one can call, and how Asterisk reaches her: through which trunk, with which headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ari_app.calls.call import Call
from ari_app.conversation.errors import TargetUnknown, TargetUnreachable
from ari_app.conversation.vocabulary import Target, TargetKind
from suar.city import Carrier, City

_NUMBER = re.compile(r"\+?\d{2,15}")
_URN_SAFE = re.compile(r"[^A-Za-z0-9._-]")
OUTSIDE_RING_S = 45
OPERATOR_RING_S = 20


@dataclass(frozen=True, slots=True)
class Route:
    """How to dial somebody."""

    endpoint: str
    caller_id: str
    ring_s: int
    variables: Mapping[str, str] = field(default_factory=dict)


def find_route(city: City, target: Target, call: Call, incident: str | None = None) -> Route:
    """Return how to reach a target. The incident's id goes with calls that leave the house.

    Raises :class:`~ari_app.conversation.errors.TargetUnknown` or ``TargetUnreachable``.
    """
    kind = city.kind(call.kind)
    shown = (kind.name(city.languages[0]) if kind else call.kind).replace('"', "").replace("\\", "")
    if target.kind is TargetKind.OPERATOR:
        operator = city.operator(target.id)
        if operator is None:
            raise TargetUnknown(f"{target.id}: the city file has no such operator")
        # A phone in the house shows what it is about, as for an offer.
        caller_id = f'"{shown}" <{city.emergency_number}>'
        return Route(f"PJSIP/{operator.endpoint}", caller_id, OPERATOR_RING_S)
    carrier = outgoing_carrier(city, None)
    if carrier is None:
        raise TargetUnreachable("no carrier takes outgoing calls: give one a `gateway` in the city file")
    return dial(city, carrier, _number_of(city, target), incident_headers(city, call.id, incident))


def dial(city: City, carrier: Carrier, number: str, variables: Mapping[str, str]) -> Route:
    """Return how to dial a number, or a neighbour's SIP address, through a carrier that has a gateway."""
    address = number if number.startswith("sip:") else f"sip:{number}@{carrier.gateway}"
    endpoint = f"PJSIP/trunk-{carrier.id}/{address}"
    return Route(endpoint, f'"{city.name}" <{city.emergency_number}>', OUTSIDE_RING_S, variables)


def outgoing_carrier(city: City, preferred: Carrier | None) -> Carrier | None:
    """Return through whom a call goes out: ``preferred`` if it takes calls, else the first who does."""
    if preferred is not None and preferred.gateway is not None:
        return preferred
    return next((carrier for carrier in city.carriers if carrier.gateway is not None), None)


def incident_headers(city: City, call_id: str, incident: str | None) -> dict[str, str]:
    """Return variables that give an INVITE the call's and the incident's identifiers.

    ``Call-Info`` with purpose emergency-CallId and emergency-IncidentId, as NENA-STA-010 (i3) has them.
    """
    host = f"{city.node}.suar.invalid"
    found = [f"<urn:emergency:uid:callid:{_URN_SAFE.sub('-', call_id)}:{host}>;purpose=emergency-CallId"]
    if incident:
        name = _URN_SAFE.sub("-", incident)
        found.append(f"<urn:emergency:uid:incidentid:{name}:{host}>;purpose=emergency-IncidentId")
    return {"PJSIP_HEADER(add,Call-Info)": ", ".join(found)}


def is_number(text: str) -> bool:
    """Whether this can be dialled: 2 to 15 digits, perhaps with a plus."""
    return _NUMBER.fullmatch(text) is not None


def _number_of(city: City, target: Target) -> str:
    match target.kind:
        case TargetKind.AGENCY:
            agency = city.agency(target.id)
            if agency is None:
                raise TargetUnknown(f"{target.id}: the city file has no such agency")
            number = agency.phone
        case TargetKind.NEIGHBOUR:
            neighbour = next((one for one in city.neighbours if one.id == target.id), None)
            if neighbour is None:
                raise TargetUnknown(f"{target.id}: the city file has no such neighbour")
            number = neighbour.hand_over_to
        case _:
            number = target.id
    if number is None:
        raise TargetUnreachable(f"{target.id} has no telephone number in the city file")
    if not is_number(number) and not (target.kind is TargetKind.NEIGHBOUR and number.startswith("sip:")):
        raise TargetUnknown(f"{number}: 2 to 15 digits, perhaps with a plus")
    return number
