"""What PostgreSQL and SQLite spell differently. Both produce the same JSON text."""

from abc import ABC, abstractmethod

from core.ids import PREFIXES
from core.reads.model import Id


class Dialect(ABC):
    """Spells values as JSON text; no result is ever null."""

    @abstractmethod
    def parameter(self, number: int, *, text: bool = False) -> str:
        """Refer to a parameter: a whole number, or a text."""

    @abstractmethod
    def text(self, sql: str) -> str:
        """Quote a text."""

    @abstractmethod
    def instant(self, sql: str) -> str:
        """Spell microseconds as RFC 3339 in UTC with milliseconds."""

    @abstractmethod
    def document(self, sql: str) -> str:
        """Return a JSON text as it is."""

    @abstractmethod
    def member_text(self, sql: str, name: str) -> str:
        """Return the JSON text of a member of a JSON text; null if it is absent."""

    @abstractmethod
    def translation(self, sql: str, tag: str) -> str:
        """Return the text under a tag of a JSON object; null if there is none."""

    @abstractmethod
    def items(self, sql: str, alias: str) -> str:
        """Make rows of the items of a JSON array, `alias.item`, in order."""

    @abstractmethod
    def each(self, sql: str, alias: str) -> str:
        """Make rows of a JSON array."""

    @abstractmethod
    def element(self, alias: str, place: int) -> str:
        """Return a whole number at *place* of an array that `each` gave."""

    @abstractmethod
    def member(self, sql: str, name: str) -> str:
        """Return a whole number of a JSON object, 0 if it is absent."""

    @abstractmethod
    def hex(self, sql: str, width: int) -> str:
        """Spell a whole number in hexadecimal, filled with zeros up to *width*."""

    @abstractmethod
    def join(self, sql: str) -> str:
        """Join texts of several rows with commas."""

    @abstractmethod
    def keys(self, number: int, width: int) -> tuple[str, tuple[str, ...]]:
        """Return the FROM item `k` of the keys asked for, and its columns."""

    def number(self, sql: str) -> str:
        """Spell a whole number."""
        return f"coalesce(CAST({sql} AS text), 'null')"

    def boolean(self, sql: str) -> str:
        """Spell a truth value."""
        return (
            f"CASE WHEN {sql} THEN 'true' WHEN NOT {sql} THEN 'false' ELSE 'null' END"
        )

    def global_id(self, attribute: Id, alias: str) -> str:
        """Spell a global id as `core.ids.encode` does."""
        first, *rest = (f"{alias}.{column}" for column in attribute.columns)
        parts = [self.hex(first, 16), *(self.hex(column, 0) for column in rest)]
        joined = " || '_' || ".join(parts)
        return f"'\"{PREFIXES[attribute.entity]}_' || {joined} || '\"'"


class Postgres(Dialect):
    """PostgreSQL 15 and newer."""

    def parameter(self, number: int, *, text: bool = False) -> str:
        return f"${number}::{'text' if text else 'bigint'}"

    def text(self, sql: str) -> str:
        return f"coalesce(to_json(({sql})::text)::text, 'null')"

    def instant(self, sql: str) -> str:
        moment = f"timestamp 'epoch' + ({sql} / 1000) * interval '1 millisecond'"
        form = '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\''
        return f"coalesce('\"' || to_char({moment}, {form}) || '\"', 'null')"

    def document(self, sql: str) -> str:
        return f"coalesce(({sql})::json::text, 'null')"

    def member_text(self, sql: str, name: str) -> str:
        return f"(({sql})::json -> '{name}')::text"

    def translation(self, sql: str, tag: str) -> str:
        return f"(({sql})::json ->> {tag})"

    def items(self, sql: str, alias: str) -> str:
        return (
            f"(SELECT CAST(value AS text) AS item FROM json_array_elements(({sql})"
            f"::json) WITH ORDINALITY AS e(value, place) ORDER BY place) {alias}"
        )

    def each(self, sql: str, alias: str) -> str:
        return f"json_array_elements(({sql})::json) AS {alias}(value)"

    def element(self, alias: str, place: int) -> str:
        return f"CAST({alias}.value ->> {place} AS bigint)"

    def member(self, sql: str, name: str) -> str:
        return f"coalesce(CAST(({sql})::json ->> '{name}' AS bigint), 0)"

    def hex(self, sql: str, width: int) -> str:
        return f"lpad(to_hex({sql}), {width}, '0')" if width else f"to_hex({sql})"

    def join(self, sql: str) -> str:
        return f"string_agg({sql}, ',')"

    def keys(self, number: int, width: int) -> tuple[str, tuple[str, ...]]:
        columns = tuple(f"k{place}" for place in range(width))
        arrays = ", ".join(f"${number + place}::bigint[]" for place in range(width))
        names = ", ".join((*columns, "place"))
        source = f"unnest({arrays}) WITH ORDINALITY AS k({names})"
        return source, tuple(f"k.{column}" for column in columns)


class Sqlite(Dialect):
    """SQLite 3.40 and newer."""

    def parameter(self, number: int, *, text: bool = False) -> str:
        return f"${number}"

    def text(self, sql: str) -> str:
        return f"json_quote({sql})"

    def instant(self, sql: str) -> str:
        day = f"strftime('%Y-%m-%dT%H:%M:%S', {sql} / 1000000, 'unixepoch')"
        milliseconds = f"printf('.%03dZ', ({sql} / 1000) % 1000)"
        return f"coalesce('\"' || {day} || {milliseconds} || '\"', 'null')"

    def document(self, sql: str) -> str:
        return f"coalesce({sql} -> '$', 'null')"

    def member_text(self, sql: str, name: str) -> str:
        return f"({sql} -> '$.\"{name}\"')"

    def translation(self, sql: str, tag: str) -> str:
        return f"json_extract({sql}, '$.\"' || {tag} || '\"')"

    def items(self, sql: str, alias: str) -> str:
        return f"(SELECT value AS item FROM json_each({sql}) ORDER BY key) {alias}"

    def each(self, sql: str, alias: str) -> str:
        return f"json_each({sql}) AS {alias}"

    def element(self, alias: str, place: int) -> str:
        return f"json_extract({alias}.value, '$[{place}]')"

    def member(self, sql: str, name: str) -> str:
        return f"coalesce(json_extract({sql}, '$.{name}'), 0)"

    def hex(self, sql: str, width: int) -> str:
        return f"printf('%0{width}x', {sql})" if width else f"printf('%x', {sql})"

    def join(self, sql: str) -> str:
        return f"group_concat({sql}, ',')"

    def keys(self, number: int, width: int) -> tuple[str, tuple[str, ...]]:
        source = f"(SELECT key AS place, value FROM json_each(${number})) AS k"
        return source, tuple(
            f"json_extract(k.value, '$[{place}]')" for place in range(width)
        )


DIALECTS: dict[str, Dialect] = {"postgresql": Postgres(), "sqlite": Sqlite()}
"""By the name that a database gives."""
