"""Where a supervisor's voice goes: her leg, and what it hears the talk through.

===========  ==========================================  ========  ========  ==============
mode         her leg is in                               operator  caller    the recording
===========  ==========================================  ========  ========  ==============
listen       a bridge of her own, with a channel that    no        no        no
             hears the operator's leg, both ways
whisper      the same, and what she says goes into the   hears     no        no
             operator's ear
barge        the call's own bridge                       hears     hears     has her voice
===========  ==========================================  ========  ========  ==============

Who can only listen is joined to the talk by a channel that takes no sound from her: no fault of ours could
make her heard. The caller's channel is in none of this.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum

from ari_app.ari.errors import AriError
from ari_app.calls.call import Call
from ari_app.calls.legs import Leg
from ari_app.calls.ports import APPLICATION, Ports
from ari_app.supervision.errors import NotNow
from suar import ids
from suar.ids import Kind, mint

_SNOOP_BEGINS_S = 2.0


class Mode(StrEnum):
    """How a supervisor takes part in a talk."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


class Media:
    """One supervisor's channels on one call. ``number`` is the supervisor's, counted from 1 in each call;
    ``snoops`` is the number of the last channel that an earlier controller had her hear it through."""

    def __init__(self, call: Call, number: int, ports: Ports, snoops: int = 0) -> None:
        self._call = call
        self._ports = ports
        self._number = number
        self._snoops = max(snoops - 1000 * number, 0)
        self._bridge = mint(call.id, Kind.SUPERVISION_BRIDGE, number)
        self.leg = Leg(mint(call.id, Kind.SUPERVISOR_LEG, number))
        self.snoop: Leg | None = None
        """What she hears the talk through; None while she is in it."""

    def operators_leg(self) -> Leg | None:
        """Return the leg of whoever is the call's operator now, a supervisor who has taken over included."""
        conversation = self._call.conversation
        if conversation is not None and conversation.operator is not None:
            # She to whom another operator has handed the call was called into it.
            found = self._ports.legs.get(conversation.operator)
            return found if found is not None and not found.gone.done() else None
        of_call = self._ports.legs.of(self._call.id)
        legs = [leg for leg in of_call if leg.up.done() and not leg.gone.done()]
        operators = [leg for leg in legs if ids.kind_of(leg.id) is Kind.OPERATOR_LEG]
        successors = [leg for leg in legs if leg.id in self._ports.succession.carriers(self._call.id)]
        return next(reversed(successors or operators), None)

    async def begin(self) -> None:
        """Make her own bridge."""
        await self._ports.asterisk.bridges.create(self._bridge)

    async def overhear(self, *, whisper: bool) -> None:
        """Have her hear the talk, and the operator hear her or not. Raises `NotNow`, or an `AriError`."""
        asterisk, target = self._ports.asterisk, self.operators_leg()
        if target is None:
            raise NotNow("nobody talks with the caller at this moment")
        self._snoops += 1
        # A number of its own for each, whichever supervisor's it is.
        snoop = Leg(mint(self._call.id, Kind.SNOOP, 1000 * self._number + self._snoops))
        self._ports.legs[snoop.id] = snoop
        direction = "out" if whisper else "none"
        try:
            await asterisk.channels.snoop(
                target.id, snoop.id, spy="both", whisper=direction, app=APPLICATION, app_args="snoop"
            )
            async with asyncio.timeout(_SNOOP_BEGINS_S):
                await asyncio.wait((snoop.up, snoop.left), return_when=asyncio.FIRST_COMPLETED)
            await self._stop_overhearing()
            await asterisk.bridges.add_channel(self._bridge, self.leg.id, snoop.id)
        except BaseException:
            await asyncio.shield(self._drop(snoop))
            raise
        self.snoop = snoop

    async def join(self) -> None:
        """Put her into the talk itself. Raises `NotNow`, or an `AriError`."""
        bridge_id = await self._bridge_of_the_talk()
        await self._ports.asterisk.bridges.add_channel(bridge_id, self.leg.id)
        await self._stop_overhearing()

    async def end(self, *, hang_up: bool) -> None:
        """Leave nothing behind; her leg stays if it carries the talk on."""
        await self._stop_overhearing()
        with suppress(AriError):
            await self._ports.asterisk.bridges.destroy(self._bridge)
        if not hang_up:
            return
        if not self.leg.gone.done():
            with suppress(AriError):
                await self._ports.asterisk.channels.hangup(self.leg.id)
        self._ports.legs.pop(self.leg.id, None)

    async def _bridge_of_the_talk(self) -> str:
        for bridge in await self._ports.asterisk.bridges.list():
            if self._call.id in bridge.channels and ids.kind_of(bridge.id) is Kind.BRIDGE:
                return bridge.id
        raise NotNow("the caller is in no talk at this moment: she waits, or is on hold")

    async def _stop_overhearing(self) -> None:
        snoop, self.snoop = self.snoop, None
        if snoop is not None:
            await self._drop(snoop)

    async def _drop(self, snoop: Leg) -> None:
        self._ports.legs.pop(snoop.id, None)
        if not snoop.left.done():
            with suppress(AriError):
                await self._ports.asterisk.channels.hangup(snoop.id)
