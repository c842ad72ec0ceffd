"""What a store does: run a transaction, whole or not at all."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from core.ledger.requests import T, Transaction


class Store(ABC):
    """Runs transactions. How many at once is its number of `lanes`."""

    lanes: int

    @abstractmethod
    async def run(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run the transaction that *begin* makes, and commit it.

        Args:
            begin: called anew for each attempt.

        Raises:
            RetryError: another process got in between, or the connection broke; the
                outcome may be unknown, and the same transaction may be run again.
            GuardError: what was read under the lock was not so; nothing was written.
        """

    @abstractmethod
    async def look(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run the transaction that *begin* makes, which only reads, on one moment.

        What it claims is read, and not locked: nobody waits for it.

        Args:
            begin: called anew for each attempt.

        Raises:
            RetryError: the connection broke, and the transaction may be run again.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections of its own."""
