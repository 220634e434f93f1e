"""What an earlier controller left in Asterisk, sorted: who talks, who waits, and what is nobody's.

Pure: Asterisk's lists and the journal's history in, decisions out. The switchboard carries them out after
each connection, before any event is handed out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ari_app.ari.events import Bridge, Channel
from suar import ids
from suar.location import Book, Claim, ClaimInvalid, claim_from


class Told(Protocol):
    """An event of a call's history."""

    @property
    def type(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def data(self) -> Any: ...


_LEGS = {ids.Kind.OPERATOR_LEG, ids.Kind.PARTY, ids.Kind.SUPERVISOR_LEG}
_ROOMS = {ids.Kind.BRIDGE, ids.Kind.SIDE}


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: those in it notice nothing. On hold, the caller is in no bridge."""

    caller: Channel
    channels: dict[str, Channel]
    """Everybody's, the caller's too, by id."""
    bridges: list[Bridge]


@dataclass(frozen=True, slots=True)
class Supervising:
    """A supervisor's phone on a talk that is taken up."""

    channel: Channel
    call_id: str
    is_in_talk: bool
    """Whether she is in the talk itself: barging in, or its operator."""
    has_bridge: bool
    """Whether her own bridge is there: Asterisk takes no id again so soon."""
    snoops: int
    """The number of the last channel that somebody heard this talk through."""


@dataclass(slots=True)
class Adoptions:
    """What is to be done."""

    talks: list[Talk] = field(default_factory=list)
    waiting: list[Channel] = field(default_factory=list)
    supervising: list[Supervising] = field(default_factory=list)
    orphan_legs: list[str] = field(default_factory=list)
    """Phones that ring or talk for nobody, and what supervisors heard a talk through: they get another."""
    orphan_bridges: list[str] = field(default_factory=list)


def sort_out(channels: Iterable[Channel], bridges: Iterable[Bridge], alive: Collection[str]) -> Adoptions:
    """Sort what Asterisk has; ``alive`` are the calls that this controller carries already."""
    found = Adoptions()
    by_id = {channel.id: channel for channel in channels}
    legs = {one: channel for one, channel in by_id.items() if ids.kind_of(one) in _LEGS}
    rooms: dict[str, list[Bridge]] = {}
    for bridge in bridges:
        call_id = ids.call_of(bridge.id)
        if call_id is None or call_id in alive:
            continue
        if ids.kind_of(bridge.id) in _ROOMS:
            rooms.setdefault(call_id, []).append(bridge)
        else:
            found.orphan_bridges.append(bridge.id)
    for one in legs:
        call_id = ids.call_of(one)
        if ids.kind_of(one) is ids.Kind.PARTY and call_id is not None and call_id not in alive:
            rooms.setdefault(call_id, [])
    in_talk: set[str] = set()
    for name, theirs in sorted(rooms.items()):
        inside = {one for bridge in theirs for one in bridge.channels}
        caller = by_id.get(name)
        # An operator's phone that rings for her is in no room: she waits. A supervisor's is in one if she has
        # barged in, or has taken the call over: which, the journal knows.
        others = {
            one: channel
            for one, channel in legs.items()
            if ids.call_of(one) == name and (one in inside or ids.kind_of(one) is ids.Kind.PARTY)
        }
        if caller is not None and caller.is_callers and others:
            found.talks.append(Talk(caller, {**others, name: caller}, theirs))
            in_talk |= {name, *others}
        else:
            found.orphan_bridges += [bridge.id for bridge in theirs]
    overhearing = [one for one in by_id if ids.kind_of(one) is ids.Kind.SNOOP]
    for one, channel in legs.items():
        call_id, own = ids.call_of(one), own_bridge(one)
        if ids.kind_of(one) is ids.Kind.SUPERVISOR_LEG and call_id in in_talk and channel.state == "Up":
            snoops = [ids.count_of(snoop) for snoop in overhearing if ids.call_of(snoop) == call_id]
            has_bridge = own in found.orphan_bridges
            found.supervising.append(
                Supervising(channel, call_id, one in in_talk, has_bridge, max(snoops, default=0))
            )
            found.orphan_bridges = [bridge for bridge in found.orphan_bridges if bridge != own]
    kept = in_talk | {one.channel.id for one in found.supervising}
    found.orphan_legs = [
        one for one in (*legs, *overhearing) if one not in kept and ids.call_of(one) not in alive
    ]
    found.waiting = [
        one for one in by_id.values() if one.is_callers and one.id not in alive and one.id not in in_talk
    ]
    return found


def own_bridge(supervisors_leg: str) -> str:
    """Return the id of the bridge in which a supervisor hears a talk, by that of her leg."""
    call_id = ids.call_of(supervisors_leg) or ""
    return ids.mint(call_id, ids.Kind.SUPERVISION_BRIDGE, ids.count_of(supervisors_leg))


@dataclass(frozen=True, slots=True)
class Supervision:
    """A supervisor who took part, and of whose end nothing was written."""

    mode: str
    began: datetime
    since: datetime
    """Since when in this mode."""


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
    parties: int = 0
    claims: Book = field(default_factory=Book)
    place_changes: int = 0
    hearing: str | None = None
    """``silent`` or ``heard`` as it was last written; who was heard at once has nothing written."""
    standing: dict[str, Any] | None = None
    is_put_back: bool = False
    has_pressed: bool = False
    supervisions: Mapping[str, Supervision] = field(default_factory=dict)
    """By supervisor."""


def read_past(history: Sequence[Told]) -> Past:
    """Read a call's history. The first time of each mark counts: nobody loses her place."""
    first: dict[str, datetime] = {}
    kind = language = operator = hearing = standing = None
    is_put_back = has_pressed = False
    for event in history:
        first.setdefault(event.type, datetime.fromisoformat(event.at))
        match event.type:
            case "triaged":
                kind, language = event.data.get("kind"), event.data.get("language")
            case "connected" | "handed_over" | "taken_over":
                operator = event.data.get("operator")
            case "not_heard" | "heard":
                hearing = "heard" if event.type == "heard" else "silent"
            case "standing":
                standing = {name: event.data.get(name) for name in ("score", "reasons")}
                is_put_back = event.data.get("is_put_back") is True
            case "challenge_passed" | "admitted" if event.data.get("pressed", True):
                has_pressed, is_put_back = True, False
            case _:
                pass
    types = [event.type for event in history]
    return Past(
        offered=first.get("offered") or first.get("dialled_out"),
        answered=first.get("answered"),
        queued=first.get("queued"),
        connected=first.get("connected"),
        ended=first.get("ended"),
        kind=kind,
        language=language,
        operator=operator,
        offers=types.count("ringing"),
        bridges=types.count("connected"),
        parties=types.count("party_called"),
        claims=_read_claims(history),
        place_changes=types.count("location_changed"),
        hearing=hearing,
        standing=standing,
        is_put_back=is_put_back,
        has_pressed=has_pressed,
        supervisions=_read_supervisions(history),
    )


def _read_supervisions(history: Sequence[Told]) -> dict[str, Supervision]:
    """Read who took part when the last controller died."""
    found: dict[str, Supervision] = {}
    for event in history:
        supervisor = str(event.data.get("supervisor"))
        match event.type:
            case "supervision_started" | "supervision_changed" | "supervision_resumed":
                at = datetime.fromisoformat(event.at)
                began = found[supervisor].began if supervisor in found else at
                found[supervisor] = Supervision(str(event.data.get("mode")), began, at)
            case "supervision_ended":
                found.pop(supervisor, None)
            case _:
                pass
    return found


def _read_claims(history: Sequence[Told]) -> Book:
    """Read what was claimed of the place, and what was gone by last. A damaged claim is left out."""
    claims: list[Claim] = []
    best: Claim | None = None
    for event in history:
        with suppress(ClaimInvalid):
            match event.type:
                case "located":
                    claim = claim_from(event.data.get("claim"))
                    claims.append(claim)
                    # Journals from before there was a best one told it first.
                    if event.data.get("best", best is None) and claim.is_usable:
                        best = claim
                case "location_changed":
                    best = claim_from((event.data.get("change") or {}).get("new"))
                case _:
                    pass
    same = next((claim for claim in claims if claim == best), best)
    return Book(tuple(claims), same)
