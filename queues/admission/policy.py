"""The figures that a gate goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """How much one carrier, and one number, may take of the house. Durations in seconds."""

    reserved_share: float = 0.5
    """Of the operators at work, those that a carrier in a surge cannot take."""
    calls_per_operator: float = 4.0
    """How many calls of one carrier there may be for each operator, as long as it is no surge."""
    least_calls: int = 24
    """That many of one carrier's calls are no surge, however few operators there are."""
    carrier_calls_per_s: float = 4.0
    """How many calls a second of one carrier go on, in the long run."""
    carrier_burst: int = 30
    """How many may come at once."""
    number_calls: int = 3
    """A number's calls at the same time that are nothing strange: a switchboard in a building on fire."""
    number_window_calls: int = 5
    """A number's calls in ``number_window_s`` that are nothing strange: somebody afraid dials again."""
    number_window_s: float = 300.0
    anonymous_calls: int = 10
    """A carrier's calls without a number at the same time that are nothing strange: phones without a SIM."""
    handicap_s: float = 30.0
    """Each call beyond its number's allowance is served as if it had come so much later."""
    most_excess: int = 20
    """More than this does not count: nobody is put off without an end."""
    proof_calls: int = 5
    """A key that was pressed makes up for so many calls beyond the allowance."""
    asked_at_once: int = 20
    """How many held calls are asked at the same time; the others hear their phones ring."""
    ask_s: float = 15.0
    """How long a call is asked before it makes room for the next to be asked."""
    quiet_s: float = 30.0
    """A surge is over when nobody has been held for so long."""
