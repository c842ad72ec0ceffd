"""Column types that mean the same on PostgreSQL and on SQLite (STRICT tables)."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Dialect,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine, UserDefinedType


class _OnSqlite(TypeDecorator[Any]):
    """A type that becomes *sqlite_type* in a STRICT SQLite table."""

    sqlite_type: type[TypeEngine[Any]] = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by dialect."""
        if dialect.name == "sqlite":
            return self.sqlite_type()
        return self.impl_instance


class Big(_OnSqlite):
    """A 64-bit integer: ids, amounts in minor units, microseconds."""

    impl = BigInteger
    cache_ok = True


class Small(_OnSqlite):
    """A 16-bit integer: codes and ordinals."""

    impl = SmallInteger
    cache_ok = True


class Flag(_OnSqlite):
    """A boolean; 0 or 1 on SQLite."""

    impl = Boolean(create_constraint=False)
    cache_ok = True


class Bytes(_OnSqlite):
    """Raw bytes."""

    impl = LargeBinary
    sqlite_type = LargeBinary
    cache_ok = True


class Words(_OnSqlite):
    """Text of any length; JSON documents are kept as text, exactly as written."""

    impl = Text
    sqlite_type = Text
    cache_ok = True


class _Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type in DDL."""
        return "xid8"


PGDialect.ischema_names["xid8"] = _Xid8  # known when a schema is read back


class Feed(_OnSqlite):
    """Position in the feed of all holders.

    On PostgreSQL the id of the writing transaction, filled in by a default; on SQLite
    a counter that the one writer increments.
    """

    impl = _Xid8
    cache_ok = True


class feed_default(FunctionElement[int]):  # noqa: N801  (named like a SQL function)
    """What the database puts into a `Feed` column."""

    inherit_cache = True


@compiles(feed_default)
def _feed_default(*_: Any, **__: Any) -> str:
    return "pg_current_xact_id()"


@compiles(feed_default, "sqlite")
def _feed_default_on_sqlite(_: object, __: SQLCompiler, **___: Any) -> str:
    return "0"
