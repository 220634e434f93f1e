"""What can be wrong with what a plan is asked for."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class PlanRefused(SuarError):
    """No plan can be made of this: the message begins with the field, or the line and its field."""

    blame = Blame.INPUT
