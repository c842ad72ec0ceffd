"""Measures the core: what it tells an observer becomes metrics and spans."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.observing import Block, Observer
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.tracing import Tracing


class Watcher(Observer):
    """Sees batches and calls of plugins."""

    def __init__(self, metrics: Metrics, tracing: Tracing) -> None:
        self._metrics = metrics
        self._tracing = tracing

    def mark(self) -> object:
        """Return the present span's place, if there is any."""
        return self._tracing.mark()

    @contextmanager
    def batch(self, queue: str, marks: Sequence[object]) -> Iterator[Block]:
        """Measure a batch."""
        metrics, block, items = self._metrics, Block(), len(marks)
        began_s = time.perf_counter()
        with self._tracing.span(f"{queue} batch", {"items": items}, marks) as tell:
            try:
                yield block
            finally:
                tell({"outcome": block.outcome})
        took_s = time.perf_counter() - began_s
        metrics.batches.labels(queue, block.outcome).inc()
        metrics.batch_items.labels(queue).observe(items)
        metrics.batch_seconds.labels(queue).observe(took_s)

    @contextmanager
    def call(self, plugin: str, method: str) -> Iterator[Block]:
        """Measure a call of a plugin."""
        metrics, block = self._metrics, Block()
        began_s = time.perf_counter()
        try:
            with self._tracing.span(f"plugin {method}", {"plugin": plugin}) as tell:
                try:
                    yield block
                finally:
                    tell({"outcome": block.outcome})
        finally:
            took_s = time.perf_counter() - began_s
            metrics.plugin_calls.labels(plugin, method, block.outcome).inc()
            metrics.plugin_seconds.labels(plugin, method).observe(took_s)
