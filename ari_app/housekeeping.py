"""Looks, once a second, at what no event tells: what never came, what is missing, what takes too long.

An Asterisk that was never reached, a standby that has gone, a disk that takes its time over the journal,
events that reach the dashboards late. Each is an alarm for as long as it lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ari_app.alarms import Alarms
from ari_app.live import Live
from ari_app.outbox import Outbox
from suar.log import get_logger

_PERIOD_S = 1.0
_BOOT_S = 20.0
_STANDBY_GONE_S = 30.0
_SLOW_WRITE_S = 1.0
_WELL_AGAIN_S = 10.0
_LATE_S = 60.0

log = get_logger()


class Housekeeping:
    """Looks after one controller that acts.

    ``has_heir`` says whether a standby waits; ``is_one_of_two`` that there is to be one from the start on.
    """

    def __init__(
        self,
        alarms: Alarms,
        live: Live,
        outbox: Outbox,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        has_heir: Callable[[], bool] = lambda: False,
        is_one_of_two: bool = False,
    ) -> None:
        self._alarms = alarms
        self._live = live
        self._outbox = outbox
        self._now = now
        self._clock = clock
        self._has_heir = has_heir
        self._is_one_of_two = is_one_of_two
        self._began = self._heir_seen = clock()
        self._standby = "none"
        self._asterisk_came = False
        self._has_settled = False
        self._slow_at: float | None = None

    async def run(self) -> None:
        """Look until cancelled. A bug in here costs an alarm and never a call."""
        while True:
            try:
                self.look()
            except Exception:
                log.exception("house_not_looked_after")
            await asyncio.sleep(_PERIOD_S)

    def look(self) -> None:
        """Look once."""
        self._look_at_asterisk()
        self._look_at_standby()
        self._look_at_journal()
        self._look_at_outbox()
        if not self._has_settled and self._clock() - self._began >= _BOOT_S:
            # Whatever an earlier controller saw and is still so has been seen again by now.
            self._has_settled = True
            self._alarms.drop_unconfirmed()

    def picture(self) -> dict[str, Any]:
        """Return what the live picture says of the house.

        ``standby`` is ``waits``, ``missing`` or ``none``; ``unsent`` counts events that are not stored yet.
        """
        return {"standby": self._standby, "unsent": self._outbox.depth()}

    def _look_at_asterisk(self) -> None:
        if self._live.asterisk_is_up:
            self._asterisk_came = True
            self._alarms.clear("asterisk_never_up")
        elif not self._asterisk_came and self._clock() - self._began >= _BOOT_S:
            self._alarms.raise_(
                "asterisk_never_up",
                "Asterisk has not been reached since this controller started. Look whether it runs.",
            )

    def _look_at_standby(self) -> None:
        if self._has_heir():
            self._is_one_of_two = True
            self._heir_seen = self._clock()
            self._standby = "waits"
            self._alarms.clear("standby_missing")
        elif self._is_one_of_two and self._clock() - self._heir_seen >= _STANDBY_GONE_S:
            self._standby = "missing"
            self._alarms.raise_("standby_missing", "No second controller stands by. Start it again.")

    def _look_at_journal(self) -> None:
        if self._outbox.writing_for_s() >= _SLOW_WRITE_S:
            self._slow_at = self._clock()
            self._alarms.raise_("journal_slow", "The disk takes over a second for a line of the journal.")
        elif self._slow_at is None or self._clock() - self._slow_at >= _WELL_AGAIN_S:
            self._alarms.clear("journal_slow")

    def _look_at_outbox(self) -> None:
        oldest = self._outbox.oldest_unsent()
        if self._alarms.stands("outbox_stalled"):
            oldest = None  # That alarm says it already, and why.
        if oldest is not None and (self._now() - oldest).total_seconds() >= _LATE_S:
            self._alarms.raise_(
                "outbox_late", f"{self._outbox.depth()} events wait for the dashboards. Nothing is lost."
            )
        else:
            self._alarms.clear("outbox_late")
