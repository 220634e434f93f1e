"""What can be wrong with what these functions are told.

::

    QueuesError
     ├─ IllegalEvent       the event cannot happen in this state; nothing has changed
     │   ├─ UnknownCall
     │   ├─ UnknownOperator
     │   ├─ UnknownPause
     │   └─ CallTaken      somebody else was quicker
     ├─ PlanInvalid        a triage plan that cannot be followed; at start only
     └─ SkillsInvalid      a skill expression that cannot be read
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


class UnknownPause(IllegalEvent):
    """The city has no such reason not to be ready."""


class CallTaken(IllegalEvent):
    """Another operator has this caller already."""

    def __init__(self, call_id: str, operator_id: str) -> None:
        self.call_id = call_id
        self.operator_id = operator_id
        super().__init__(f"{call_id} is taken: {operator_id} was quicker")


class PlanInvalid(QueuesError):
    """A triage plan that cannot be followed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class SkillsInvalid(QueuesError):
    """A skill expression that cannot be read."""

    def __init__(self, text: str, problem: str) -> None:
        self.text = text
        self.problem = problem
        super().__init__(f"{text!r}: {problem}")
