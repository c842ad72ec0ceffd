"""Documents that were prepared before, and those that were refused before.

A document that is refused again and again costs no more than one that runs: the refusal
is remembered like anything else. What is remembered is bounded in number and in bytes.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

_OVERHEAD_BYTES = 512
"""What an entry takes beside its text; so that many short ones are not free."""


class DocumentCache(Generic[Value]):
    """Values by document; what was not used for the longest time goes first."""

    def __init__(self, entries: int, total_bytes: int) -> None:
        self._entries = entries
        self._total_bytes = total_bytes
        self._bytes = 0
        self._known: OrderedDict[str, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, text: str, make: Callable[[str], Value]) -> Value:
        """Return the value of a document, made now if it is not known."""
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        value = self._known[text] = make(text)
        self._bytes += _size(text)
        while self._known and (
            len(self._known) > self._entries or self._bytes > self._total_bytes
        ):
            dropped, _ = self._known.popitem(last=False)
            self._bytes -= _size(dropped)
        return value


def _size(text: str) -> int:
    return len(text) + _OVERHEAD_BYTES
