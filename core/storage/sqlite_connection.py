"""Connections to a SQLite file, and how statements are spelled there."""

import re
import sqlite3
from functools import lru_cache
from pathlib import Path

_BUSY_TIMEOUT_S = 5.0


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """Spell numbered parameters as SQLite does, so that fixed SQL is written once."""
    return re.sub(r"\$(\d+)", r"?\1", sql)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection that any thread may use, one at a time."""
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    return connection
