"""A conversation as its call's journal tells it: each accepted input was written as one event. Pure.

The events are replayed through the machine, so a controller that starts stands where the last one stood;
what has become of the legs meanwhile comes to it as signals, from Asterisk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ari_app.conversation.errors import CommandRefused
from ari_app.conversation.machine import handle
from ari_app.conversation.vocabulary import (
    CallIn,
    Consult,
    Hold,
    Input,
    Join,
    Left,
    LegGone,
    LegUp,
    Mute,
    PauseRecording,
    Purpose,
    Remove,
    Resume,
    ResumeRecording,
    State,
    TakenOver,
    Target,
    TargetKind,
    Transfer,
    Unmute,
)


class Told(Protocol):
    """An event of a call's history."""

    @property
    def type(self) -> str: ...
    @property
    def data(self) -> Any: ...


def retell(beginning: State, history: Iterable[Told]) -> State:
    """Return where a conversation stands that began with ``beginning``; other events are skipped."""
    state = beginning
    for event in history:
        given = read_input(state, event.type, event.data)
        if given is None:
            continue
        try:
            state, _ = handle(state, given)
        except CommandRefused:
            continue  # Written by a controller with other rules: what Asterisk has decides.
    return state


def read_input(state: State, type_: str, data: Mapping[str, Any]) -> Input | None:
    """Return the input that an event was written for; None if it is none, or only follows from one."""
    if "because" in data:
        return None
    party, leg = str(data.get("party", "")), str(data.get("leg", ""))
    try:
        match type_:
            case "held":
                return Hold(bool(data.get("emergency")))
            case "resumed":
                return Resume()
            case "muted":
                return Mute(leg)
            case "unmuted":
                return Unmute(leg)
            case "party_called":
                target = Target(TargetKind(data["target_kind"]), str(data["target"]))
                return CallIn(party, target, Purpose(data["purpose"]))
            case "party_answered":
                return LegUp(party)
            case "party_left":
                return LegGone(party, Left(data["outcome"]))
            case "party_removed":
                return Remove(party)
            case "party_joined":
                return Join(party)
            case "consulted":
                return Consult(party)
            case "transferred" if data.get("how") == "attended":
                return Transfer(party)
            case "operator_left" | "operator_lost":
                return LegGone(leg, Left(data["outcome"]))
            case "taken_over" if leg:
                return TakenOver(leg, str(data["operator"]))
            case "caller_left":
                return LegGone(state.caller, Left.HUNG_UP)
            case "recording_paused":
                return PauseRecording(str(data["reason"]))
            case "recording_resumed":
                return ResumeRecording()
            case _:
                return None
    except (KeyError, ValueError):
        return None
