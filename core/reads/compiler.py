"""From a selection tree to one SQL statement that returns finished JSON text.

JSON is put together by concatenation, which both databases do alike and PostgreSQL does
faster than its own functions. To-one relations are joins, lists are correlated
subqueries with their limit inside. Names come from the model and from GraphQL's grammar
only; every value is a parameter.
"""

from dataclasses import dataclass, field, replace
from typing import assert_never

from core.reads.dialects import Dialect
from core.reads.documents import braces, checked, member_of, stored
from core.reads.entities import ENTITIES
from core.reads.model import Attribute, Entity, Form, Id, Relation
from core.reads.selection import (
    CURSOR,
    TYPE,
    Branch,
    DocumentLeaf,
    Field,
    Given,
    Leaf,
    Otherwise,
    Page,
    Same,
    Scope,
    Selection,
)
from core.reads.templates import Filler, Value


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, its parameters but for the keys, and how many rows it may touch."""

    sql: str
    parameters: tuple[Value, ...]
    rows: int


@dataclass(slots=True)
class _Row:
    """A row that is being selected: its alias, and the joins that it needs."""

    entity: Entity
    alias: str
    joins: list[str] = field(default_factory=list)
    joined: dict[str, "_Row"] = field(default_factory=dict)
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _List:
    """A list that is being selected, whatever the alias of its rows."""

    relation: Relation
    parent: str
    page: Page | None
    given: Given

    @property
    def order(self) -> str:
        """Return the template of what the rows are ordered by."""
        backward = self.page is not None and self.page.backward
        direction = "DESC" if self.relation.descending != backward else "ASC"
        return f"{{t}}.{self.relation.order} {direction}"


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
        fixed: dict[str, Value] = {"now": now_us, "program": scope.program_id}
        if scope.holder_id is not None:
            fixed["holder"] = scope.holder_id
        self._dialect = dialect
        self._scope = scope
        self._filler = Filler(dialect, fixed)
        self._aliases = 0
        self._rows = 1

    def statement(self, name: str, selection: Selection) -> Statement:
        entity = ENTITIES[name]
        row = _Row(entity, self._alias())
        text = self._object(row, selection)
        conditions = self._scoped(entity, row.alias)
        width = len(entity.key)
        keys, columns = self._dialect.keys(len(self._filler.parameters) + 1, width)
        found = [
            f"{row.alias}.{column} = {key}"
            for column, key in zip(entity.key, columns, strict=True)
        ]
        source = " ".join([self._fill(entity.source, row.alias), *row.joins])
        sql = (
            f"SELECT k.place, {text} FROM {keys} CROSS JOIN {source} "
            f"WHERE {' AND '.join([*found, *conditions])}"
        )
        return Statement(sql, tuple(self._filler.parameters), self._rows)

    def _object(self, row: _Row, selection: Selection, *first: str) -> str:
        """Return the text of a JSON object."""
        if not selection.variants:
            parts = [*first, *(self._field(row, one) for one in selection.fields)]
            return braces(parts)
        cases, otherwise = [], "'null'"
        for variant in selection.variants:
            kind = f'\'"{TYPE}":"{checked(variant.name)}"\''
            parts = [kind, *first, *(self._field(row, one) for one in variant.fields)]
            text = braces(parts)
            if variant.otherwise is not None:
                text = self._versioned(row, text, [kind, *first], variant.otherwise)
            if variant.value is None:
                otherwise = text
            else:
                cases.append(f"WHEN '{checked(variant.value)}' THEN {text}")
        column = f"{row.alias}.{row.entity.discriminator}"
        which = f"CASE {column} {' '.join(cases)} ELSE {otherwise} END"
        return which if cases else otherwise

    def _versioned(self, row: _Row, text: str, first: list[str], old: Otherwise) -> str:
        """Return *text* where the document has the version that was asked for."""
        document, version = self._document(row, old.document)
        rest = [self._field(row, one) for one in old.fields]
        parts = [*first, stored(self._dialect, document, version), *rest]
        is_present = f"{version} = {int(old.version)}"
        return f"CASE WHEN {is_present} THEN {text} ELSE {braces(parts)} END"

    def _document(self, row: _Row, name: str) -> tuple[str, str]:
        """Return a document and its version."""
        attribute = row.entity.attributes[name]
        if isinstance(attribute, Id) or attribute.form is not Form.DOCUMENT:
            raise TypeError(f"{name} is no document")
        version = self._fill(attribute.version, row.alias, given=row.given)
        return self._value(row, attribute), version

    def _field(self, row: _Row, wanted: Field) -> str:
        match wanted:
            case Leaf():
                value = self._leaf(row, wanted)
            case DocumentLeaf():
                document, _ = self._document(row, wanted.attribute)
                value = member_of(self._filler, document, wanted.member)
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
        return f"'\"{checked(wanted.key)}\":' || {value}"

    def _leaf(self, row: _Row, leaf: Leaf) -> str:
        attribute = row.entity.attributes[leaf.attribute]
        if isinstance(attribute, Id):
            return self._dialect.global_id(attribute, row.alias)
        sql, dialect = self._value(row, attribute), self._dialect
        spell = {
            Form.DOCUMENT: dialect.document,
            Form.TEXT: dialect.text,
            Form.INTEGER: dialect.number,
            Form.BOOLEAN: dialect.boolean,
            Form.INSTANT: dialect.instant,
        }
        return spell[attribute.form](sql)

    def _value(self, row: _Row, attribute: Attribute) -> str:
        return self._fill(attribute.sql, row.alias, given=row.given)

    def _same(self, row: _Row, same: Same) -> str:
        seen = row
        if same.entity or same.given:
            entity = ENTITIES[same.entity] if same.entity else row.entity
            given = {**row.given, **same.given}
            seen = replace(row, entity=entity, joined={}, given=given)
        value = self._object(seen, same.selection)
        if not same.unless_null:
            return value
        attribute = row.entity.attributes[same.unless_null]
        if not isinstance(attribute, Attribute):
            raise TypeError("an id is never null")
        sql = self._value(row, attribute)
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
        wanted = _List(relation, row.alias, branch.page, {**row.given, **branch.given})
        target = _Row(ENTITIES[relation.entity], self._alias())
        first: tuple[str, ...] = ()
        if branch.page is not None:
            cursor = self._dialect.number(f"{target.alias}.{relation.order}")
            first = (f"'\"{CURSOR}\":' || {cursor}",)
        outer, self._rows = self._rows, 1
        text = self._object(target, branch.selection, *first)
        size = relation.rows if branch.page is None else branch.page.size
        self._rows = outer + self._rows * size
        rows = self._selected(f"{text} AS j", wanted, target)
        joined = self._dialect.join("x.j")
        return f"coalesce((SELECT '[' || {joined} || ']' FROM ({rows}) x), '[]')"

    def _selected(self, columns: str, wanted: _List, target: _Row) -> str:
        """Select the rows of a list."""
        alias = target.alias
        template = wanted.relation.source or target.entity.source
        source = self._fill(template, alias, wanted.parent, wanted.given)
        conditions = self._conditions(wanted, target)
        for name in wanted.relation.choices:
            if name in wanted.given:
                source = self._chosen(source, conditions, wanted, alias, name)
                conditions = []
        sql = f"SELECT {columns} FROM {' '.join([source, *target.joins])}"
        if conditions:
            sql += f" WHERE {' AND '.join(conditions)}"
        return f"{sql} {self._ordered(wanted, alias)}"

    def _chosen(
        self, source: str, conditions: list[str], wanted: _List, alias: str, name: str
    ) -> str:
        """Put together what is found for each of several values."""
        values = wanted.given[name]
        if not isinstance(values, tuple):
            raise TypeError(f"{name} is not several values")
        ordered = self._ordered(wanted, alias)
        found = []
        for value in values:
            condition = self._fill(wanted.relation.choices[name](value), alias)
            where = " AND ".join([*conditions, condition])
            found.append(
                f"SELECT * FROM (SELECT {alias}.* FROM {source} "
                f"WHERE {where} {ordered}) {alias}"
            )
        return f"({' UNION ALL '.join(found)}) {alias}"

    def _conditions(self, wanted: _List, target: _Row) -> list[str]:
        relation, page, given = wanted.relation, wanted.page, wanted.given
        conditions = [self._fill(relation.on, target.alias, wanted.parent, given)]
        conditions += [
            self._fill(template, target.alias, wanted.parent, given)
            for name, template in relation.filters.items()
            if name in given
        ]
        conditions += self._scoped(target.entity, target.alias)
        if page is not None:
            signs = "<>" if relation.descending else "><"
            conditions += [
                f"{target.alias}.{relation.order} {sign} {self._filler.parameter(key)}"
                for sign, key in zip(signs, (page.after, page.before), strict=True)
                if key is not None
            ]
        return [one for one in conditions if one]

    def _ordered(self, wanted: _List, alias: str) -> str:
        """Order, and limit; one row more tells whether others follow."""
        sql = f"ORDER BY {self._fill(wanted.order, alias)}"
        if wanted.page is not None:
            sql += f" LIMIT {self._filler.parameter(wanted.page.size + 1)}"
        return sql

    def _scoped(self, entity: Entity, alias: str) -> list[str]:
        conditions = [entity.program_scope]
        if self._scope.holder_id is not None:
            conditions.append(entity.holder_scope)
        return [self._fill(one, alias) for one in conditions if one]

    def _fill(
        self,
        template: str,
        alias: str,
        parent: str = "",
        given: Given | None = None,
    ) -> str:
        return self._filler.fill(template, alias, parent, given)

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"
