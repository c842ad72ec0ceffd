"""The rules of a program, kept in memory as long as they stand.

Whoever changes them raises the program's `rules_revision`; each use compares it, which
reads one row by its key. So another process is known to have published something
before the next activity is judged.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from core.engine import Engine
from core.program.rules import RuleDefinition
from core.program.rules.bounds import MAX_VALUES
from core.program.rules.expressions import Expression
from core.program.rules.local_time import zone_of
from core.program.rules.rule import Rule
from core.storage.database import Database

_STAMP = "SELECT rules_revision, time_zone FROM program WHERE program_id = $1"
_RULES = (
    "SELECT r.activity_type, r.rule_id, r.code, r.version, r.currency_id, "
    "c.is_qualifying, r.definition, r.valid_from_us, r.valid_until_us "
    "FROM rule r JOIN currency c ON c.currency_id = r.currency_id "
    "WHERE r.program_id = $1 AND (r.is_active OR r.valid_until_us IS NOT NULL) "
    "ORDER BY r.rule_id"
)
_BUDGETS = "SELECT code, holder_id FROM budget WHERE program_id = $1"


@dataclass(frozen=True)
class Chapter:
    """The rules of one type of activity, the oldest versions first."""

    rules: tuple[Rule, ...]

    @cached_property
    def roots(self) -> frozenset[str]:
        """Return the variables that their expressions use."""
        return frozenset().union(*(one.roots for one in self._expressions))

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Return the names of the member's attributes that they use."""
        return frozenset().union(*(one.attributes for one in self._expressions))

    @cached_property
    def has_lines(self) -> bool:
        """Tell whether any of them counts lines of an order."""
        return any(one.definition.is_by_line for one in self.rules)

    @cached_property
    def most_values(self) -> int:
        """Return how many values of a payload they look at."""
        return min((one.most_values for one in self._expressions), default=MAX_VALUES)

    @property
    def _expressions(self) -> Sequence[Expression]:
        return [one for rule in self.rules for one in rule.expressions]

    def valid_at(self, instant_us: int) -> list[Rule]:
        """Return the rules that judge what happened at an instant."""
        return [rule for rule in self.rules if rule.is_valid_at(instant_us)]


NOTHING = Chapter(())


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules of a program at one revision, by the activity's type."""

    revision: int
    zone: ZoneInfo
    chapters: Mapping[str, Chapter]

    def chapter(self, activity_type: str) -> Chapter:
        """Return the rules of a type."""
        return self.chapters.get(activity_type, NOTHING)


_BOOKS: WeakKeyDictionary[Database, dict[int, Rulebook]] = WeakKeyDictionary()


async def rulebook(engine: Engine, program_id: int) -> Rulebook:
    """Return the rules of a program as they stand now."""
    books = _BOOKS.setdefault(engine.database, {})
    ((revision, zone),) = await engine.database.read(_STAMP, program_id)
    book = books.get(program_id)
    if book is None or book.revision != revision:
        # Read after its revision: what is newer than it is read once more later.
        book = await _read(engine, program_id, revision, zone)
        books[program_id] = book
    return book


async def _read(engine: Engine, program_id: int, revision: int, zone: str) -> Rulebook:
    budgets: dict[str, int] = dict(await engine.database.read(_BUDGETS, program_id))
    rules: dict[str, list[Rule]] = defaultdict(list)
    rows = await engine.database.read(_RULES, program_id, bounded=False)
    for activity_type, rule_id, code, version, currency_id, *rest in rows:
        is_qualifying, text, valid_from_us, valid_until_us = rest
        definition = RuleDefinition.model_validate_json(text)
        budget_id = None if definition.budget is None else budgets[definition.budget]
        rules[activity_type].append(
            Rule(
                rule_id,
                code,
                version,
                currency_id,
                bool(is_qualifying),
                definition,
                valid_from_us,
                valid_until_us,
                budget_id,
            )
        )
    chapters = {code: Chapter(tuple(found)) for code, found in rules.items()}
    return Rulebook(revision, zone_of(zone), chapters)
