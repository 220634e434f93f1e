"""A conversation that an earlier controller led: what its journal tells, held against what Asterisk has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ari_app.ari.events import Bridge, Channel
from ari_app.calls.legs import Leg
from ari_app.conversation.machine import handle
from ari_app.conversation.occupation import occupation_of
from ari_app.conversation.retelling import Told, retell
from ari_app.conversation.vocabulary import Place, State, TakenOver, TargetKind
from queues.vocabulary import TalkAdopted
from suar.ids import Kind, kind_of, mint


@dataclass(slots=True)
class Rejoined:
    """Where to take it up."""

    state: State
    main: str
    """The bridge of the main room."""
    at: dict[str, Place]
    """Where Asterisk has everybody."""
    operator_id: str | None
    has_side: bool
    """Whether there is a side room."""
    legs: dict[str, Leg] = field(default_factory=dict)
    """A leg that the journal knows and Asterisk does not is gone: that comes in as its signal."""
    strangers: list[str] = field(default_factory=list)
    """Legs that nobody knows what they are for."""

    def occupations(self) -> list[TalkAdopted]:
        """Return what the ACD has to know: whom the conversation occupies."""
        found = []
        if self.state.operator is not None and self.operator_id is not None:
            found.append(TalkAdopted(occupation_of(self.state.operator), self.operator_id))
        for party in self.state.parties:
            if party.target.kind is TargetKind.OPERATOR and party.id in self.at:
                found.append(TalkAdopted(party.id, party.target.id))
        return found


def rejoin(
    call_id: str,
    channels: Mapping[str, Channel],
    bridges: Iterable[Bridge],
    history: Sequence[Told],
) -> Rejoined:
    """Return where a call's conversation stands. ``channels`` are those of the call, by id."""
    beginning, since, operator_id = _beginning(call_id, channels, history)
    state = retell(beginning, since)
    for event in since:
        if event.type in {"handed_over", "taken_over"}:
            operator_id = str(event.data.get("operator"))
    at, main = _places(call_id, channels, bridges, history)
    if state.operator is not None and state.operator not in channels:
        # Her leg has gone unheard, and a supervisor who was in the talk has it.
        for leg_id, place in at.items():
            if kind_of(leg_id) is Kind.SUPERVISOR_LEG and place is Place.MAIN:
                state, _ = handle(state, TakenOver(leg_id, operator_id or ""))
    found = Rejoined(state, main, at, operator_id, any(kind_of(one.id) is Kind.SIDE for one in bridges))
    for leg_id in state.places():
        if leg_id == call_id:
            continue
        leg = found.legs[leg_id] = Leg(leg_id)
        party = state.party(leg_id)
        if leg_id not in channels:
            if party is None or party.is_up:
                leg.up.set_result(None)
            leg.end(cause=0)
        elif channels[leg_id].state == "Up":
            leg.up.set_result(None)
    found.strangers = [one for one in channels if one != call_id and one not in found.legs]
    return found


def _beginning(
    call_id: str, channels: Mapping[str, Channel], history: Sequence[Told]
) -> tuple[State, Sequence[Told], str | None]:
    """Return how the conversation began, what was told since, and who the first operator was."""
    legs = [one for one in channels if kind_of(one) is Kind.OPERATOR_LEG]
    legs += [one for one in channels if kind_of(one) is Kind.SUPERVISOR_LEG]
    last = max((place for place, event in enumerate(history) if event.type == "connected"), default=-1)
    offers = sum(event.type == "ringing" for event in history[: last + 1])
    leg = mint(call_id, Kind.OPERATOR_LEG, offers) if offers else next(iter(legs), None)
    if last < 0:
        return State(call_id, next(iter(legs), leg)), (), None
    return State(call_id, leg), history[last + 1 :], str(history[last].data.get("operator"))


def _places(
    call_id: str, channels: Mapping[str, Channel], bridges: Iterable[Bridge], history: Sequence[Told]
) -> tuple[dict[str, Place], str]:
    at = {one: Place.HOLD if channel.state == "Up" else Place.NOWHERE for one, channel in channels.items()}
    main = mint(call_id, Kind.BRIDGE, max(1, sum(event.type == "connected" for event in history)))
    for bridge in bridges:
        kind = kind_of(bridge.id)
        if kind is Kind.BRIDGE:
            main = bridge.id
        for one in bridge.channels:
            if one in at:
                at[one] = Place.SIDE if kind is Kind.SIDE else Place.MAIN
    return at, main
