"""What can go wrong between us and Asterisk.

::

    SuarError
     └─ AriError
         ├─ AriUnavailable   no socket, or no answer in time       (peer, retryable)
         ├─ AriRejected      Asterisk will not do it               (ours)
         └─ ResourceGone     the channel, bridge or playback ended (an outcome: somebody hung up)
"""

from __future__ import annotations

from suar.errors import Blame, SuarError


class AriError(SuarError):
    """Something went wrong with Asterisk."""


class AriUnavailable(AriError):
    """Asterisk cannot be reached."""

    blame = Blame.PEER
    retryable = True


class AriRejected(AriError):
    """Asterisk rejected a request."""

    def __init__(self, method: str, path: str, status: int, reason: str) -> None:
        self.status = status
        super().__init__(f"{method} {path}: {status} {reason}")


class ResourceGone(AriRejected):
    """What a request was about has ended."""

    blame = Blame.PEER
