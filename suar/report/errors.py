"""What can be wrong with what a report is asked for."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class ReportError(SuarError):
    """A report cannot be made."""


class OptionInvalid(ReportError):
    """An option that cannot be used: the message begins with its name."""

    blame = Blame.INPUT


class NothingToRead(ReportError):
    """There is neither a journal nor a database here."""

    blame = Blame.INPUT
