"""How the rescuer is, for those who watch over it: `suar.watching` on a port of its own (``rescuer_bind``).

The rescuer is ready while it has Asterisk: a controller that is dead is what it is there for. A port that
cannot be had costs this answer and never the rescue.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agi.health import Health
from agi.verdicts import Outcome
from suar import watching
from suar.alarms import Alarms
from suar.city import Bind
from suar.log import get_logger
from suar.record import stamp
from suar.watching import Readiness

_ROUND_FRESH_S = 5.0
_SHUTDOWN_S = 0.5

log = get_logger()


class Status(Collector):
    """What the rescuer has done, and when it last got round."""

    def __init__(self, health: Health, clock: Callable[[], float] = time.monotonic) -> None:
        self._health = health
        self._clock = clock
        self._round_at: float | None = None
        self.registry = CollectorRegistry()
        self.given = self._counter(
            "suar_callers_given_to_asterisk", "Callers moved from the controller to the degraded path."
        )
        self.returned = self._counter("suar_callers_given_back", "Callers given back to the call controller.")
        self.outages = self._counter("suar_controller_outages", "Times that the controller was found dead.")
        self.pauses = self._counter(
            "suar_degraded_pauses_changed", "Times that an operator's pause had to follow her state."
        )
        self._tests = Counter(
            "suar_test_calls", "Test calls, by what they came to.", ["outcome"], registry=self.registry
        )
        for outcome in Outcome:
            self._tests.labels(outcome.value)
        self.test_call = "none"
        """What the last test call came to; ``none`` if there was none."""
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def note_test(self, outcome: Outcome) -> None:
        """A test call has come to this."""
        self.test_call = outcome.value
        self._tests.labels(outcome.value).inc()

    def note_round(self) -> None:
        """Asterisk has been looked at, and what was to be done was done."""
        self._round_at = self._clock()

    @property
    def has_asterisk(self) -> bool:
        """Whether the last round was a moment ago."""
        return self._round_at is not None and self._clock() - self._round_at < _ROUND_FRESH_S

    def text(self) -> bytes:
        """Return every figure as it is now."""
        return generate_latest(self.registry)

    async def readiness(self) -> Readiness:
        """Return whether callers could be rescued now."""
        parts = {
            "asterisk": "up" if self.has_asterisk else "down",
            "controller": "dead" if self._health.is_dead else "alive",
            "test_call": self.test_call,
        }
        why = [] if self.has_asterisk else ["Asterisk's manager interface cannot be reached"]
        return Readiness(parts, why)

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield what stands now."""
        yield GaugeMetricFamily(
            "suar_asterisk_up", "Whether the rescuer has Asterisk.", float(self.has_asterisk)
        )
        yield GaugeMetricFamily(
            "suar_controller_alive",
            "Whether the rescuer finds the call controller alive.",
            float(not self._health.is_dead),
        )

    def _counter(self, name: str, means: str) -> Counter:
        return Counter(name, means, registry=self.registry)


@asynccontextmanager
async def answering(
    status: Status, alarms: Alarms, bind: Bind, token: str, control_token: str
) -> AsyncIterator[None]:
    """Answer on ``bind`` for as long as the context lasts; if it cannot be had, the log says so."""
    app = web.Application()
    watching.add_to(app, readiness=status.readiness, figures=status.text, token=token)
    expected = f"Bearer {control_token}".encode()

    async def show_alarms(request: web.Request) -> web.Response:
        """``GET /v1/alarms``: the alarms that stand, for the dashboards."""
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
            return web.json_response({"error": {"code": "token_missing"}}, status=401)
        standing = [
            {"code": alarm.code, "text": alarm.text, "since": stamp(alarm.since)}
            for alarm in alarms.standing()
        ]
        return web.json_response({"alarms": standing})

    app.router.add_get("/v1/alarms", show_alarms)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, bind.host, bind.port).start()
    except OSError as error:
        log.error("status_not_served", bind=str(bind), reason=str(error))
    try:
        yield
    finally:
        await runner.cleanup()
