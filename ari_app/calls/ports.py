"""What a call's flow may use of the world, in one place: built by `ari_app.app`, faked by tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ari_app.admission import Admission
from ari_app.alarms import Alarms
from ari_app.ari.resources import Asterisk
from ari_app.calls.call import Call, Phase
from ari_app.calls.invites import Invites
from ari_app.calls.legs import Legs
from ari_app.calls.location_servers import LocationServers
from ari_app.calls.redials import Redials
from ari_app.calls.succession import Succession
from ari_app.calls.wrap_ups import WrapUps
from ari_app.conversation.recorder import Recorder
from ari_app.distribution import Distribution
from ari_app.operators import Desk
from ari_app.outbox import Outbox
from queues.triage import TriagePlan
from suar.city import City

if TYPE_CHECKING:
    from ari_app.conversation.running import Conversation

APPLICATION = "suar"
"""Our name in Asterisk."""


@dataclass(slots=True)
class AsteriskLine:
    """Whether Asterisk is there, and since when it runs."""

    is_up: asyncio.Event = field(default_factory=asyncio.Event)
    started_at: datetime | None = None


@dataclass(slots=True)
class Ports:
    """The world, as a flow sees it."""

    city: City
    plan: TriagePlan
    asterisk: Asterisk
    outbox: Outbox
    distribution: Distribution
    alarms: Alarms
    admission: Admission
    recordings: Path
    queue_log: Path
    """What Asterisk itself writes down of the degraded path."""
    legs: Legs
    """Where the switchboard finds the leg of a channel: put a leg here before it is dialled."""
    clock: Callable[[], float]
    """Monotonic seconds."""
    now: Callable[[], datetime]
    wrap_ups: WrapUps
    desk: Callable[[str], Desk | None]
    """An operator's place at work."""
    recorder: Recorder
    on_change: Callable[[], None]
    """Something that the board shows has changed."""
    conversations: dict[str, Conversation] = field(default_factory=dict)
    """By call: those in which somebody speaks."""
    invites: Invites | None = None
    """Where whole INVITEs come in; None where none do."""
    location_servers: LocationServers | None = None
    """Asks carriers' location servers; None where none is asked."""
    succession: Succession = field(default_factory=Succession)
    redials: Redials = field(default_factory=Redials)
    line: AsteriskLine = field(default_factory=AsteriskLine)
    is_stopping: bool = False
    """The application stops, and no call does because of it."""
    has_heir: bool = False
    """Another controller takes up at once what this one leaves in Asterisk."""

    def enter(self, call: Call, phase: Phase) -> None:
        """Note that a call has come into a phase."""
        call.phase, call.since = phase, self.now()
        self.on_change()
