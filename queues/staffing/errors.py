"""What can be wrong with what a staffing plan is asked for."""

from __future__ import annotations

from queues.errors import QueuesError


class StaffingInvalid(QueuesError):
    """A number that cannot be planned with: the message begins with the field and says what it takes."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}")
