"""Versions of a program as values, and reading them.

A version is a whole document, and never changes. It is drafted, maybe approved,
published, and retires when the next one is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import ProgramVersionNotFoundError
from core.program import standing
from core.program.access import needs
from core.program.document import Document, canonical, read
from core.program.fitting import Fault
from core.storage.version_tables import ProgramVersion as Row


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"
    DISCARDED = "DISCARDED"


OPEN = (State.DRAFT, State.APPROVED)
"""Versions that may still be published."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version without its document; instants in microseconds UTC."""

    program_id: int
    number: int
    state: State
    sha256: str
    note: str | None
    base: int | None
    restores: int | None
    drafted_by: str
    drafted_at_us: int
    approved_by: str | None
    approved_at_us: int | None
    publish_at_us: int | None
    failure: str | None
    published_by: str | None
    published_at_us: int | None
    retired_at_us: int | None
    is_finished: bool

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return a row as a value."""
        values = {one.name: getattr(row, one.name) for one in fields(cls)}
        return cls(**values | {"state": State(row.state)})


_COLUMNS = ", ".join(one.name for one in fields(Version))
_SELECT = f"SELECT {_COLUMNS} FROM program_version WHERE program_id = $1"  # noqa: S608
_ONE = f"{_SELECT} AND number = $2"
_ALL = f"{_SELECT} AND number < $2 ORDER BY number DESC LIMIT $3"
_STANDS = f"{_SELECT} AND state = 'PUBLISHED'"
_OF_KEY = f"{_SELECT} AND drafted_by = $2 AND idem_key = $3"
_DOCUMENT = "SELECT document FROM program_version WHERE program_id = $1 AND number = $2"


@dataclass(frozen=True, slots=True)
class Changed:
    """A version after a change, and whether the key was used for it before."""

    version: Version
    replayed: bool


@needs(Scope.PROGRAM_READ)
async def find(engine: Engine, *, by: Actor, number: int) -> Version:
    """Return a version of the caller's program.

    Raises:
        ForbiddenError: the caller may not see it.
        ProgramVersionNotFoundError: there is none of this number.
    """
    return await get(engine, by.program_id, number)


@needs(Scope.PROGRAM_READ)
async def page(
    engine: Engine, *, by: Actor, first: int, before: int | None = None
) -> list[Version]:
    """Return versions of the caller's program, the newest first.

    Raises:
        ForbiddenError: the caller may not see them.
    """
    upto = 2**62 if before is None else before
    rows = await engine.database.read(_ALL, by.program_id, upto, first)
    return [_version(row) for row in rows]


async def get(engine: Engine, program_id: int, number: int) -> Version:
    """Return a version of a program.

    Raises:
        ProgramVersionNotFoundError: there is none of this number.
    """
    rows = await engine.database.read(_ONE, program_id, number)
    if not rows:
        raise ProgramVersionNotFoundError
    return _version(rows[0])


async def published(engine: Engine, program_id: int) -> Version | None:
    """Return the version that stands; None: nothing was published yet."""
    rows = await engine.database.read(_STANDS, program_id)
    return _version(rows[0]) if rows else None


async def document(engine: Engine, program_id: int, number: int) -> Document:
    """Return the document of a version.

    Raises:
        ProgramVersionNotFoundError: there is none of this number.
    """
    rows = await engine.database.read(_DOCUMENT, program_id, number)
    if not rows:
        raise ProgramVersionNotFoundError
    return read(rows[0][0])


async def faults(engine: Engine, version: Version) -> list[Fault]:
    """Return what keeps a version from being published now."""
    content = await document(engine, version.program_id, version.number)
    values = json.loads(canonical(content))
    return (await standing.check(engine, version.program_id, values))[1]


async def of_key(engine: Engine, by: Actor, key: str) -> Version:
    """Return the version that the caller drafted under a key."""
    rows = await engine.database.read(_OF_KEY, by.program_id, by.client_id, key)
    return _version(rows[0])


def _version(row: Sequence[Any]) -> Version:
    values = dict(zip((one.name for one in fields(Version)), row, strict=True))
    values["state"] = State(values["state"])
    values["is_finished"] = bool(values["is_finished"])
    return Version(**values)
