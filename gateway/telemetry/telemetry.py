"""Metrics, traces and logs of operations: what an operation was, and how it ended."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from gateway.codes import Code
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.record import Record
from gateway.telemetry.tracing import OperationSpan, Tracing

_log = logging.getLogger("guerdon.operations")


class Telemetry:
    """Where operations are told when they end."""

    def __init__(self, metrics: Metrics, tracing: Tracing) -> None:
        self.metrics = metrics
        self.tracing = tracing

    def begin(self) -> tuple[Record, OperationSpan]:
        """Begin an operation, of which nothing is known yet."""
        return Record(time.perf_counter()), self.tracing.operation()

    def end(self, record: Record, span: OperationSpan, outcome: str) -> None:
        """Tell how an operation ended.

        Args:
            record: of the operation.
            span: of the same.
            outcome: `ok`, `error` (some of it failed), `refused` (nothing was run), or
                `cancelled` (the client went away).
        """
        took_s = time.perf_counter() - record.began_s
        metrics = self.metrics
        name = metrics.name(record.name)
        metrics.operations.labels(record.kind, name, outcome).inc()
        if record.kind in {"query", "mutation"}:
            metrics.operation_seconds.labels(record.kind, name).observe(took_s)
        for code in record.codes:
            metrics.errors.labels(metrics.code(code)).inc()
            if code == Code.RATE_LIMITED:
                metrics.rate_limited.inc()
        for code in record.refusals:
            metrics.refusals.labels(metrics.code(code)).inc()
        facts = {"outcome": outcome, "transport": record.transport}
        if record.codes:
            facts["codes"] = ",".join(record.codes[:5])
        is_error = outcome == "error"
        span.end(f"{record.kind} {name}", facts, is_error=is_error)
        if _log.isEnabledFor(logging.INFO):
            _tell(record, outcome, took_s)


def codes_of(errors: Sequence[dict[str, Any]]) -> list[str]:
    """Return the codes of errors, as clients are told."""
    return [str(one["extensions"]["code"]) for one in errors]


def _tell(record: Record, outcome: str, took_s: float) -> None:
    name = record.name[:64]
    took_ms = round(took_s * 1_000, 2)
    facts: dict[str, object] = {
        "operation": name,
        "kind": record.kind,
        "outcome": outcome,
        "duration_ms": took_ms,
        "transport": record.transport,
        "role": record.role,
        "client": record.client,
        "address": record.address,
    }
    if record.kind == "subscription":
        facts["events"] = record.events
    if record.codes:
        facts["codes"] = record.codes
    if record.refusals:
        facts["refusals"] = record.refusals
    why = ",".join([*record.codes, *record.refusals])
    _log.info(
        "%s %s: %s in %s ms%s",
        *(record.kind, name, outcome, took_ms, f" ({why})" if why else ""),
        extra=facts,
    )
