"""Traces by OpenTelemetry, which is imported where they are switched on, only here."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any

from graphql import GraphQLSchema
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    TracerProvider,
    set_span_in_context,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.telemetry.tracing import Facts, OperationSpan, Tell, Tracing

_PROPAGATOR = TraceContextTextMapPropagator()
_QUIET = {"record_exception": False, "set_status_on_exception": False}
"""Texts of exceptions may hold data of members; spans say only that there was one."""


class OpenTelemetry(Tracing):
    """Keeps traces with the tracers of a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer: Tracer = provider.get_tracer("guerdon")

    @contextmanager
    def received(self, headers: Mapping[str, str]) -> Iterator[None]:
        """Go on with the trace that `traceparent` names."""
        token = contexts.attach(_PROPAGATOR.extract(headers, contexts.Context()))
        try:
            yield
        finally:
            contexts.detach(token)

    def operation(self) -> OperationSpan:
        """Begin the span of an operation."""
        return _Operation(self._tracer.start_span("operation", kind=SpanKind.SERVER))

    def mark(self) -> object:
        """Return the present span's place."""
        place = trace.get_current_span().get_span_context()
        return place if place.is_valid else None

    @contextmanager
    def span(
        self, name: str, facts: Facts, marks: Sequence[object] | None = None
    ) -> Iterator[Tell]:
        """Keep a span while the block runs."""
        places = _places(marks or ())
        parent = None if marks is None else _below(places)
        links = [Link(one) for one in places[1:]]
        span = self._tracer.start_span(
            name, context=parent, links=links, attributes=dict(facts)
        )
        with use_span(span, end_on_exit=True, **_QUIET):
            try:
                yield span.set_attributes
            except BaseException as error:
                _failed(span, error)
                raise

    def watch(self, schema: GraphQLSchema) -> None:
        """Make each root field a span."""
        for kind in (schema.query_type, schema.mutation_type):
            for name, field in kind.fields.items() if kind else ():
                if field.resolve is not None:
                    field.resolve = self._watched(f"{kind}.{name}", field.resolve)

    def _watched(self, name: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
        def resolve_watched(source: Any, info: Any, **arguments: Any) -> Any:
            span = self._tracer.start_span(name)
            try:
                with use_span(span, end_on_exit=False, **_QUIET):
                    value = resolve(source, info, **arguments)
            except BaseException as error:
                _failed(span, error)
                span.end()
                raise
            if isawaitable(value):
                return _awaited(span, value)
            span.end()
            return value

        return resolve_watched


class _Operation(OperationSpan):
    def __init__(self, span: Span) -> None:
        self._span = span

    @contextmanager
    def active(self) -> Iterator[None]:
        with use_span(self._span, end_on_exit=False, **_QUIET):
            yield

    def end(self, name: str, facts: Facts, *, is_error: bool) -> None:
        self._span.update_name(name)
        self._span.set_attributes(dict(facts))
        if is_error:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


async def _awaited(span: Span, value: Awaitable[Any]) -> Any:
    with use_span(span, end_on_exit=True, **_QUIET):
        try:
            return await value
        except BaseException as error:
            _failed(span, error)
            raise


def _failed(span: Span, error: BaseException) -> None:
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))


def _places(marks: Sequence[object]) -> list[SpanContext]:
    """Return the places that *marks* name, each once."""
    found = [one for one in marks if isinstance(one, SpanContext)]
    return list({(one.trace_id, one.span_id): one for one in found}.values())


def _below(places: Sequence[SpanContext]) -> contexts.Context:
    """Return a context below the first of *places*; of no trace, if there is none."""
    context = contexts.Context()
    if not places:
        return context
    return set_span_in_context(NonRecordingSpan(places[0]), context)
