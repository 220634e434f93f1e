"""What can be wrong with what a simulation is asked for."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class SimulationRefused(SuarError):
    """This cannot be simulated: the message begins with the option, or the file and its field."""

    blame = Blame.INPUT
