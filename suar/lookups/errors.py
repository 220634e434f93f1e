"""What can be wrong with a table."""

from __future__ import annotations

from collections.abc import Sequence

from suar.errors import Blame, SuarError

_SHOWN = 20


class RowsInvalid(SuarError):
    """This table cannot be imported; nothing was changed."""

    blame = Blame.INPUT

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = [f"  {problem}" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"  and {len(self.problems) - _SHOWN} more")
        super().__init__(f"{source}: nothing was imported:\n" + "\n".join(shown))


class TableUnusable(SuarError):
    """What was imported before cannot be read or written."""

    blame = Blame.HOST
