"""From a selection tree to one SQL statement that returns finished JSON text.

JSON is put together by concatenation, which both databases do alike and PostgreSQL does
faster than its own functions. To-one relations are joins, lists are correlated
subqueries with their limit inside. Names come from the model and from GraphQL's grammar
only; every value is a parameter.
"""

import re
from dataclasses import dataclass, field
from typing import assert_never

from core.reads.dialects import Dialect
from core.reads.entities import ENTITIES
from core.reads.model import Attribute, Entity, Form, Id, Relation
from core.reads.selection import (
    CURSOR,
    TYPE,
    Branch,
    Field,
    Leaf,
    Page,
    Same,
    Scope,
    Selection,
)

_NAME = re.compile(r"[_@A-Za-z0-9]{1,255}")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, its parameters but for the keys, and how many rows it may touch."""

    sql: str
    parameters: tuple[int, ...]
    rows: int


@dataclass(slots=True)
class _Row:
    """A row that is being selected: its alias, and the joins that it needs."""

    entity: Entity
    alias: str
    joins: list[str] = field(default_factory=list)
    joined: dict[str, "_Row"] = field(default_factory=dict)


def compile_selection(
    dialect: Dialect, entity: str, selection: Selection, scope: Scope, now_us: int
) -> Statement:
    """Compile what is wanted of rows of *entity*.

    The keys of the rows are the last parameters. Each row of the result is the place
    of a key and a JSON text; keys whose row is absent or out of scope are missing.
    """
    return _Compiler(dialect, scope, now_us).statement(entity, selection)


class _Compiler:
    def __init__(self, dialect: Dialect, scope: Scope, now_us: int) -> None:
        self._dialect = dialect
        self._scope = scope
        self._now_us = now_us
        self._parameters: list[int] = []
        self._fixed: dict[str, str] = {}
        self._aliases = 0
        self._rows = 1

    def statement(self, name: str, selection: Selection) -> Statement:
        entity = ENTITIES[name]
        row = _Row(entity, self._alias())
        text = self._object(row, selection)
        conditions = self._scoped(entity, row.alias)
        width = len(entity.key)
        keys, columns = self._dialect.keys(len(self._parameters) + 1, width)
        found = [
            f"{row.alias}.{column} = {key}"
            for column, key in zip(entity.key, columns, strict=True)
        ]
        source = " ".join([self._fill(entity.source, row.alias), *row.joins])
        sql = (
            f"SELECT k.place, {text} FROM {keys} CROSS JOIN {source} "
            f"WHERE {' AND '.join([*found, *conditions])}"
        )
        return Statement(sql, tuple(self._parameters), self._rows)

    def _object(self, row: _Row, selection: Selection, *first: str) -> str:
        """Return the text of a JSON object."""
        if not selection.variants:
            parts = [*first, *(self._field(row, one) for one in selection.fields)]
            return _braces(parts)
        column = f"{row.alias}.{row.entity.discriminator}"
        cases, otherwise = [], "'null'"
        for variant in selection.variants:
            kind = f'\'"{TYPE}":"{_checked(variant.name)}"\''
            parts = [kind, *first, *(self._field(row, one) for one in variant.fields)]
            if variant.value is None:
                otherwise = _braces(parts)
            else:
                value = _checked(variant.value)
                cases.append(f"WHEN '{value}' THEN {_braces(parts)}")
        if not cases:
            return otherwise
        return f"CASE {column} {' '.join(cases)} ELSE {otherwise} END"

    def _field(self, row: _Row, wanted: Field) -> str:
        match wanted:
            case Leaf():
                value = self._leaf(row, wanted)
            case Same():
                value = self._same(row, wanted)
            case Branch():
                relation = row.entity.relations[wanted.relation]
                if relation.is_many:
                    value = self._list(row, relation, wanted)
                else:
                    value = self._joined(row, relation, wanted)
            case _:
                assert_never(wanted)
        return f"'\"{_checked(wanted.key)}\":' || {value}"

    def _leaf(self, row: _Row, leaf: Leaf) -> str:
        attribute = row.entity.attributes[leaf.attribute]
        if isinstance(attribute, Id):
            return self._dialect.global_id(attribute, row.alias)
        sql, dialect = self._fill(attribute.sql, row.alias), self._dialect
        if attribute.form is Form.DOCUMENT:
            return dialect.document(sql, tuple(_checked(step) for step in leaf.path))
        if attribute.form is Form.ELEMENT:
            sql = dialect.element(f"{row.alias}e", int(attribute.sql))
        spell = {
            Form.TEXT: dialect.text,
            Form.INTEGER: dialect.number,
            Form.BOOLEAN: dialect.boolean,
            Form.INSTANT: dialect.instant,
            Form.ELEMENT: dialect.number,
        }
        return spell[attribute.form](sql)

    def _same(self, row: _Row, same: Same) -> str:
        value = self._object(row, same.selection)
        if not same.unless_null:
            return value
        attribute = row.entity.attributes[same.unless_null]
        if not isinstance(attribute, Attribute):
            raise TypeError("an id is never null")
        sql = self._fill(attribute.sql, row.alias)
        return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {value} END"

    def _joined(self, row: _Row, relation: Relation, branch: Branch) -> str:
        """Join the one row; a row that several fields want is joined once."""
        target = row.joined.get(branch.relation)
        if target is None:
            target = _Row(ENTITIES[relation.entity], self._alias(), row.joins)
            source = self._fill(target.entity.source, target.alias, row.alias)
            on = self._fill(relation.on, target.alias, row.alias)
            row.joins.append(f"LEFT JOIN {source} ON {on}")
            row.joined[branch.relation] = target
        value = self._object(target, branch.selection)
        key = f"{target.alias}.{target.entity.key[0]}"
        return f"CASE WHEN {key} IS NULL THEN 'null' ELSE {value} END"

    def _list(self, row: _Row, relation: Relation, branch: Branch) -> str:
        entity = ENTITIES[relation.entity]
        target = _Row(entity, self._alias())
        order = f"{target.alias}.{relation.order}"
        first: tuple[str, ...] = ()
        if branch.page is not None:
            first = (f"'\"{CURSOR}\":' || {self._dialect.number(order)}",)
        outer, self._rows = self._rows, 1
        text = self._object(target, branch.selection, *first)
        inner = self._rows
        source = self._fill(relation.source or entity.source, target.alias, row.alias)
        conditions = [self._fill(relation.on, target.alias, row.alias)]
        conditions += self._scoped(entity, target.alias)
        limit = ""
        if branch.page is not None:
            limit = self._limit(relation, branch.page, order, conditions)
        self._rows = outer + inner * (branch.page.first if branch.page else 10)
        found = " AND ".join(one for one in conditions if one)
        where = f" WHERE {found}" if found else ""
        direction = "DESC" if relation.descending else "ASC"
        rows = (
            f"SELECT {text} AS j FROM {' '.join([source, *target.joins])}{where} "
            f"ORDER BY {order} {direction}{limit}"
        )
        joined = self._dialect.join("x.j")
        return f"coalesce((SELECT '[' || {joined} || ']' FROM ({rows}) x), '[]')"

    def _limit(
        self, relation: Relation, page: Page, order: str, conditions: list[str]
    ) -> str:
        """Add the cursor's condition; one row more tells whether others follow."""
        if page.after is not None:
            sign = "<" if relation.descending else ">"
            conditions.append(f"{order} {sign} {self._parameter(page.after)}")
        return f" LIMIT {self._parameter(page.first + 1)}"

    def _scoped(self, entity: Entity, alias: str) -> list[str]:
        conditions = [entity.program_scope]
        if self._scope.holder_id is not None:
            conditions.append(entity.holder_scope)
        return [self._fill(one, alias) for one in conditions if one]

    def _fill(self, template: str, alias: str, parent: str = "") -> str:
        sql = template.replace("{t}", alias).replace("{p}", parent)
        if "{each:" in sql:
            each = self._dialect.each(f"{parent}.balances", f"{alias}e")
            element = self._dialect.element(f"{alias}e", 0)
            sql = sql.replace("{each:balances}", each).replace("{element:0}", element)
        for name, value in (
            ("now", self._now_us),
            ("program", self._scope.program_id),
            ("holder", self._scope.holder_id),
        ):
            if f"{{{name}}}" in sql and value is not None:
                if name not in self._fixed:
                    self._fixed[name] = self._parameter(value)
                sql = sql.replace(f"{{{name}}}", self._fixed[name])
        return sql

    def _parameter(self, value: int) -> str:
        self._parameters.append(value)
        return self._dialect.parameter(len(self._parameters))

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"


def _braces(parts: list[str]) -> str:
    inside = " || ',' || ".join(parts) or "''"
    return f"'{{' || {inside} || '}}'"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name: {name!r}")
    return name
