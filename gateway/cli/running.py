"""What every command does: settings, plugins, an open engine, errors as messages."""

import gc
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

import click
import uvloop

from core.engine import Engine
from core.errors import ConfigurationError, GuerdonError
from core.extension.registry import Registry
from core.program import definition
from core.settings import Settings
from gateway.demo.starter import ensure_program

T = TypeVar("T")

FAILED = 1
PARTLY_FAILED = 2


@dataclass(frozen=True, slots=True)
class Installation:
    """What the command is to work on."""

    skipped: tuple[str, ...] = ()
    program: str | None = None

    def settings(self, database_url: str | None = None) -> Settings:
        """Return the settings; *database_url* wins over the variable."""
        settings = Settings.from_environment(os.environ)
        if database_url is None:
            return settings
        return replace(settings, database_url=database_url)

    def registry(self) -> Registry:
        """Load the plugins."""
        return Registry.installed(skip=self.skipped, environment=os.environ)

    @asynccontextmanager
    async def open(
        self, database_url: str | None = None
    ) -> AsyncIterator[tuple[Engine, int]]:
        """Open the engine and its program; an empty database gets the starter."""
        settings = self.settings(database_url)
        async with Engine.open(settings, self.registry()) as engine:
            if self.program is None:
                await ensure_program(engine)
            yield engine, await self.program_id(engine)

    async def program_id(self, engine: Engine) -> int:
        """Return the program that was named, or the oldest.

        Raises:
            ConfigurationError: there is none.
        """
        found = await definition.find(engine, self.program)
        if found is None:
            named = "" if self.program is None else f" {self.program}"
            raise ConfigurationError(f"there is no program{named}")
        return found


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command's work; what went wrong is a message, not a trace."""

    async def awaited() -> T:
        return await work()

    collect_rarely()
    with told():
        return uvloop.run(awaited())


def collect_rarely() -> None:
    """Let the garbage collector look at what is new less often.

    A command makes hundreds of small values and no cycles; by its own measure the
    collector would look through them once per command, for a sixth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@contextmanager
def counted(what: str) -> Iterator[Callable[[int], None]]:
    """Yield what is told of progress; on a terminal it shows how much is done."""
    is_shown = sys.stderr.isatty()
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if is_shown:
            click.echo(f"\r{done:,} {what}", nl=False, err=True)

    yield progress
    if is_shown:
        click.echo(err=True)


class told:  # noqa: N801  (reads as a word of the sentence it stands in)
    """Turns errors that the core raises on purpose into messages."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Tell the error, if it is one of ours."""
        if isinstance(error, GuerdonError):
            raise click.ClickException(str(error)) from error
