"""What can be refused of a question to a silent caller."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class NoSuchQuestion(SuarError):
    """There is no such question."""

    blame = Blame.INPUT


class NotTalking(SuarError):
    """Nobody talks with this caller now."""

    blame = Blame.INPUT
    retryable = True
