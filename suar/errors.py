"""The root of every error that Suar raises on purpose.

::

    SuarError
     ├─ CityFileInvalid          the city file cannot be used          (input)
     ├─ StateDirUnusable         the state directory cannot be used    (host)
     ├─ LedgerUnusable           the recordings' chain is unusable     (host)
     ├─ suar.location            a document that cannot be read        (input)
     ├─ suar.areas.errors        boundaries and places               (input, or host)
     ├─ suar.backup.errors       making and restoring backups          (input, or host)
     ├─ ari_app.ari.errors       Asterisk, as seen over ARI            (ours, or the peer's)
     ├─ dashboards.errors        what the web backend answers          (input)
     ├─ suar.asterisk.errors     installing, rendering and running it  (host)
     └─ suar.systemd.errors      units that could not work             (input, host)

The docstring of a class is its message where none is given. "The caller hung up" is an outcome
and never an error.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class Blame(Enum):
    """Whose doing an error is: it decides who is told and what they can do."""

    OURS = "ours"
    """A bug in Suar: the log has a traceback, somebody has to mend it."""
    PEER = "peer"
    """The program at the other end of a socket."""
    INPUT = "input"
    """What a person gave us: the message names the field and the way out."""
    HOST = "host"
    """The machine: disk, network, a missing package."""


class SuarError(Exception):
    """Something went wrong in Suar."""

    blame: ClassVar[Blame] = Blame.OURS
    retryable: ClassVar[bool] = False
    """Whether the same call may succeed later, with nothing changed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or type(self).__name__).strip().splitlines()[0])


class StateDirUnusable(SuarError):
    """The state directory cannot be used."""

    blame = Blame.HOST
