"""What can go wrong on the degraded path."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class CallerGone(Exception):
    """The caller has hung up, or Asterisk has taken her away: an outcome, not a failure."""


class AgiRefused(SuarError):
    """Asterisk refused a command of ours, or answered what cannot be understood."""

    blame = Blame.PEER


class AmiUnavailable(SuarError):
    """Asterisk's manager interface cannot be reached, or does not answer in time.

    What became of the action that was under way is not known; it is never sent again.
    """

    blame = Blame.HOST
    retryable = True


class AmiRefused(SuarError):
    """Asterisk's manager interface refused an action."""

    blame = Blame.PEER
