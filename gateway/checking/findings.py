"""What a check of a plugin says."""

from dataclasses import dataclass
from enum import Enum
from typing import Self


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    WARN = "WARN"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check: about what, how bad, and what to do."""

    topic: str
    level: Level
    text: str

    def document(self) -> dict[str, str]:
        """Return it for JSON."""
        return {"topic": self.topic, "level": self.level.value, "text": self.text}

    @classmethod
    def of(cls, document: dict[str, str]) -> Self:
        """Read what `document` gave."""
        return cls(document["topic"], Level(document["level"]), document["text"])


def ok(topic: str, text: str) -> Finding:
    """Return a finding that is fine."""
    return Finding(topic, Level.OK, text)


def warning(topic: str, text: str) -> Finding:
    """Return a finding that may be fine."""
    return Finding(topic, Level.WARN, text)


def fault(topic: str, text: str) -> Finding:
    """Return a finding that is not fine."""
    return Finding(topic, Level.FAULT, text)
