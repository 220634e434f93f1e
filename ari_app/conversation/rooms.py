"""The places of a conversation in Asterisk: a bridge for each room, music for who is on hold."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from ari_app.ari.errors import AriError
from ari_app.ari.resources import MIXED
from ari_app.calls.call import Call
from ari_app.calls.music import MUSIC, start_music, stop_music
from ari_app.calls.ports import Ports
from ari_app.conversation.vocabulary import Place
from suar.ids import Kind, mint


class Rooms:
    """Knows who is where, and moves legs. ``at`` is where they are to begin with.

    The side room stays until the end, once there is one: Asterisk takes an id again only after a while.
    """

    def __init__(
        self, call: Call, main: str, at: Mapping[str, Place], ports: Ports, *, has_side: bool = False
    ) -> None:
        self._call = call
        self._ports = ports
        self._at = dict(at)
        self._bridges = {Place.MAIN: main, Place.SIDE: mint(call.id, Kind.SIDE, 1)}
        self._has_side = has_side

    async def arrange(self, wanted: Mapping[str, Place]) -> None:
        """Bring everybody where she is not yet."""
        for leg, place in wanted.items():
            if place is not Place.NOWHERE and self._at.get(leg) is not place:
                with suppress(AriError):  # One who has ended tells so herself.
                    await self.put(leg, place)

    def note(self, leg: str, place: Place) -> None:
        """A leg is somewhere where somebody else has put it."""
        self._at[leg] = place

    async def put(self, leg: str, place: Place) -> None:
        """Bring a leg to a place. Raises :class:`~ari_app.ari.errors.AriError`."""
        if self._at.get(leg) is place:
            return  # Asterisk refuses what is so already.
        bridges = self._ports.asterisk.bridges
        was, self._at[leg] = self._at.get(leg, Place.NOWHERE), place
        if place is Place.HOLD:
            if was in self._bridges:
                await bridges.remove_channel(self._bridges[was], leg)
            await self._start_music(leg)
            return
        if place is Place.SIDE and not self._has_side:
            await bridges.create(self._bridges[Place.SIDE], MIXED)
            self._has_side = True
        if was is Place.HOLD:
            await self._stop_music(leg)
        # Who is added to one bridge leaves the other.
        await bridges.add_channel(self._bridges[place], leg)

    async def put_anew(self, leg: str) -> None:
        """Take a leg out of its room and bring it back, in one go: she misses a packet or two of the others'.

        Raises :class:`~ari_app.ari.errors.AriError`.
        """
        bridge, bridges = self._bridges.get(self._at.get(leg, Place.NOWHERE)), self._ports.asterisk.bridges
        if bridge is not None:
            # One socket runs its requests in order: the second is there before the first is answered.
            await asyncio.gather(bridges.remove_channel(bridge, leg), bridges.add_channel(bridge, leg))

    async def close(self) -> None:
        """Close both rooms."""
        for place, bridge in self._bridges.items():
            if place is Place.MAIN or self._has_side:
                with suppress(AriError):
                    await self._ports.asterisk.bridges.destroy(bridge)
                    self._call.closed_bridges.add(bridge)

    async def _start_music(self, leg: str) -> None:
        if leg == self._call.id:
            await start_music(self._call, self._ports)
        else:
            await self._ports.asterisk.channels.start_moh(leg, MUSIC)

    async def _stop_music(self, leg: str) -> None:
        if leg == self._call.id:
            await stop_music(self._call, self._ports)
        else:
            await self._ports.asterisk.channels.stop_moh(leg)
