"""Who carries a talk on when its operator's leg ends: supervisors who have barged in, in their order.

A take-over is this and nothing more: the supervisor is first in line, and the operator's leg is ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ari_app.calls.waiting import Connection


class Succession:
    """The line of heirs of each talk."""

    def __init__(self) -> None:
        self._lines: dict[str, list[tuple[Connection, Callable[[], None]]]] = {}
        self._carriers: dict[str, list[str]] = {}

    def join(
        self, call_id: str, heir: Connection, on_taken: Callable[[], None], *, first: bool = False
    ) -> None:
        """Join the line, at its end or as ``first``; ``on_taken`` is told when the talk is the heir's."""
        self.leave(call_id, heir)
        line = self._lines.setdefault(call_id, [])
        line.insert(0 if first else len(line), (heir, on_taken))

    def leave(self, call_id: str, heir: Connection) -> None:
        """Leave the line; who is not in it may say so, too."""
        line = [one for one in self._lines.pop(call_id, []) if one[0].leg is not heir.leg]
        if line:
            self._lines[call_id] = line

    def take(self, call_id: str) -> Connection | None:
        """Return the first heir whose leg is there, and tell her; None where there is none."""
        while line := self._lines.get(call_id):
            heir, on_taken = line[0]
            self.leave(call_id, heir)
            if not heir.leg.gone.done():
                self.carry(call_id, heir.leg.id)
                on_taken()
                return heir
        return None

    def carry(self, call_id: str, leg_id: str) -> None:
        """Note that a talk goes on with this leg, which no operator was rung for."""
        self._carriers.setdefault(call_id, []).append(leg_id)

    def carriers(self, call_id: str) -> list[str]:
        """Return the legs that carried a talk on, in their order."""
        return self._carriers.get(call_id, [])

    def forget(self, call_id: str) -> None:
        """The talk is over."""
        self._lines.pop(call_id, None)
        self._carriers.pop(call_id, None)
