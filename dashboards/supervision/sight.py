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
    if sees_supervision(city, role):
        return shown
    events = [event for event in shown.events if not event.what.startswith(_EVENTS)]
    return shown.model_copy(update={"events": events})
