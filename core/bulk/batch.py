"""Carrying out a part of an import: some members, in one database transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from core.bulk.index import Lines, Raw, read_lines
from core.bulk.lines import LineError, MemberLine, Told
from core.bulk.past import Setting, key_of_line
from core.bulk.replay import read_all, replay
from core.bulk.rows import Part, Rows
from core.clock import Clock
from core.ledger.history import rows_of
from core.program.members import NUMBER
from core.storage.database import ClashError, Database

_ATTEMPTS = 5
_KNOWN = {
    "postgresql": "SELECT value, holder_id FROM directory WHERE program_id = $1 "
    "AND kind = $2 AND value = ANY($3::text[])",
    "sqlite": "SELECT value, holder_id FROM directory WHERE program_id = $1 "
    "AND kind = $2 AND value IN (SELECT value FROM json_each($3))",
}


@dataclass(frozen=True, slots=True)
class Job:
    """An import: what all members share, the file, and whether it is to be done."""

    setting: Setting
    path: Path
    is_dry: bool


async def carry_out(
    database: Database, clock: Clock, job: Job, batch: Sequence[Lines]
) -> Part:
    """Import members, each whole or not at all; those that are there are compared.

    Raises:
        ClashError: again and again somebody enrolls the same members.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await _try(database, clock, job, batch)
        except ClashError:  # with new ids, and who was enrolled meanwhile is found
            continue
    return await _try(database, clock, job, batch)


async def _try(
    database: Database, clock: Clock, job: Job, batch: Sequence[Lines]
) -> Part:
    known = await _known(database, job.setting.program_id, batch)
    batch = sorted(batch, key=lambda one: one.member)  # as others claim names
    ids = iter(_ids(clock, len(batch)))
    rows, part = Rows(), Part()
    there: dict[int, list[Raw]] = {}
    for one, lines in zip(batch, read_lines(job.path, batch), strict=True):
        if one.member in known:
            there[known[one.member]] = lines
            continue
        errors = replay(job.setting, lines, next(ids), rows, part)
        part.left_out += bool(errors)
        part.errors += errors
    await _compare(database, job.setting, there, part)
    if part.members and not job.is_dry:
        async with database.bulk() as bulk:
            for table, (columns, values) in rows.tables.items():
                await bulk.copy(table, columns, values)
    return part


def _ids(clock: Clock, count: int) -> list[int]:
    """Make different ids, in their order: who is written together stands together."""
    ids: set[int] = set()
    while len(ids) < count:
        ids.add(clock.new_id())
    return sorted(ids)


async def _known(
    database: Database, program_id: int, batch: Sequence[Lines]
) -> dict[str, int]:
    """Return the holders of those members whose numbers are taken."""
    numbers = [one.member for one in batch]
    sqlite = database.dialect == "sqlite"
    argument = orjson.dumps(numbers).decode() if sqlite else numbers
    sql = _KNOWN[database.dialect]
    rows = await database.read(sql, program_id, NUMBER, argument, bounded=False)
    return dict(rows)


async def _compare(
    database: Database, setting: Setting, there: dict[int, list[Raw]], part: Part
) -> None:
    """Skip lines that this import wrote before, and say what is wrong with others."""
    columns = ("holder_id", "idem_key", "fingerprint")
    keys: dict[int, dict[str, bytes]] = defaultdict(dict)
    for holder_id, key, fingerprint in await rows_of(
        database, "journal", columns, list(there)
    ):
        keys[holder_id][key] = bytes(fingerprint)
    for holder_id, lines in there.items():
        told, errors = read_all(lines)
        known = keys[holder_id]
        found = [_difference(setting, known, one) for one in told]
        if any(key_of_line(setting, one.line) in known for one in told):
            errors += [error for error in found if error is not None]
        elif not errors:
            errors = [_taken(told)]
        part.skipped += found.count(None)
        part.left_out += bool(errors)
        part.errors += errors


def _difference(
    setting: Setting, known: dict[str, bytes], told: Told
) -> LineError | None:
    """Tell why a line is not one that was imported before."""
    fingerprint = known.get(key_of_line(setting, told.line))
    if fingerprint == told.fingerprint:
        return None
    field = "number" if isinstance(told.line, MemberLine) else "id"
    if fingerprint is None:
        reason = "the member was imported before, without this line"
    else:
        reason = "was imported before, and said otherwise"
    return LineError(told.number, field, reason)


def _taken(told: Sequence[Told]) -> LineError:
    own = [one for one in told if isinstance(one.line, MemberLine)]
    field = "number" if own else "member"
    line = (own or told)[0].number
    return LineError(line, field, "another member has this number")
