"""What of a supervision somebody may see: supervisors all, operators as the city has it, agencies nothing.

That somebody else is the call's operator now is no secret; that somebody listens may be one.
"""

from __future__ import annotations

from typing import Any

from dashboards.incidents.views import IncidentView
from dashboards.users.service import Role
from suar.city import City

_EVENTS = "supervision_"


def sees_supervision(city: City, role: Role) -> bool:
    """Whether somebody of this role may know who listens."""
    if role is Role.OPERATOR:
        return city.supervision.operators_see_it
    return role in {Role.SUPERVISOR, Role.ADMIN}


def picture_for(city: City, role: Role, picture: dict[str, Any]) -> dict[str, Any]:
    """Return the controller's picture as this role may see it."""
    sees = sees_supervision(city, role)
    calls = [
        {**call, "supervisors": call.get("supervisors", []) if sees else []} for call in picture["calls"]
    ]
    return {**picture, "calls": calls}


def incident_for(city: City, role: Role, shown: IncidentView) -> IncidentView:
    """Return an incident as this role may see it."""
    if role is Role.AGENCY:
        shown = _without_identity(shown)
    if sees_supervision(city, role):
        return shown
    events = [event for event in shown.events if not event.what.startswith(_EVENTS)]
    return shown.model_copy(update={"events": events})


def _without_identity(shown: IncidentView) -> IncidentView:
    """An incident as its agencies see it: where, and not by which SIM card; what carriers say stays here."""
    events = [
        event.model_copy(update={"data": {name: _anonymous(value) for name, value in event.data.items()}})
        for event in shown.events
        if event.what != "caller_data"
    ]
    return shown.model_copy(
        update={
            "location": _anonymous(shown.location),
            "location_change": _anonymous(shown.location_change),
            "claims": [_anonymous(claim) for claim in shown.claims],
            "calls": [call.model_copy(update={"caller_data": []}) for call in shown.calls],
            "events": events,
        }
    )


def _anonymous(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _anonymous(inner) for name, inner in value.items() if name != "identity"}
    return [_anonymous(inner) for inner in value] if isinstance(value, list) else value
