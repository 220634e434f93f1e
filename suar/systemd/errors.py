"""Why units cannot be rendered or written; each message names the way out."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class UnitsImpossible(SuarError):
    """The units of this city could not work."""

    blame = Blame.INPUT


class UnitsUnwritable(SuarError):
    """The units cannot be written."""

    blame = Blame.HOST
