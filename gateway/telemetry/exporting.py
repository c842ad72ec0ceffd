"""Sends traces by OTLP over HTTP, to where the usual `OTEL_` variables say."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from gateway.telemetry.open_telemetry import OpenTelemetry


@contextmanager
def exporting() -> Iterator[OpenTelemetry]:
    """Return traces that are sent in batches, in a thread of their own."""
    name = os.environ.get("OTEL_SERVICE_NAME", "guerdon")
    resource = Resource.create({"service.name": name})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield OpenTelemetry(provider)
    finally:
        provider.shutdown()
