"""Traces, as the gateway asks for them; these keep none, and cost nothing.

`gateway.telemetry.open_telemetry` keeps them. Names of spans come from the schema, the
plugins and a bounded set of operations; no span holds an argument or a variable.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

from graphql import GraphQLSchema

Facts: TypeAlias = Mapping[str, str | int]
Tell: TypeAlias = Callable[[Facts], None]
"""Adds facts to a span."""


def _ignore(_: Facts) -> None:
    """Keep nothing."""


class OperationSpan:
    """The span of one operation, which is admitted in one place and run in another."""

    def active(self) -> AbstractContextManager[None]:
        """Return a block whose spans are below this one."""
        return nullcontext()

    def end(self, name: str, facts: Facts, *, is_error: bool) -> None:
        """End it; what it is called is known by now."""


_NO_SPAN = OperationSpan()


class Tracing:
    """Keeps no traces."""

    def received(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Return a block that goes on with the trace that a request belongs to."""
        return nullcontext()

    def operation(self) -> OperationSpan:
        """Begin the span of an operation."""
        return _NO_SPAN

    def mark(self) -> object:
        """Return what names the present span, for `span`."""
        return None

    def span(
        self, name: str, facts: Facts, marks: Sequence[object] | None = None
    ) -> AbstractContextManager[Tell]:
        """Return a block that is a span.

        Args:
            name: of the span.
            facts: known from its beginning.
            marks: of the spans that it works for, which may be others' by now; it is
                below the first of them. None: it is below the present one.
        """
        return nullcontext(_ignore)

    def watch(self, schema: GraphQLSchema) -> None:
        """Make each root field of *schema* a span."""
