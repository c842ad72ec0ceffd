"""What a client accepts, and which of our forms of answer that is. Pure.

A stream is chosen for a subscription, and for anything else only where no single answer
is acceptable: some clients offer `text/event-stream` with every query.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"

_SINGLE = (JSON, GRAPHQL_JSON)
_STREAMS = (EVENT_STREAM, MULTIPART)
_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Accept:
    """An `Accept` header: the weight of each media type, 0 to 1."""

    weights: Mapping[str, float]

    @classmethod
    def read(cls, header: str | None) -> Self:
        """Read a header; one that is missing or empty asks for JSON."""
        weights: dict[str, float] = {}
        for one in (header or "").split(","):
            name, *parameters = (part.strip().lower() for part in one.split(";"))
            if name:
                weights[name] = max(_weight(parameters), weights.get(name, 0.0))
        return cls(weights or {JSON: 1.0})

    @property
    def single(self) -> str | None:
        """Return the media type of a single answer; None if none is acceptable."""
        anything = max(
            self.weights.get("*/*", 0.0), self.weights.get("application/*", 0.0)
        )
        return _heaviest({one: self.weights.get(one, anything) for one in _SINGLE})

    @property
    def stream(self) -> str | None:
        """Return the media type of a stream; only one that is named will do."""
        return _heaviest({one: self.weights.get(one, 0.0) for one in _STREAMS})


def _weight(parameters: list[str]) -> float:
    """Return the weight among the parameters of a media type; odd ones are 0."""
    for one in parameters:
        if one.startswith("q="):
            match = _WEIGHT.fullmatch(one)
            return float(match[1]) if match else 0.0
    return 1.0


def _heaviest(ours: dict[str, float]) -> str | None:
    best = max(ours, key=lambda kind: ours[kind])
    return best if ours[best] > 0 else None
