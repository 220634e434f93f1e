"""A conversation as the live picture shows it. No numbers: whoever was called by one is only said to be."""

from __future__ import annotations

from typing import Any

from ari_app.conversation.vocabulary import Party, Place, State, TargetKind


def describe(state: State) -> dict[str, Any]:
    """Return a conversation as plain data."""
    places = state.places()
    return {
        "has_operator": state.operator is not None,
        "is_caller_there": state.is_caller_there,
        "is_on_hold": places.get(state.caller) is Place.HOLD,
        "is_held": state.is_held,
        "stays_open": state.stays_open,
        "consulting": state.consulting,
        "is_muted": state.operator in state.muted,
        "muted": sorted("caller" if leg == state.caller else leg for leg in state.muted - {state.operator}),
        "pause_reason": state.pause_reason,
        "parties": [_party(party, state) for party in state.parties],
    }


def _party(party: Party, state: State) -> dict[str, Any]:
    is_number = party.target.kind is TargetKind.NUMBER
    if not party.is_up:
        stage = "ringing"
    elif party.id == state.consulting:
        stage = "consulting"
    else:
        stage = "parked" if party.is_parked else "joined"
    return {
        "id": party.id,
        "kind": party.target.kind.value,
        "target": None if is_number else party.target.id,
        "purpose": party.purpose.value,
        "stage": stage,
    }
