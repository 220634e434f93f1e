"""The rescuer: sees that the call controller is dead, hung or deaf, and gives its callers to Asterisk.

A process of its own. Twice a second it asks the controller for its picture and has the degraded path's
queues follow it. When nothing good has come for two seconds, every caller who waits with the controller goes
to the degraded path, in the order of arrival; two who talk are left alone. When the controller has been well
again for two seconds, those who still wait go back.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp

from agi.ami import Ami, AmiSettings
from agi.errors import AmiRefused, AmiUnavailable
from agi.health import Health
from agi.members import Seats, seats_shown
from agi.mirror import Mirror, seats_on_disk
from agi.status import Status
from agi.stranded import Shown, find_returnable, find_stranded, find_widowed, is_on_degraded_path
from suar.city import City
from suar.log import get_logger

_PERIOD_S = 0.5
_PATIENCE_S = 1.0
_AGAIN_S = 0.5
_TEMPORARY_FAILURE = "41"  # ITU-T Q.850

log = get_logger()


class Rescuer:
    """Watches one controller and its Asterisk."""

    def __init__(
        self, city: City, control_url: str, control_token: str, ami: AmiSettings, operators_file: Path
    ) -> None:
        self._control_url = control_url
        self._headers = {"Authorization": f"Bearer {control_token}"}
        self.ami = ami
        self._operators_file = operators_file
        self._mirror = Mirror(city)
        self._seats: Seats = {}
        self._mine: set[str] = set()
        """The callers of this outage: they go back when it is over, those of other troubles do not."""
        self.health = Health(time.monotonic())
        self.status = Status(self.health)

    async def run(self) -> None:
        """Watch until cancelled. Without Asterisk there is nobody to rescue: try again."""
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=timeout) as session,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(self._listen(session), name="heartbeat")
            group.create_task(self._work(), name="rescue")

    async def _listen(self, session: aiohttp.ClientSession) -> None:
        while True:
            began = time.monotonic()
            picture = await self._picture(session)
            heard_ago_s = None if picture is None else picture.get("heard_ago_s")
            if picture is not None:
                self._seats = seats_shown(picture.get("operators", []))
            if self.health.beat(heard_ago_s, time.monotonic()):
                self.status.outages.inc(self.health.is_dead)
                log.warning("controller_dead" if self.health.is_dead else "controller_alive")
            await asyncio.sleep(max(0.0, began + _PERIOD_S - time.monotonic()))

    async def _picture(self, session: aiohttp.ClientSession) -> dict[str, Any] | None:
        try:
            async with session.get(f"{self._control_url}/v1/snapshot") as response:
                return dict(await response.json()) if response.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return None

    async def _work(self) -> None:
        while True:
            try:
                async with Ami.connect(self.ami) as ami:
                    log.info("ami_connected")
                    self._mirror.forget()
                    while True:
                        await self._round(ami)
                        await asyncio.sleep(_PERIOD_S)
            except (AmiUnavailable, AmiRefused) as error:
                log.warning("ami_unavailable", reason=str(error))
            await asyncio.sleep(_AGAIN_S)

    async def _round(self, ami: Ami) -> None:
        """Do what is to be done at this moment."""
        is_dead = self.health.is_dead
        seats = self._seats or await asyncio.to_thread(seats_on_disk, self._operators_file)
        if is_dead:
            await self._rescue(ami)  # Callers come before pauses.
        self.status.pauses.inc(await self._mirror.reflect(ami, seats, is_dead))
        if not is_dead and self._mine:
            await self._give_back(ami)
        self.status.note_round()

    async def _rescue(self, ami: Ami) -> None:
        channels = await ami.ask("CoreShowChannels")
        found = find_stranded(channels)
        # Not as if somebody had put the phone down: should the controller live after all, and be about to
        # connect a caller to this phone, she needs another.
        deeds = [self._do(ami, "Hangup", one, Cause=_TEMPORARY_FAILURE) for one in found.legs]
        waiting = (*found.waiting, *find_widowed(channels))
        moves = [
            *(self._move(ami, one, "degraded", "waiting") for one in waiting),
            *(self._move(ami, one, "degraded", "call") for one in found.new),
        ]
        # One connection takes them in this order; nobody waits for the answer to another's.
        await asyncio.gather(*deeds, *moves)
        self._mine |= {one["uniqueid"] for one in channels if is_on_degraded_path(one)}
        if found.waiting or found.new or found.legs:
            log.warning(
                "callers_given_to_asterisk",
                waiting=len(found.waiting),
                new=len(found.new),
                legs=len(found.legs),
            )

    async def _give_back(self, ami: Ami) -> None:
        channels = await ami.ask("CoreShowChannels")
        returned = find_returnable(channels, self._mine)
        for one in returned:
            await self._move(ami, one, "returned", "call")
        self._mine.clear()
        if returned:
            log.warning("callers_given_back", count=len(returned))

    async def _move(self, ami: Ami, one: Shown, context: str, extension: str) -> None:
        moved = await self._do(ami, "Redirect", one, Context=context, Exten=extension, Priority="1")
        (self.status.given if context == "degraded" else self.status.returned).inc(moved)
        if context == "degraded":
            self._mine.add(one["uniqueid"])

    async def _do(self, ami: Ami, action: str, one: Shown, **fields: str) -> bool:
        """Do it and return whether it was done: one who has hung up is no reason to leave the next."""
        try:
            await ami.ask(action, Channel=one["channel"], **fields)
        except AmiRefused as error:
            log.info("channel_gone_meanwhile", action=action, call_id=one.get("uniqueid"), reason=str(error))
            return False
        return True
