"""Why Asterisk cannot be installed, rendered or run; each message names the way out."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class InstallFailed(SuarError):
    """Asterisk cannot be installed here."""

    blame = Blame.HOST


class StartFailed(SuarError):
    """Asterisk does not start."""

    blame = Blame.HOST


class StopFailed(SuarError):
    """Asterisk does not stop."""

    blame = Blame.HOST


class NotRunning(SuarError):
    """Asterisk is not running; `suar asterisk start` starts it."""

    blame = Blame.HOST
    retryable = True
