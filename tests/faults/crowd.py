"""Callers in every state at once: who is in the menu, waits, rings and talks when the fault comes."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from suar.demo.phones import Caller, CallerReport, PhoneFailed
from suar.demo.phones.ear import RATE, level_dbfs, longest_silence_s, tone_level_dbfs, voice
from tests.faults.bed import Bed

_PITCH = 1230.0
_GLANCE_S = 0.4
_TALKS_S = 1.0
_DEAD_S = 3.0
_CARRIERS = ("127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14")


@dataclass
class Person:
    """One caller, and what became of her."""

    number: str
    began: float
    talks_s: float
    """How long she talks once she hears a human."""
    human_at: float | None = None
    report: CallerReport | None = None
    caller: Caller | None = field(default=None, repr=False)
    was_cut_off: bool = False
    """Whether the line went dead: no packet at all for three seconds."""

    def silences_s(self) -> tuple[float, float]:
        """Return the longest silence that she heard before she first heard a human, and after that."""
        if self.report is None:
            return 0.0, 0.0
        heard, step = self.report.heard, round(_GLANCE_S * RATE)
        met_at = next(
            (place for place in range(0, len(heard), step) if _is_her_own(heard[place : place + step])),
            len(heard),
        )
        return longest_silence_s(heard[:met_at]), longest_silence_s(heard[met_at:])

    @property
    def was_lost(self) -> bool:
        """Whether she never reached a human, or was cut off."""
        if self.report is None or self.human_at is None or self.was_cut_off:
            return True
        return self.report.hung_up_by != "caller"

    def why_lost(self) -> str:
        report = self.report
        by = "no report" if report is None else f"{report.outcome}, ended by {report.hung_up_by}"
        return f"{self.number} {by}, human {self.human_at is not None}, cut off {self.was_cut_off}"


class Crowd:
    """Everybody who calls during one fault."""

    def __init__(self, bed: Bed, series: int, *, silence_is_an_end: bool = True) -> None:
        self._bed = bed
        self._silence_is_an_end = silence_is_an_end
        self._series = series
        self._tasks: list[asyncio.Task[None]] = []
        self.people: list[Person] = []

    def call(self, count: int, *, talks_s: float = _TALKS_S, presses_after_s: float | None = 0.3) -> None:
        """Have people call now; without a press they hear the whole menu."""
        for _ in range(count):
            number = f"+62811{self._series:04d}{len(self.people):03d}"
            person = Person(number, time.monotonic(), talks_s)
            self.people.append(person)
            presses = [] if presses_after_s is None else [(presses_after_s, "1")]
            person.caller = Caller(
                self._bed.sipp, _CARRIERS[len(self.people) % 4], self._bed.sip, number,
                voice=voice(_PITCH), presses=presses, patience_s=20.0,
            )  # fmt: skip
            self._tasks.append(asyncio.create_task(self._live(person, person.caller)))

    def in_flight(self) -> int:
        return sum(person.report is None for person in self.people)

    async def all_served(self, patience_s: float) -> None:
        """Return when everybody has hung up, or patience has ended; who still waits then is lost."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for person in self.people:
            if person.report is None and person.caller is not None:
                person.caller.hang_up()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _live(self, person: Person, caller: Caller) -> None:
        listening = asyncio.create_task(self._listen(person, caller))
        try:
            person.report = await caller.run()
        finally:
            listening.cancel()

    async def _listen(self, person: Person, caller: Caller) -> None:
        """Operators' phones send back what they hear: her own voice is a human at the other end."""
        loop = asyncio.get_running_loop()
        leaves_at = math.inf
        while time.monotonic() < leaves_at:
            await asyncio.sleep(_GLANCE_S)
            now = loop.time()
            try:
                peer = caller.peer
                heard = peer.heard_between(now - _GLANCE_S, now)
                since = peer.first_heard_at
                is_dead = (
                    since is not None
                    and since < now - _DEAD_S
                    and peer.longest_gap_s(now - _DEAD_S, now) >= _DEAD_S - 0.1
                )
            except PhoneFailed:
                continue  # Not on the phone yet.
            if is_dead and self._silence_is_an_end:
                person.was_cut_off = True
                break
            if person.human_at is None and _is_her_own(heard):
                person.human_at = time.monotonic()
                leaves_at = person.human_at + person.talks_s
        caller.hang_up()


def _is_her_own(heard: Sequence[int]) -> bool:
    """Whether most of what is heard is her own tone, and loud enough."""
    if len(heard) < RATE // 10:
        return False
    level = level_dbfs(heard)
    return level > -42 and tone_level_dbfs(heard, _PITCH) > level - 8
