"""Faults of plugins, and of what is not there now."""

from core.errors.base import GuerdonError


class PluginError(GuerdonError):
    """A plugin is at fault, never the caller."""


class PluginLoadError(PluginError):
    """A plugin cannot be loaded; the start stops here."""

    code = "PLUGIN_LOAD_FAILED"

    def __init__(self, *, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r}: {reason}")
        self.plugin = plugin
        self.reason = reason


class PluginFailedError(PluginError):
    """A plugin raised, or answered against its contract; nothing was changed."""

    code = "PLUGIN_FAILED"

    def __init__(self, *, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r}: {reason}")
        self.plugin = plugin
        self.reason = reason


class UnavailableError(GuerdonError):
    """Not now; the same request with the same key is safe to repeat."""


class BusyError(UnavailableError):
    """Too much is waiting; nothing was begun."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("too many requests are waiting; try again")


class DatabaseUnreachableError(UnavailableError):
    """The database cannot be opened."""

    code = "DATABASE_UNREACHABLE"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the database cannot be opened: {reason}")
        self.reason = reason


class DatabaseFailedError(UnavailableError):
    """The database failed while something long was under way."""

    code = "DATABASE_FAILED"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the database failed meanwhile: {reason}; begin again")
        self.reason = reason


class OutcomeUnknownError(UnavailableError):
    """The database did not answer in time; it may or may not have happened."""

    code = "OUTCOME_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("the outcome is unknown; repeat with the same key")
