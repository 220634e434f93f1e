"""The dashboards' figures, as Prometheus reads them. Routes go by their patterns: no label names anybody."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboards.controller import ControllerLink
from dashboards.health.database import DatabaseWatch
from dashboards.live import LiveHub
from suar.alarms import Alarms
from suar.alarms.webhook import Webhook

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_STREAM = "/events"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Figures(Collector):
    """Every figure of one web backend, in a registry of its own."""

    def __init__(
        self,
        controller: ControllerLink,
        database: DatabaseWatch,
        hub: LiveHub,
        alarms: Alarms,
        webhook: Webhook,
    ) -> None:
        self._controller = controller
        self._database = database
        self._hub = hub
        self._alarms = alarms
        self._webhook = webhook
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "suar_web_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._took = Histogram(
            "suar_web_request_seconds",
            "From a request to its answer; pages' streams are not counted.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """Return every figure as it is now."""
        return generate_latest(self.registry)

    def note_request(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request; ``route`` is its pattern."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        if route != _STREAM:
            self._took.observe(took_s)

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield what stands now."""
        yield GaugeMetricFamily("suar_web_streams", "Pages that are open and kept fresh.", len(self._hub))
        yield GaugeMetricFamily(
            "suar_controller_heard",
            "Whether the call controller's live picture comes in.",
            float(self._controller.stale_since is None),
        )
        yield GaugeMetricFamily(
            "suar_database_usable",
            "Whether the database takes writes.",
            float(self._database.trouble is None),
        )
        standing = GaugeMetricFamily("suar_alarms", "Alarms that stand.", labels=["code"])
        for code, count in Tally(alarm.kind for alarm in self._alarms.standing()).items():
            standing.add_metric([code], count)
        yield standing
        yield GaugeMetricFamily(
            "suar_webhook_waiting", "News of alarms that wait to be delivered.", self._webhook.depth()
        )
        yield CounterMetricFamily(
            "suar_webhook_dropped", "News of alarms that nobody was told of.", value=self._webhook.dropped
        )
