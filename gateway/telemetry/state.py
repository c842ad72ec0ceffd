"""Gauges of what is so just now: queues, connections, plugins, open redemptions.

What the process knows is read when it is asked for; what the database knows is read
beside requests, now and then, so that asking costs the database nothing.
"""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.engine import Engine
from core.extension.breaker import State
from core.program.backlog import backlog
from core.program.redemption_row import Status

REFRESH_INTERVAL_S = 15.0


class StateCollector(Collector):
    """Tells the present state of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[Status, int] = {}
        self._in_review: int | None = None

    async def refresh(self) -> None:
        """Read what the database knows."""
        self._open, self._in_review = await backlog(self._engine)

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        yield from self._queues()
        yield from self._plugins()
        yield from self._redemptions()

    def describe(self) -> Iterator[Metric]:
        """Yield the same, since names do not change."""
        return self.collect()

    def _queues(self) -> Iterator[Metric]:
        queued = _gauge("queue_items", "items that wait for a batch", "queue")
        running = _gauge("batches_running", "batches under way", "queue")
        ledger, directory = self._engine.ledger, self._engine.directory
        queued.add_metric(["ledger"], ledger.waiting)
        queued.add_metric(["directory"], directory.waiting)
        running.add_metric(["ledger"], ledger.running)
        running.add_metric(["directory"], directory.running)
        yield queued
        yield running
        used, most = self._engine.database.connections
        yield _gauge("read_connections_used", "connections that read now", value=used)
        yield _gauge("read_connections_most", "and may at most", value=most)

    def _plugins(self) -> Iterator[Metric]:
        state = _gauge(
            "plugin_state", "1 at the state of its circuit breaker", "plugin", "state"
        )
        running = _gauge("plugin_calls_running", "calls under way", "plugin")
        for name, health in self._engine.host.health().items():
            for one in State:
                state.add_metric([name, one.value.lower()], float(one is health.state))
            running.add_metric([name], health.running)
        yield state
        yield running

    def _redemptions(self) -> Iterator[Metric]:
        going_on = _gauge("redemptions_open", "redemptions that go on", "status")
        for status, count in self._open.items():
            going_on.add_metric([status.value.lower()], count)
        yield going_on
        yield _gauge(
            "redemptions_in_review", "that wait for a person", value=self._in_review
        )


def _gauge(
    name: str, text: str, *labels: str, value: float | None = None
) -> GaugeMetricFamily:
    return GaugeMetricFamily(
        f"guerdon_{name}", text, labels=labels or None, value=value
    )
