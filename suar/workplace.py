"""What a command works on: a city file and a state directory."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from suar.city import City, load
from suar.paths import StateDir
from suar.secret import Secrets


class Workplace:
    """The city and its state, read when first asked for. ``ctx.obj`` of every command."""

    def __init__(self, city_file: Path, state: Path | None) -> None:
        self.city_file = city_file
        self._state = state

    @cached_property
    def city(self) -> City:
        """The city. Raises :class:`~suar.city.CityFileInvalid`."""
        return load(self.city_file)

    @cached_property
    def state(self) -> StateDir:
        """Where its state is kept: ``var/<node>`` below the working directory, unless told otherwise."""
        return StateDir(self._state or Path("var") / self.city.node)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets.load_or_create(self.state, self.city)

    @property
    def arguments(self) -> list[str]:
        """The options that make another process of ours work on the same."""
        return ["--city", str(self.city_file.absolute()), "--state", str(self.state.root)]
