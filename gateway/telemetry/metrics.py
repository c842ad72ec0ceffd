"""All metrics of one gateway, in a registry of its own.

Each label has a bounded number of values. `docs/operators.md` lists them; a test
compares the two.
"""

from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from gateway.telemetry.bounded import Bounded

# A second series for each, of which nobody makes use.
disable_created_metrics()  # type: ignore[no-untyped-call]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ITEMS = (1, 2, 4, 8, 16, 32, 64, 128)
_MOST_NAMES = 200
_MOST_CODES = 100


class Metrics:
    """What is counted and measured."""

    def __init__(self, known_names: Iterable[str] = ()) -> None:
        """Begin at zero.

        Args:
            known_names: names of operations that always count under their own name.
        """
        self.registry = CollectorRegistry()
        self.name = Bounded(_MOST_NAMES, known_names)
        self.code = Bounded(_MOST_CODES)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._of_requests()
        self._of_operations()
        self._of_the_core()

    def _of_requests(self) -> None:
        self.responses = self._counter(
            "responses", "HTTP answers, by path and status", "path", "status"
        )
        self.authentication_failures = self._counter(
            "authentication_failures", "credentials that nobody knows"
        )
        self.sockets = self._gauge("sockets_open", "authenticated WebSockets")
        self.subscriptions = self._gauge(
            "subscriptions_open", "subscriptions under way", "transport"
        )

    def _of_operations(self) -> None:
        self.operations = self._counter(
            "operations",
            "operations by kind, name and outcome: ok, error, refused, cancelled",
            *("kind", "name", "outcome"),
        )
        self.operation_seconds = self._histogram(
            "operation_seconds",
            "time of queries and mutations",
            _SECONDS,
            "kind",
            "name",
        )
        self.errors = self._counter("errors", "errors in answers, by code", "code")
        self.refusals = self._counter(
            "refusals", "user errors of mutations, by code", "code"
        )
        self.rate_limited = self._counter(
            "rate_limited", "operations and attempts that were too many"
        )

    def _of_the_core(self) -> None:
        self.batches = self._counter(
            "batches",
            "batches by outcome: committed, split, failed, unknown, cancelled",
            *("queue", "outcome"),
        )
        self.batch_items = self._histogram(
            "batch_items", "items of a batch", _ITEMS, "queue"
        )
        self.batch_seconds = self._histogram(
            "batch_seconds", "time of a batch, tries and all", _SECONDS, "queue"
        )
        self.plugin_calls = self._counter(
            "plugin_calls",
            "calls by outcome: answered, refused, unsure, fault, late, cancelled",
            *("plugin", "method", "outcome"),
        )
        self.plugin_seconds = self._histogram(
            "plugin_seconds", "time of a call", _SECONDS, "plugin", "method"
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"guerdon_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"guerdon_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            f"guerdon_{name}", text, labels, buckets=buckets, registry=self.registry
        )
