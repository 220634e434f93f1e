"""Has the chain tested again and again, and raises an alarm when it fails twice in a row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agi.status import Status
from agi.verdicts import Outcome, Streak, Verdict
from suar.alarms import Alarms
from suar.log import get_logger

log = get_logger()


class Watch:
    """Judges test calls; ``place`` makes one and says what it came to."""

    def __init__(self, place: Callable[[], Awaitable[Verdict]], alarms: Alarms, status: Status) -> None:
        self._place = place
        self._alarms = alarms
        self._status = status
        self._streak = Streak()

    async def run(self, every_s: float) -> None:
        """Place a call every ``every_s`` until cancelled, the first after that time. 0 is never."""
        if every_s == 0:
            # What an earlier process raised, nobody would ever clear.
            self._alarms.clear("test_call_missed")
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + every_s
        while True:
            await asyncio.sleep(max(due - loop.time(), 0.0))
            due = max(due + every_s, loop.time())
            await self.test()

    async def test(self) -> Verdict:
        """Place one call and judge it."""
        try:
            verdict = await self._place()
        except Exception:
            log.exception("test_call_broken")
            verdict = Verdict(Outcome.MISSED, "the probe has a bug: the rescuer's log says more")
        self._status.note_test(verdict.outcome)
        if verdict.outcome is not Outcome.GOOD:
            log.warning("test_call", outcome=verdict.outcome.value, why=verdict.why)
        stands = self._streak.take(verdict)
        if stands:
            text = f"Two test calls in a row have failed, the second because {verdict.why}."
            self._alarms.raise_("test_call_missed", text)
        elif stands is False:
            self._alarms.clear("test_call_missed")
        return verdict
