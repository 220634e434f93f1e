"""What a gate decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a call is held."""

    CARRIER = "carrier"
    """Its carrier brings more than its share."""
    NUMBER = "number"
    """Its number has more calls than its allowance."""


@dataclass(frozen=True, slots=True)
class Admit:
    """A call goes on to the greeting's menu and the operators, after ``held_s`` seconds."""

    call_id: str
    held_s: float = 0.0
    was_proven: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A call waits for its turn."""

    call_id: str
    why: Why
    excess: int
    """How many calls its number has made beyond its allowance."""


@dataclass(frozen=True, slots=True)
class Ask:
    """It is a held call's turn to be answered, and asked to press a key."""

    call_id: str


@dataclass(frozen=True, slots=True)
class SurgeBegan:
    """A carrier brings more than its share."""

    carrier: str


@dataclass(frozen=True, slots=True)
class SurgeEnded:
    """A carrier is as quiet again as others."""

    carrier: str


Decision = Admit | Hold | Ask | SurgeBegan | SurgeEnded
