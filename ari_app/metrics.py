"""The controller's figures, as Prometheus reads them. No caller's number or place is in any of them.

What has happened is counted from the events that calls leave behind, like every other number of ours; what
stands is read from the parts when somebody asks.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ari_app.calls.call import Phase
from ari_app.calls.ports import Ports
from ari_app.calls.switchboard import Switchboard
from ari_app.distribution import DecisionJournal
from ari_app.live import Live
from ari_app.operators import Operators
from ari_app.outbox import CallEvent
from queues.vocabulary import OperatorState
from suar.alarms.webhook import Webhook
from suar.log import get_logger

_ANSWER_BUCKETS = (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
_LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LAG_PERIOD_S = 0.25
_OUTCOMES = ("normal", "terputus", "uji_coba", "given_back")

log = get_logger()


@dataclass(slots=True)
class _Story:
    """What has to be remembered of a call until it ends."""

    ring_at: datetime
    was_answered: bool = False
    was_given_back: bool = False


class Metrics(Collector):
    """Every figure of one controller, in a registry of its own."""

    def __init__(
        self,
        ports: Ports,
        switchboard: Switchboard,
        operators: Operators,
        live: Live,
        webhook: Webhook,
        decisions: DecisionJournal,
    ) -> None:
        self._ports = ports
        self._switchboard = switchboard
        self._operators = operators
        self._live = live
        self._webhook = webhook
        self._decisions = decisions
        self._stories: dict[str, _Story] = {}
        self.registry = CollectorRegistry()
        self._ended = Counter(
            "suar_calls_ended", "Calls that have ended.", ["outcome"], registry=self.registry
        )
        for outcome in _OUTCOMES:
            self._ended.labels(outcome)
        self._mended = Counter(
            "suar_sounds_mended", "Whoever spoke unheard and was heard again.", registry=self.registry
        )
        self._answer = Histogram(
            "suar_answer_seconds",
            "From the ring to an operator's answer, of the calls that had one.",
            buckets=_ANSWER_BUCKETS,
            registry=self.registry,
        )
        self._lag = Histogram(
            "suar_event_loop_lag_seconds",
            "How late the event loop comes back to a task that slept.",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """Return every figure as it is now."""
        return generate_latest(self.registry)

    def note(self, event: CallEvent) -> None:
        """Count an event. A bug in here costs a figure and never a call."""
        try:
            self._count(event)
        except Exception:
            log.exception("event_not_counted", type=event.type)

    async def watch_loop(self) -> None:
        """Measure how late the loop is, until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + _LAG_PERIOD_S
            await asyncio.sleep(_LAG_PERIOD_S)
            self._lag.observe(max(clock() - due, 0.0))

    def _count(self, event: CallEvent) -> None:
        if event.type == "offered":
            self._stories[event.call_id] = _Story(datetime.fromisoformat(event.at))
            return
        if event.type == "sound_mended":
            self._mended.inc()
        story = self._stories.get(event.call_id)
        if story is None:
            return  # It began before we did.
        if event.type == "connected" and not story.was_answered:
            story.was_answered = True
            took = datetime.fromisoformat(event.at) - story.ring_at
            self._answer.observe(max(took.total_seconds(), 0.0))
        elif event.type == "alarm" and event.data.get("code") == "call_given_back":
            story.was_given_back = True
        elif event.type == "ended":
            del self._stories[event.call_id]
            outcome = "given_back" if story.was_given_back else str(event.data["disposition"])
            self._ended.labels(outcome).inc()

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance: the registry need not ask for figures to know their names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield what stands now."""
        yield from self._calls()
        yield from self._people()
        yield from self._flood()
        yield from self._house()

    def _calls(self) -> Iterator[Metric]:
        phases = Tally(call.phase for call in self._switchboard.calls())
        yield _gauge("suar_calls", "Calls that are alive.", "phase", {one: phases[one] for one in Phase})
        waiting = self._ports.distribution.snapshot().waiting
        count = Tally(one.queue for one in waiting)
        queues = [queue.id for queue in self._ports.city.queues]
        longest = {
            queue: max((one.waited_s for one in waiting if one.queue == queue), default=0.0)
            for queue in queues
        }
        yield _gauge(
            "suar_waiting_callers",
            "Callers who wait for an operator.",
            "queue",
            {queue: count[queue] for queue in queues},
        )
        yield _gauge(
            "suar_longest_wait_seconds", "How long the one who waits longest has waited.", "queue", longest
        )

    def _people(self) -> Iterator[Metric]:
        states = Tally(desk.state for desk in self._operators.desks())
        yield _gauge(
            "suar_operators",
            "Operators of the city.",
            "state",
            {state: states[state] for state in OperatorState},
        )

    def _flood(self) -> Iterator[Metric]:
        admission = self._ports.admission
        yield _gauge(
            "suar_held_callers",
            "Callers who wait while somebody floods the lines.",
            "carrier",
            admission.held(),
        )
        held = CounterMetricFamily(
            "suar_calls_held", "Calls that had to wait for their turn.", labels=["why"]
        )
        for why, count in admission.held_so_far.items():
            held.add_metric([why], count)
        yield held

    def _house(self) -> Iterator[Metric]:
        outbox = self._ports.outbox
        oldest = outbox.oldest_unsent()
        age_s = max((self._ports.now() - oldest).total_seconds(), 0.0) if oldest else 0.0
        standing = Tally(alarm.code.partition(":")[0] for alarm in self._ports.alarms.standing())
        yield GaugeMetricFamily(
            "suar_asterisk_up", "Whether the controller has Asterisk.", float(self._live.asterisk_is_up)
        )
        yield GaugeMetricFamily("suar_outbox_events", "Events that wait to be stored.", outbox.depth())
        yield GaugeMetricFamily(
            "suar_outbox_oldest_event_seconds", "The age of the oldest event that waits to be stored.", age_s
        )
        failures = CounterMetricFamily(
            "suar_journal_write_failures", "Records that the disk did not take.", labels=["journal"]
        )
        failures.add_metric(["calls"], outbox.write_failures)
        failures.add_metric(["decisions"], self._decisions.failures)
        yield failures
        yield _gauge("suar_alarms", "Alarms that stand.", "code", standing)
        yield GaugeMetricFamily(
            "suar_webhook_waiting", "News of alarms that wait to be delivered.", self._webhook.depth()
        )
        yield CounterMetricFamily(
            "suar_webhook_dropped", "News of alarms that nobody was told of.", value=self._webhook.dropped
        )


def _gauge(name: str, means: str, label: str, values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, means, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family
