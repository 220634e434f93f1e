"""What a city file says of calls that may not be real: ``[admission]``. May be left out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from suar.city.fields import Table

_Count = Annotated[int, Field(ge=1, le=10_000)]
_Time = Annotated[float, Field(gt=0, le=3600)]


class AdmissionSettings(Table):
    """``[admission]``: what one carrier or one number may take of the house when somebody floods the lines.

    What each means stands with `queues.admission.AdmissionPolicy`.
    """

    on: bool = True
    """Whether calls are held at all."""
    reserved_share: Annotated[float, Field(ge=0, le=0.9)] = 0.5
    calls_per_operator: Annotated[float, Field(ge=1, le=100)] = 4.0
    least_calls: _Count = 24
    carrier_calls_per_s: Annotated[float, Field(gt=0, le=1000)] = 4.0
    carrier_burst: _Count = 30
    number_calls: _Count = 3
    number_window_calls: _Count = 5
    number_window_s: _Time = 300.0
    anonymous_calls: _Count = 10
    handicap_s: _Time = 30.0
    most_excess: _Count = 20
    proof_calls: _Count = 5
    asked_at_once: _Count = 20
    ask_s: Annotated[float, Field(ge=5, le=120)] = 15.0
    quiet_s: _Time = 30.0


class SilenceSettings(Table):
    """``[silence]``: how it is found out that a caller says nothing, and what happens then."""

    detector: Literal["silero", "talk_detect", "off"] = "silero"
    silent_after_s: Annotated[float, Field(ge=3, le=60)] = 8.0
    listen_s: Annotated[float, Field(ge=5, le=3600)] = 300.0
    ask_by_itself: bool = False
    reply_s: Annotated[float, Field(ge=5, le=120)] = 30.0


class NuisanceSettings(Table):
    """``[nuisance]``: what a number's history may do to its next call."""

    put_back_from: Annotated[int, Field(ge=41, le=101)] = 60
    """The score from which a call is put back by one step; 101 for never."""
    challenge: bool = True
    """Whether who is put back is asked to press a key, which takes the step away."""
    challenge_s: Annotated[float, Field(ge=5, le=120)] = 15.0
    window_days: Annotated[float, Field(gt=0, le=90)] = 14.0
