"""Why a conversation does not do what it is asked.

::

    SuarError
     └─ ConversationError
         ├─ CommandRefused      not now: the message says what stands in the way      (input)
         ├─ TargetUnknown       nobody of that name in the city file                  (input)
         └─ TargetUnreachable   nobody can be called there: no trunk, no phone        (input)
"""

from __future__ import annotations

from typing import ClassVar

from suar.errors import Blame, SuarError


class ConversationError(SuarError):
    """A conversation cannot do this."""

    blame = Blame.INPUT
    code: ClassVar[str] = "conversation_cannot"
    field: ClassVar[str | None] = None


class CommandRefused(ConversationError):
    """This cannot be done now."""

    code = "command_refused"


class TargetUnknown(ConversationError):
    """The city file has nobody of that name."""

    code = "target_unknown"
    field = "target"


class TargetUnreachable(ConversationError):
    """Nobody can be called there."""

    code = "target_unreachable"
    field = "target"
