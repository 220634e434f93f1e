"""The probe: calls the emergency number as a carrier would, again and again, and follows the call to its end.

Two channels of Asterisk's own make the call: one takes the way of every caller, from the carrier's door on,
and the other listens to what is said to it, and speaks. It is judged by what came out at the far end: was it
answered and heard, has it an incident and a recording. It stands here, in the rescuer, because the
controller cannot be trusted to notice its own death.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from agi.ami import Ami, AmiSettings
from agi.errors import AmiRefused, AmiUnavailable
from agi.verdicts import Outcome, Verdict
from suar.city import SYNTHETIC
from suar.log import get_logger

_ANSWER_S = 10.0
_HEAR_S = 12.0
_END_S = 30.0
_STORED_S = 20.0
_ASK_AGAIN_S = 0.5
_ASK_S = 2.0

log = get_logger()


@dataclass(slots=True)
class _Placed:
    """What Asterisk has told of the call so far."""

    call_id: str = ""
    listener: str = ""
    is_degraded: bool = False


class Probe:
    """Places one test call at a time."""

    def __init__(self, dialled: str, ami: AmiSettings, web_url: str, ingest_token: str) -> None:
        self._dialled = dialled
        self._ami = ami
        self._web_url = web_url
        self._headers = {"Authorization": f"Bearer {ingest_token}"}

    async def call(self) -> Verdict:
        """Place a test call, follow it to its end, and say what it came to. Takes up to a minute."""
        placed = _Placed()
        try:
            # A connection of its own: the rescue must not wait behind it.
            async with Ami.connect(self._ami) as ami:
                if missed := await self._listen(ami, placed):
                    return Verdict(Outcome.MISSED, missed)
        except (AmiUnavailable, AmiRefused) as error:
            return Verdict(Outcome.MISSED, f"Asterisk did not take it: {error}")
        if placed.is_degraded:
            return Verdict(Outcome.DEGRADED)
        missed = await self._find_stored(placed.call_id)
        return Verdict(Outcome.MISSED, missed) if missed else Verdict(Outcome.GOOD)

    async def _listen(self, ami: Ami, placed: _Placed) -> str:
        """Place the call and hear it out; return why it is a miss, or nothing."""
        await ami.ask(
            "Originate",
            Channel=f"Local/{self._dialled}@from-{SYNTHETIC}/n",
            Context=SYNTHETIC,
            Exten="listen",
            Priority="1",
            Timeout=str(round(_ANSWER_S * 1000)),
        )
        try:
            async with asyncio.timeout(_ANSWER_S + _HEAR_S):
                if missed := await self._follow(ami, placed):
                    return missed
        except TimeoutError:
            return "nobody answered" if placed.listener else "Asterisk made no channel for it"
        try:
            async with asyncio.timeout(_END_S):
                while not _has_hung_up(event := await ami.next_event(), placed):
                    # It may be taken from a controller that has died meanwhile.
                    placed.is_degraded |= _is_about(event, "SuarTestDegraded", placed.call_id)
        except TimeoutError:
            return "it did not end"
        return ""

    async def _follow(self, ami: Ami, placed: _Placed) -> str:
        """Follow the call until something is heard; return why it is a miss, or nothing."""
        while True:
            event = await ami.next_event()
            match event.get("event"):
                case "LocalBridge" if event.get("context") == f"from-{SYNTHETIC}":
                    placed.listener = event["localoneuniqueid"]
                    placed.call_id = event["localtwouniqueid"]
                case "OriginateResponse" if event.get("response") == "Failure":
                    return "nobody answered"
                case "UserEvent" if _is_about(event, "SuarTestDegraded", placed.call_id):
                    placed.is_degraded = True
                case "UserEvent" if _is_about(event, "SuarTestHeard", placed.listener):
                    return "" if event.get("heard") == "NOISE" else "it was answered, and nothing was heard"
                case _ if placed.listener and _has_hung_up(event, placed):
                    return "it was cut off before anything was heard"
                case _:
                    pass

    async def _find_stored(self, call_id: str) -> str:
        """Ask the dashboards for the call until all of it is there; return what is missing, or nothing."""
        loop = asyncio.get_running_loop()
        until, missed = loop.time() + _STORED_S, ""
        patience = aiohttp.ClientTimeout(total=_ASK_S)
        async with aiohttp.ClientSession(headers=self._headers, timeout=patience) as session:
            while True:
                missed = await self._ask(session, call_id)
                if not missed or loop.time() >= until:
                    return missed
                await asyncio.sleep(_ASK_AGAIN_S)

    async def _ask(self, session: aiohttp.ClientSession, call_id: str) -> str:
        try:
            async with session.get(f"{self._web_url}/api/v1/calls/{call_id}") as response:
                shown: dict[str, Any] = await response.json() if response.status == 200 else {}
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return f"the dashboards cannot be asked for its incident ({type(error).__name__})"
        if not shown:
            return f"it has no incident (the dashboards say {status})"
        if not shown["has_ended"]:
            return "its incident does not know that it has ended"
        if not shown["has_recording"]:
            return f"it has no recording ({shown['recording_problem'] or 'none was sealed'})"
        return ""


def _is_about(event: dict[str, str], name: str, unique_id: str) -> bool:
    return event.get("userevent") == name and event.get("uniqueid") == unique_id


def _has_hung_up(event: dict[str, str], placed: _Placed) -> bool:
    return event.get("event") == "Hangup" and event.get("uniqueid") == placed.listener
