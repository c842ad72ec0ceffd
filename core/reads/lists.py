"""Lists as SQL: their rows in order, between two cursors, no more than are wanted."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from core.reads.model import Entity, Relation
from core.reads.rights import conditions_of
from core.reads.selection import Given, Page, Scope
from core.reads.templates import Filler

Joined: TypeAlias = "dict[str, Row]"


@dataclass(slots=True)
class Row:
    """A row that is being selected: its alias, and the joins that it needs."""

    entity: Entity
    alias: str
    joins: list[str] = field(default_factory=list)
    joined: Joined = field(default_factory=dict)
    given: Given = field(default_factory=dict)

    def seen_as(self, entity: Entity, given: Given) -> "Row":
        """Return the same row, read as *entity*, with more that is given."""
        return replace(self, entity=entity, joined={}, given={**self.given, **given})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list that is being selected, whatever the alias of its rows.

    The cursors of its page belong to the list if it `is_inclusive`, else they bound it.
    """

    relation: Relation
    parent: str
    page: Page | None
    given: Given
    is_inclusive: bool = False

    @property
    def order(self) -> str:
        """Return the template of what the rows are ordered by."""
        backward = self.page is not None and self.page.backward
        direction = "DESC" if self.relation.descending != backward else "ASC"
        return f"{{t}}.{self.relation.order} {direction}"

    @property
    def signs(self) -> tuple[str, str]:
        """Return how the rows' own value compares with the two cursors."""
        after, before = "<>" if self.relation.descending else "><"
        equal = "=" if self.is_inclusive else ""
        return after + equal, before + equal


class Lists:
    """Writes the lists of one statement."""

    def __init__(self, filler: Filler, scope: Scope) -> None:
        self._filler = filler
        self._scope = scope

    def selected(self, columns: str, wanted: Wanted, target: Row) -> str:
        """Select *columns* of the rows of a list."""
        alias = target.alias
        template = wanted.relation.source or target.entity.source
        source = self._filler.fill(template, alias, wanted.parent, wanted.given)
        conditions = self._conditions(wanted, target)
        for name in wanted.relation.choices:
            if name in wanted.given:
                source = self._chosen(source, conditions, wanted, alias, name)
                conditions = []
        sql = f"SELECT {columns} FROM {' '.join([source, *target.joins])}"
        if conditions:
            sql += f" WHERE {' AND '.join(conditions)}"
        return f"{sql} {self._ordered(wanted, alias)}"

    def scoped(self, entity: Entity, alias: str) -> list[str]:
        """Return the conditions of who may see the row."""
        conditions = conditions_of(entity, self._scope)
        return [self._filler.fill(one, alias) for one in conditions]

    def _chosen(
        self, source: str, conditions: list[str], wanted: Wanted, alias: str, name: str
    ) -> str:
        """Put together what is found for each of several values."""
        values = wanted.given[name]
        if not isinstance(values, tuple):
            raise TypeError(f"{name} is not several values")
        ordered = self._ordered(wanted, alias)
        found = []
        for value in values:
            condition = self._filler.fill(wanted.relation.choices[name](value), alias)
            where = " AND ".join([*conditions, condition])
            found.append(
                f"SELECT * FROM (SELECT {alias}.* FROM {source} "
                f"WHERE {where} {ordered}) {alias}"
            )
        return f"({' UNION ALL '.join(found)}) {alias}"

    def _conditions(self, wanted: Wanted, target: Row) -> list[str]:
        relation, page, given = wanted.relation, wanted.page, wanted.given
        fill, alias = self._filler.fill, target.alias
        conditions = [fill(relation.on, alias, wanted.parent, given)]
        conditions += [
            fill(template, alias, wanted.parent, given)
            for name, template in relation.filters.items()
            if name in given
        ]
        conditions += self.scoped(target.entity, alias)
        if page is not None:
            cursors = (page.after, page.before)
            conditions += [
                f"{alias}.{relation.order} {sign} {self._filler.parameter(key)}"
                for sign, key in zip(wanted.signs, cursors, strict=True)
                if key is not None
            ]
        return [one for one in conditions if one]

    def _ordered(self, wanted: Wanted, alias: str) -> str:
        """Order, and limit; one row more tells whether others follow."""
        sql = f"ORDER BY {self._filler.fill(wanted.order, alias)}"
        if wanted.page is not None:
            sql += f" LIMIT {self._filler.parameter(wanted.page.size + 1)}"
        return sql
