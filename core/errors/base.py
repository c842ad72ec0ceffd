"""The root of the tree, and errors of the request itself."""

from typing import ClassVar


class GuerdonError(Exception):
    """Base class of every error the core raises on purpose."""

    code: ClassVar[str]
    """Stable name for machines; never changed, never reused."""


class InvalidInputError(GuerdonError):
    """A value that could never be accepted; nothing was looked up or stored."""

    code = "BAD_USER_INPUT"

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class CursorAheadError(GuerdonError):
    """A cursor names what this database does not have, as after a restore.

    Read the present state and go on from there.
    """

    code = "CURSOR_AHEAD"

    def __init__(self) -> None:
        super().__init__("the cursor is ahead of this database; begin without it")


class ConfigurationError(GuerdonError):
    """Settings or a program definition are wrong; says what to change."""

    code = "CONFIGURATION_INVALID"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ForbiddenError(GuerdonError):
    """The caller's role does not allow this; nothing was looked up."""

    code = "FORBIDDEN"

    def __init__(self, *, scope: str) -> None:
        super().__init__(f"needs the scope {scope}")
        self.scope = scope


class DamagedFileError(GuerdonError):
    """A file is not as the export wrote it; nothing was restored."""

    code = "FILE_DAMAGED"

    def __init__(self, *, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class DatabaseNotEmptyError(GuerdonError):
    """A restore needs an empty database; nothing was changed."""

    code = "DATABASE_NOT_EMPTY"

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"the database is not empty: there are rows in {table!r}; restore into "
            "one that was just made"
        )
        self.table = table
