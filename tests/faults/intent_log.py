"""A file to which a writer says what it will do, and then what came of it.

Each line is whole or, if the writer was killed while writing it, cut off at the next
start. The file is not flushed to disk: processes are killed here, not machines.
"""

import base64
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.ledger.commands import Command, Outcome


@dataclass
class Logged:
    """What stands in a log."""

    intents: dict[str, Command] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Keys of which it was not known at some time what had become of them."""

    def unanswered(self) -> list[Command]:
        """Return intents without an outcome, in their order."""
        return [one for key, one in self.intents.items() if key not in self.outcomes]


class IntentLog:
    """The log of one writer, opened to go on with it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.truncate(self._file, path.read_bytes().rfind(b"\n") + 1)
        self.before = read(path)

    def intend(self, command: Command) -> None:
        """Say what will be done; nothing was done yet."""
        self._write("intent", command.key, command)

    def doubt(self, command: Command) -> None:
        """Say that nobody knows whether it was done."""
        self._write("unknown", command.key, None)

    def answer(self, command: Command, outcome: Outcome) -> None:
        """Say what came of it."""
        self._write("outcome", command.key, outcome)

    def close(self) -> None:
        os.close(self._file)

    def _write(self, *record: object) -> None:
        os.write(self._file, base64.b64encode(pickle.dumps(record)) + b"\n")


def read(path: Path) -> Logged:
    """Read a log; a line that was never finished counts as not written."""
    logged = Logged()
    for what, key, value in _records(path):
        if what == "intent":
            logged.intents[key] = value
        elif what == "outcome":
            logged.outcomes.setdefault(key, []).append(value)
        else:
            logged.unknown.add(key)
    return logged


def _records(path: Path) -> Iterator[tuple[str, str, object]]:
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield pickle.loads(base64.b64decode(line))
