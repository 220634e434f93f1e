"""What can be wrong with what these functions are told.

::

    QueuesError
     ├─ IllegalEvent       the event cannot happen in this state; nothing has changed
     │   ├─ UnknownCall
     │   └─ UnknownOperator
     └─ PlanInvalid        a triage plan that cannot be followed; at start only
"""

from __future__ import annotations


class QueuesError(Exception):
    """Something is wrong with what the core was told."""


class IllegalEvent(QueuesError):
    """This cannot happen now."""


class UnknownCall(IllegalEvent):
    """No such call waits or talks."""


class UnknownOperator(IllegalEvent):
    """No such operator is signed on."""


class PlanInvalid(QueuesError):
    """A triage plan that cannot be followed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))
