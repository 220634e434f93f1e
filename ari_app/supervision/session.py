"""One supervisor on one call, from her phone's ring until she is gone, or has become its operator.

Nothing that happens here reaches the call: its flow does not know that she is there.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ari_app.ari.errors import AriError
from ari_app.calls.call import Call
from ari_app.calls.dialling import ring_phone
from ari_app.calls.legs import Leg
from ari_app.calls.ports import Ports
from ari_app.calls.teardown import see_through
from ari_app.calls.waiting import Connection
from ari_app.supervision.errors import NotNow
from ari_app.supervision.media import Media, Mode
from suar.city import Supervisor
from suar.log import get_logger

_RING_S = 30
_LOOK_S = 0.2
_TAKE_OVER_S = 3.0

log = get_logger()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a supervisor asks for."""

    mode: Mode
    takes_over: bool = False


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What an earlier controller left: her phone is up, and she took part like this."""

    mode: Mode
    began: float
    """Monotonic seconds."""
    since: datetime
    has_bridge: bool
    snoops: int


class Session:
    """See above. ``run`` is its life; ``switch`` may be called while it lasts."""

    def __init__(
        self,
        call: Call,
        caller: Leg,
        supervisor: Supervisor,
        number: int,
        wish: Wish,
        ports: Ports,
        taken_up: TakenUp | None = None,
    ) -> None:
        self.call = call
        self.supervisor = supervisor
        self.mode: Mode | None = taken_up.mode if taken_up else None
        """None while her phone rings."""
        self.since: datetime = taken_up.since if taken_up else ports.now()
        self._caller = caller
        self._wish = wish
        self._taken_up = taken_up
        self._ports = ports
        self._media = Media(call, number, ports, taken_up.snoops if taken_up else 0)
        self._lock = asyncio.Lock()
        self._wants_to_leave = asyncio.Event()
        self._inherited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._began: float | None = taken_up.began if taken_up else None
        self._ends = False
        self.over = asyncio.Event()
        """Set when nothing of it is left."""
        if taken_up:
            ports.legs[self._media.leg.id] = self._media.leg
            self._media.leg.up.set_result(None)

    async def run(self) -> None:
        """Ring, join, stay, leave. A fault of ours ends the supervision and nothing else.

        When we stop, who takes part stays as she is, as the two who talk do: our heir takes her up.
        """
        why, stays = "failed", False
        try:
            why = await self._live()
        except asyncio.CancelledError:
            why, stays = "stopped", self.mode is not None
            raise
        except (AriError, NotNow, TimeoutError) as error:
            log.warning("supervision_failed", call_id=self.call.id, reason=str(error))
        except Exception:
            log.exception("supervision_broken", call_id=self.call.id)
        finally:
            self._ends = True
            try:
                if not stays:
                    await see_through(asyncio.create_task(self._end(why)), "supervision_end_slow")
            finally:
                self.over.set()

    async def switch(self, wish: Wish) -> None:
        """Change how she takes part, at once; while her phone rings, what comes after the ring.

        Raises `NotNow` or an `AriError`; she then takes part as before.
        """
        if self.mode is None:
            self._wish = wish
            return
        async with self._lock:
            await self._go(wish)

    @property
    def is_ending(self) -> bool:
        """Whether it is past taking another wish: what she asks for now begins anew."""
        return self._ends or self._is_over()

    def leave(self) -> None:
        """End the supervision: her phone is hung up."""
        self._wants_to_leave.set()

    # ------------------------------------------------------------------------------------------ life

    async def _live(self) -> str:
        """Return why it ended."""
        if self._taken_up is None and not await self._ring():
            return "not answered"
        async with self._lock:
            wish = None
            if self._taken_up is not None:
                wish = await self._go_on(self._taken_up)
            else:
                await self._media.begin()
            while wish is not self._wish:  # She may change her mind while the first is being done.
                wish = self._wish
                await self._go(wish)
        return await self._stay()

    async def _ring(self) -> bool:
        leg, city = self._media.leg, self._ports.city
        self._ports.legs[leg.id] = leg
        kind = city.kind(self.call.kind)
        shown = (kind.name(city.languages[0]) if kind else self.call.kind).replace('"', "")
        await ring_phone(
            leg,
            self._ports,
            endpoint=f"PJSIP/{self.supervisor.endpoint}",
            app_args=f"supervisor,{self.call.id}",
            caller_id=f'"{shown}" <{city.emergency_number}>',
            ring_s=_RING_S,
        )
        await self._first(leg.up, leg.gone)
        return leg.up.done() and not self._is_over()

    async def _stay(self) -> str:
        """Wait for the end; meanwhile follow the talk to whoever becomes its operator."""
        while not self._is_over():
            await self._first(self._media.leg.gone, *self._overheard(), patience_s=_LOOK_S)
            await self._follow()
        if self._inherited.done():
            return "took over"
        if self._media.leg.gone.done():
            return "hung up" if self._media.leg.gone.result().was_hung_up else "phone lost"
        return "finished" if self._wants_to_leave.is_set() else "call ended"

    async def _follow(self) -> None:
        """What she heard the talk through has ended with its operator's leg: hear the next one's."""
        if not self._has_lost_the_talk():
            return
        async with self._lock:
            # A change of hers may have been on its way, and have ended it itself.
            if self._has_lost_the_talk():
                with suppress(AriError, NotNow, TimeoutError):
                    await self._media.overhear(whisper=self.mode is Mode.WHISPER)

    def _has_lost_the_talk(self) -> bool:
        """Whether she should overhear a talk that there is, and does not."""
        wants = self.mode in (Mode.LISTEN, Mode.WHISPER) and not self._is_over()
        return wants and not self._overheard() and self._media.operators_leg() is not None

    def _overheard(self) -> list[asyncio.Future[None]]:
        """Return the end of what she hears the talk through, unless it has come."""
        snoop = self._media.snoop
        return [] if snoop is None or snoop.left.done() else [snoop.left]

    def _is_over(self) -> bool:
        return (
            self._inherited.done()
            or self._media.leg.gone.done()
            or self._caller.gone.done()
            or self._caller.left.done()
            or self._wants_to_leave.is_set()
        )

    async def _first(self, *ends: asyncio.Future[Any], patience_s: float | None = None) -> None:
        """Wait for the first of ``ends``, of the call's end, or of her wish to leave."""
        leaving = asyncio.ensure_future(self._wants_to_leave.wait())
        everything: set[asyncio.Future[Any]] = {
            *ends, leaving, self._inherited, self._caller.gone, self._caller.left
        }  # fmt: skip
        try:
            await asyncio.wait(everything, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()

    # ----------------------------------------------------------------------------------------- modes

    async def _go(self, wish: Wish) -> None:
        if wish.mode is not self.mode:
            await self._enter(wish.mode)
        if wish.takes_over:
            await self._take_over()

    async def _go_on(self, before: TakenUp) -> Wish:
        """Take part as before: what she heard the talk through is made anew, and a barger never left it."""
        wish = self._wish
        if not before.has_bridge:
            await self._media.begin()
        if before.mode is Mode.BARGE:
            self._ports.succession.join(self.call.id, self._heir(), self._inherit)
        else:
            await self._media.overhear(whisper=before.mode is Mode.WHISPER)
        self._tell("supervision_resumed")
        return wish

    async def _enter(self, mode: Mode) -> None:
        heir = self._heir()
        if mode is Mode.BARGE:
            await self._media.join()
            self._ports.succession.join(self.call.id, heir, self._inherit)
        else:
            await self._media.overhear(whisper=mode is Mode.WHISPER)
            self._ports.succession.leave(self.call.id, heir)
        first = self.mode is None
        self.mode, self.since = mode, self._ports.now()
        if first:
            self._began = self._ports.clock()
        self._tell("supervision_started" if first else "supervision_changed")

    async def _take_over(self) -> None:
        """End the operator's leg: the talk is hers, who is in it already."""
        operators = self._media.operators_leg()
        self._ports.succession.join(self.call.id, self._heir(), self._inherit, first=True)
        if operators is not None:
            await self._ports.asterisk.channels.hangup(operators.id)
        await asyncio.wait({self._inherited}, timeout=_TAKE_OVER_S)
        if not self._inherited.done():
            raise NotNow("the operator's phone did not let go of the call")

    def _heir(self) -> Connection:
        return Connection(self.supervisor.id, "", self._media.leg)

    def _inherit(self) -> None:
        if not self._inherited.done():
            self._inherited.set_result(None)

    # ------------------------------------------------------------------------------------------- end

    async def _end(self, why: str) -> None:
        inherited = self._inherited.done()
        if not inherited:
            self._ports.succession.leave(self.call.id, self._heir())
        await self._media.end(hang_up=not inherited)
        if self._began is None:
            self._tell("supervision_failed", why=why, mode=self._wish.mode.value)
        else:
            self._tell("supervision_ended", why=why, lasted_s=round(self._ports.clock() - self._began, 3))
        self._ports.on_change()

    def _tell(self, what: str, **data: Any) -> None:
        """Write it into the call's story; a story that is told to its end takes nothing more."""
        told = {"supervisor": self.supervisor.id, "mode": self.mode and self.mode.value, **data}
        log.info(what, call_id=self.call.id, **told)
        self._ports.on_change()
        if not self._ports.outbox.is_finished(self.call.id):
            self._ports.outbox.publish(self.call.id, what, **told)
