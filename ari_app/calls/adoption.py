"""What an earlier controller left in Asterisk, sorted: who talks, who waits, and what is nobody's.

Pure: Asterisk's lists and the journal's history in, decisions out. The switchboard carries them out after
each connection, before any event is handed out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
    found.orphan_legs = [
        one for one in (*legs, *overhearing) if one not in in_talk and ids.call_of(one) not in alive
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
    parties: int = 0
    claims: Book = field(default_factory=Book)
    place_changes: int = 0
    hearing: str | None = None
    """``silent`` or ``heard`` as it was last written; who was heard at once has nothing written."""
    standing: dict[str, Any] | None = None
    is_put_back: bool = False
    has_pressed: bool = False


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
    )


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
