"""From a selection tree to one SQL statement that returns finished JSON text.

JSON is put together by concatenation, which both databases do alike and PostgreSQL does
faster than its own functions. To-one relations are joins, lists are correlated
subqueries with their limit inside. Names come from the model and from GraphQL's grammar
only; every value is a parameter.
"""

from dataclasses import dataclass
from typing import assert_never

from core.reads.dialects import Dialect
from core.reads.documents import braces, checked, member_of, stored
from core.reads.entities import ENTITIES
from core.reads.lists import Lists, Row, Wanted
from core.reads.model import Attribute, Form, Id, Relation
from core.reads.rights import has, require, values_of
from core.reads.selection import (
    CURSOR,
    TYPE,
    Branch,
    Count,
    DocumentLeaf,
    Field,
    Given,
    Leaf,
    Otherwise,
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
        fixed: dict[str, Value] = {"now": now_us, **values_of(scope)}
        self._dialect = dialect
        self._scope = scope
        self._filler = Filler(dialect, fixed)
        self._lists = Lists(self._filler, scope)
        self._aliases = 0
        self._rows = 1

    def statement(self, name: str, selection: Selection) -> Statement:
        entity = ENTITIES[name]
        row = Row(entity, self._alias())
        text = self._object(row, selection)
        conditions = self._lists.scoped(entity, row.alias)
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

    def _object(self, row: Row, selection: Selection, *first: str) -> str:
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

    def _versioned(self, row: Row, text: str, first: list[str], old: Otherwise) -> str:
        """Return *text* where the document has the version that was asked for."""
        document, version = self._document(row, old.document)
        rest = [self._field(row, one) for one in old.fields]
        parts = [*first, stored(self._dialect, document, version), *rest]
        is_present = f"{version} = {int(old.version)}"
        return f"CASE WHEN {is_present} THEN {text} ELSE {braces(parts)} END"

    def _document(self, row: Row, name: str) -> tuple[str, str]:
        """Return a document and its version."""
        attribute = row.entity.attributes[name]
        if isinstance(attribute, Id) or attribute.form is not Form.DOCUMENT:
            raise TypeError(f"{name} is no document")
        version = self._fill(attribute.version, row.alias, given=row.given)
        return self._value(row, attribute), version

    def _field(self, row: Row, wanted: Field) -> str:
        match wanted:
            case Leaf():
                value = self._leaf(row, wanted)
            case DocumentLeaf():
                document, _ = self._document(row, wanted.attribute)
                value = member_of(self._filler, document, wanted.member)
            case Same():
                value = self._same(row, wanted)
            case Count():
                value = self._count(row, wanted)
            case Branch():
                relation = row.entity.relations[wanted.relation]
                require(relation.needs, self._scope)
                if relation.is_many:
                    value = self._list(row, relation, wanted)
                else:
                    value = self._joined(row, relation, wanted)
            case _:
                assert_never(wanted)
        return f"'\"{checked(wanted.key)}\":' || {value}"

    def _leaf(self, row: Row, leaf: Leaf) -> str:
        attribute = row.entity.attributes[leaf.attribute]
        if isinstance(attribute, Id):
            return self._dialect.global_id(attribute, row.alias)
        if not has(attribute.needs, self._scope):
            return "'null'"
        sql, dialect = self._value(row, attribute), self._dialect
        if attribute.translations and leaf.languages:
            sql = self._translated(row, attribute, sql, leaf.languages)
        spell = {
            Form.DOCUMENT: dialect.document,
            Form.TEXT: dialect.text,
            Form.INTEGER: dialect.number,
            Form.BOOLEAN: dialect.boolean,
            Form.INSTANT: dialect.instant,
        }
        return spell[attribute.form](sql)

    def _translated(
        self, row: Row, attribute: Attribute, text: str, languages: tuple[str, ...]
    ) -> str:
        """Return the first translation that there is, or else *text*."""
        source = self._fill(attribute.translations, row.alias)
        found = [
            self._dialect.translation(source, self._fill("{language}", "", given=given))
            for given in ({"language": one} for one in languages)
        ]
        return f"coalesce({', '.join([*found, text])})"

    def _value(self, row: Row, attribute: Attribute) -> str:
        return self._fill(attribute.sql, row.alias, given=row.given)

    def _same(self, row: Row, same: Same) -> str:
        seen = row
        if same.entity or same.given:
            entity = ENTITIES[same.entity] if same.entity else row.entity
            seen = row.seen_as(entity, same.given)
        value = self._object(seen, same.selection)
        if not same.unless_null:
            return value
        attribute = row.entity.attributes[same.unless_null]
        if not isinstance(attribute, Attribute):
            raise TypeError("an id is never null")
        sql = self._value(row, attribute)
        return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {value} END"

    def _joined(self, row: Row, relation: Relation, branch: Branch) -> str:
        """Join the one row; a row that several fields want is joined once."""
        target = row.joined.get(branch.relation)
        if target is None:
            target = Row(ENTITIES[relation.entity], self._alias(), row.joins)
            source = self._fill(target.entity.source, target.alias, row.alias)
            on = self._fill(relation.on, target.alias, row.alias)
            row.joins.append(f"LEFT JOIN {source} ON {on}")
            row.joined[branch.relation] = target
        value = self._object(target, branch.selection)
        key = f"{target.alias}.{target.entity.key[0]}"
        return f"CASE WHEN {key} IS NULL THEN 'null' ELSE {value} END"

    def _list(self, row: Row, relation: Relation, branch: Branch) -> str:
        given = {**row.given, **branch.given}
        wanted = Wanted(relation, row.alias, branch.page, given)
        target = Row(ENTITIES[relation.entity], self._alias())
        first: tuple[str, ...] = ()
        if branch.page is not None:
            cursor = self._dialect.number(f"{target.alias}.{relation.order}")
            first = (f"'\"{CURSOR}\":' || {cursor}",)
        outer, self._rows = self._rows, 1
        text = self._object(target, branch.selection, *first)
        size = relation.rows if branch.page is None else branch.page.size
        self._rows = outer + self._rows * size
        rows = self._lists.selected(f"{text} AS j", wanted, target)
        joined = self._dialect.join("x.j")
        return f"coalesce((SELECT '[' || {joined} || ']' FROM ({rows}) x), '[]')"

    def _count(self, row: Row, count: Count) -> str:
        """Count rows, but no more than one beyond those wanted."""
        relation = row.entity.relations[count.relation]
        require(relation.needs, self._scope)
        given = {**row.given, **count.given}
        wanted = Wanted(relation, row.alias, count.page, given, count.is_inclusive)
        target = Row(ENTITIES[relation.entity], self._alias())
        self._rows += count.page.size
        rows = self._lists.selected("1 AS n", wanted, target)
        return self._dialect.number(f"(SELECT count(*) FROM ({rows}) x)")

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
