"""Whether the callers of a carrier hear it ring from us, or, while it floods, from their own network alone.

A tone is fifty packets a second for each phone that rings, and three hundred that a flood lets ring took a
third of two processors. Ringing (180) without a tone has the caller's own network let her hear it ring.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ari_app.ari.errors import AriError
from ari_app.ari.resources import Asterisk
from ari_app.tasks import Tasks


class RingingTones:
    """What Asterisk's dialplan knows of it: a variable for each carrier, that is 1 while it floods."""

    def __init__(self, asterisk: Asterisk, carriers: Iterable[str], tasks: Tasks) -> None:
        self._asterisk = asterisk
        self._floods = dict.fromkeys(carriers, False)
        self._tasks = tasks

    def note(self, carrier: str, floods: bool) -> None:
        """A carrier's flood has begun, or is over."""
        if carrier in self._floods:
            self._floods[carrier] = floods
            self._tasks.create_task(self._tell_if_it_can_be_told(carrier), name=f"ringing tones {carrier}")

    async def tell_asterisk(self) -> None:
        """Have the dialplan know: at every connection, since an earlier controller may have left it set."""
        for carrier in self._floods:
            await self._tell(carrier)

    async def _tell_if_it_can_be_told(self, carrier: str) -> None:
        with suppress(AriError):  # Else at the next connection.
            await self._tell(carrier)

    async def _tell(self, carrier: str) -> None:
        await self._asterisk.system.set_global(f"SUAR_FLOODS_{carrier}", str(int(self._floods[carrier])))
