"""What a gateway is made of before it serves: schema, executor, persisted documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import ConfigurationError
from core.extension.registry import Registry
from core.settings import Settings
from gateway.execution import Executor
from gateway.manifest import load_manifests
from gateway.persisted import Persisted
from gateway.schema import build_schema
from gateway.telemetry.tracing import Tracing


def gateway_of(registry: Registry, settings: Settings) -> tuple[Executor, Persisted]:
    """Make the parts of a gateway.

    Raises:
        ConfigurationError: a persisted document cannot run on this schema.
    """
    executor = Executor(build_schema(registry), settings)
    manifest = load_manifests(settings.documents)
    if wrong := executor.persist(manifest):
        told = "; ".join(f"{name}: {reason_of(one)}" for name, one in wrong.items())
        raise ConfigurationError(f"documents: {told}")
    return executor, Persisted(manifest, settings)


def reason_of(errors: list[dict[str, Any]]) -> str:
    """Return why a document cannot run, as one line."""
    return ", ".join(str(one["message"]).splitlines()[0] for one in errors)


@contextmanager
def tracing_of(settings: Settings) -> Iterator[Tracing]:
    """Return where traces go; in the end, what is left of them is sent.

    Raises:
        ConfigurationError: traces are asked for, and cannot be sent.
    """
    if not settings.traces:
        yield Tracing()
        return
    try:
        from gateway.telemetry.exporting import exporting  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError(
            "GUERDON_TRACES: needs pip install 'guerdon[telemetry]'"
        ) from None
    with exporting() as tracing:
        yield tracing
