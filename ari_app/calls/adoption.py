"""What an earlier controller left in Asterisk, sorted: who talks, who waits, and what is nobody's.

Pure: Asterisk's lists and the journal's history in, decisions out. The switchboard carries them out after
each connection, before any event is handed out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ari_app.ari.events import Bridge, Channel
from suar import ids


class Told(Protocol):
    """An event of a call's history."""

    @property
    def type(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def data(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """Two who talk: they notice nothing."""

    caller: Channel
    leg: Channel
    bridge_id: str


@dataclass(slots=True)
class Adoptions:
    """What is to be done."""

    talks: list[Talk] = field(default_factory=list)
    waiting: list[Channel] = field(default_factory=list)
    orphan_legs: list[str] = field(default_factory=list)
    """Operators' phones that ring or talk for nobody; supervisors', and what they hear a talk through."""
    orphan_bridges: list[str] = field(default_factory=list)


def sort_out(channels: Iterable[Channel], bridges: Iterable[Bridge], alive: Collection[str]) -> Adoptions:
    """Sort what Asterisk has; ``alive`` are the calls that this controller carries already."""
    found = Adoptions()
    by_id = {channel.id: channel for channel in channels}
    legs = {one: by_id[one] for one in by_id if ids.kind_of(one) is ids.Kind.OPERATOR_LEG}
    supervisors = {one: by_id[one] for one in by_id if ids.kind_of(one) is ids.Kind.SUPERVISOR_LEG}
    in_talk: set[str] = set()
    for bridge in bridges:
        call_id = ids.call_of(bridge.id)
        if call_id is None or call_id in alive:
            continue
        caller = by_id.get(call_id)
        leg = next((legs[one] for one in bridge.channels if one in legs), None)
        if leg is None:
            # A supervisor who has taken the call over is its operator.
            leg = next((supervisors[one] for one in bridge.channels if one in supervisors), None)
        if caller is not None and caller.is_callers and caller.id in bridge.channels and leg is not None:
            found.talks.append(Talk(caller, leg, bridge.id))
            in_talk |= {caller.id, leg.id}
        else:
            found.orphan_bridges.append(bridge.id)
    overhearing = [one for one in by_id if ids.kind_of(one) is ids.Kind.SNOOP]
    found.orphan_legs = [
        one
        for one in (*legs, *supervisors, *overhearing)
        if one not in in_talk and ids.call_of(one) not in alive
    ]
    found.waiting = [
        one for one in by_id.values() if one.is_callers and one.id not in alive and one.id not in in_talk
    ]
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What the journal says of a call. A mark is None where the call never came so far."""

    offered: datetime | None = None
    answered: datetime | None = None
    queued: datetime | None = None
    connected: datetime | None = None
    ended: datetime | None = None
    kind: str | None = None
    language: str | None = None
    operator: str | None = None
    offers: int = 0
    bridges: int = 0
    location_source: str | None = None


def read_past(history: Sequence[Told]) -> Past:
    """Read a call's history. The first time of each mark counts: nobody loses her place."""
    first: dict[str, datetime] = {}
    kind = language = operator = source = None
    for event in history:
        first.setdefault(event.type, datetime.fromisoformat(event.at))
        match event.type:
            case "triaged":
                kind, language = event.data.get("kind"), event.data.get("language")
            case "connected" | "taken_over":
                operator = event.data.get("operator")
            case "located":
                source = source or (event.data.get("claim") or {}).get("source")
            case _:
                pass
    types = [event.type for event in history]
    return Past(
        offered=first.get("offered"),
        answered=first.get("answered"),
        queued=first.get("queued"),
        connected=first.get("connected"),
        ended=first.get("ended"),
        kind=kind,
        language=language,
        operator=operator,
        offers=types.count("ringing"),
        bridges=types.count("connected"),
        location_source=source,
    )
