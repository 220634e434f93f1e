"""What can be wrong with what a city has imported, or wants to."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class ImportRefused(SuarError):
    """These files cannot be imported; nothing was changed."""

    blame = Blame.INPUT

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        shown = [f"  {problem}" for problem in problems[:20]]
        if len(problems) > 20:
            shown.append(f"  and {len(problems) - 20} more")
        super().__init__("nothing was imported:\n" + "\n".join(shown))


class AreasUnusable(SuarError):
    """What was imported before cannot be read or written."""

    blame = Blame.HOST


class PlaceInvalid(SuarError):
    """This is no place on the earth, or no shape."""

    blame = Blame.INPUT

    def __init__(self, message: str, field: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")
