"""Why a supervisor cannot have what she asked for.

::

    SuarError
     └─ SupervisionRefused        (input)
         ├─ NobodyThere           no such call, or no such supervisor
         └─ NotNow                the call or her phone is not where this could be done
"""

from __future__ import annotations

from suar.errors import Blame, SuarError


class SupervisionRefused(SuarError):
    """This cannot be done."""

    blame = Blame.INPUT


class NobodyThere(SupervisionRefused):
    """There is no such call or supervisor."""


class NotNow(SupervisionRefused):
    """This cannot be done now."""

    retryable = True
