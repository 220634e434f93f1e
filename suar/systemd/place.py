"""Where a node's Suar is, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from suar.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Place:
    """What the units are told beside the city file. Every path is absolute."""

    user: str
    prefix: Path
    """The checkout, with its ``.venv``."""
    city_file: Path
    state: Path

    @classmethod
    def of(cls, work: Workplace, user: str, prefix: Path) -> Place:
        return cls(user, prefix.absolute(), work.city_file.absolute(), work.state.root)

    @property
    def python(self) -> Path:
        return self.prefix / ".venv" / "bin" / "python"
