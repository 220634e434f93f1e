"""What the REST interface takes and gives, where no other module has it already."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dashboards.incidents.callbacks import Callback
from dashboards.incidents.views import IncidentSummary
from dashboards.supervision.audit import StaffEventView
from dashboards.supervision.broadcasts import LONGEST, Broadcast
from queues.dispositions import Disposition


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IncidentChanges(_Body):
    """What a person knows better. Only what is given changes."""

    kind: str | None = None
    place: str | None = Field(default=None, max_length=4000)
    notes: str | None = Field(default=None, max_length=4000)
    disposition: Disposition | None = None


class SendTo(_Body):
    """The agencies that must move."""

    agencies: list[str] = Field(min_length=1)


class Closing(_Body):
    """What it turned out to be; the incident's own disposition if not given."""

    disposition: Disposition | None = None


class Reopening(_Body):
    """Why it is opened again."""

    reason: str = Field(min_length=1, max_length=4000)


class Note(_Body):
    """A line for the timeline."""

    text: str = Field(min_length=1, max_length=4000)


class Wish(_Body):
    """What goes with an operator's wish."""

    reason: str | None = Field(default=None, max_length=100)
    """Why she wants no calls."""
    for_s: float | None = Field(default=None, gt=0)
    """How long; what the reason allows, if not given."""
    queues: list[str] | None = Field(default=None, min_length=1)
    """Those of hers that she serves from now on."""
    by_s: float | None = Field(default=None, gt=0)
    """How much longer her wrap-up is to be."""
    call_id: str | None = Field(default=None, min_length=1)
    """The caller whom she takes."""
    phone: str | None = None
    """At whose phone she signs on: an operator's name; her own, if not given."""


class Lifting(_Body):
    """Why what a number did before counts no more."""

    why: str = Field(min_length=1, max_length=200)


class Dialling(_Body):
    """Whom to call."""

    number: str = Field(pattern=r"^\+?\d{2,15}$")


class CallMade(BaseModel):
    """A call that is being made: one's own phone rings first."""

    call_id: str


class ConversationWish(_Body):
    """What a command needs; each reads its own fields."""

    emergency: bool | None = None
    """``hold``: the line stays open; a caller who hangs up is called again."""
    leg: str | None = None
    """``mute``, ``unmute``, ``digits``: ``operator``, ``caller`` or a party's id."""
    party: str | None = None
    """``consult``, ``join``, ``transfer``, ``remove``."""
    kind: Literal["operator", "agency", "neighbour", "number"] | None = None
    target: str | None = None
    purpose: Literal["consult", "conference", "blind"] | None = None
    digits: str | None = None
    reason: str | None = Field(default=None, max_length=200)


class ConversationAnswer(BaseModel):
    """A conversation as it is now, as the live picture shows it."""

    call_id: str
    conversation: dict[str, Any]


class IncidentList(BaseModel):
    """Incidents, the newest first. ``next`` is the cursor of the next page, if there is one."""

    incidents: list[IncidentSummary]
    next: str | None


class CallbackList(BaseModel):
    """Whom to call back, the first who was lost first."""

    callbacks: list[Callback]


class BroadcastText(_Body):
    """What every operator is to read."""

    text: str = Field(min_length=1, max_length=LONGEST)


class SupervisionAnswer(BaseModel):
    """How the supervisor takes part now; null while her phone rings, and when it is over."""

    call_id: str
    supervisor: str
    mode: str | None


class Broadcasts(BaseModel):
    """The messages that are shown, the newest first."""

    broadcasts: list[Broadcast]


class Audit(BaseModel):
    """What the staff did, the newest first."""

    acts: list[StaffEventView]


class OperatorAnswer(BaseModel):
    """An operator's state, as the call controller has it now."""

    id: str
    state: str
    reason: str | None


class PositionAnswer(BaseModel):
    """Where a caller stands in her queue now."""

    call_id: str
    position: int | None


class LiftAnswer(BaseModel):
    """Whose past counts no more: the call's number, which is never told."""

    call_id: str
    is_lifted: bool


class LivePicture(BaseModel):
    """The call controller's live picture; ``stale_since`` says since when it is old."""

    stale_since: str | None
    picture: dict[str, Any] | None


class ErrorBody(BaseModel):
    """Every error."""

    model_config = ConfigDict(extra="allow")

    code: str
    message: str
    field: str | None = None


class ErrorAnswer(BaseModel):
    """The one shape of every error."""

    error: ErrorBody
