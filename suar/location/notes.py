"""What a reader notices on its way: flags, each once and in order, and problems."""

from __future__ import annotations

from suar.location.faults import Fault, Problem
from suar.location.flags import Flag

MOST_PROBLEMS = 50
"""A hostile document does not get to write pages of them."""


class Notes:
    """Collected by one reader. ``within`` makes a page of its own for a part, which can be merged back."""

    def __init__(self) -> None:
        self._flags: dict[Flag, None] = {}
        self.problems: list[Problem] = []

    def flag(self, *flags: Flag) -> None:
        """Note flags; one that is there already stays where it is."""
        for flag in flags:
            self._flags.setdefault(flag)

    def fault(self, fault: Fault, message: str, where: str | None = None) -> None:
        """Note a problem."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(fault, message, where))

    def merge(self, other: Notes) -> None:
        """Take over what a part's page says."""
        self.flag(*other._flags)
        self.problems.extend(other.problems[: MOST_PROBLEMS - len(self.problems)])

    @property
    def flags(self) -> tuple[str, ...]:
        """The codes, as plain strings."""
        return tuple(str(flag) for flag in self._flags)

    def __contains__(self, flag: Flag) -> bool:
        return flag in self._flags
