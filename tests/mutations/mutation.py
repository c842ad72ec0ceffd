"""A small fault that is put into the code on purpose; some test must see it."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutation:
    """A fault.

    Attributes:
        name: what no longer holds.
        path: the file, from the root.
        text: what stands in it, exactly once.
        instead: what stands there in the faulty file.
        tests: files, or tests in them, of which one must fail.
    """

    name: str
    path: str
    text: str
    instead: str
    tests: tuple[str, ...]

    def applied_to(self, source: str) -> str:
        """Return the faulty source."""
        if source.count(self.text) != 1:
            raise ValueError(f"{self.path} has this text not exactly once: {self.text}")
        return source.replace(self.text, self.instead)
