"""Settings: one frozen dataclass, read from `GUERDON_*` variables.

A field is a setting; its default and its help are given where it stands. A variable
that names no setting is an error, so a misspelled one cannot be ignored silently.
Variables of plugins are read with the plugins, and misspelled ones refused there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from core.errors import ConfigurationError

PREFIX = "GUERDON_"
PLUGIN_PREFIX = "GUERDON_PLUGIN_"


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    database_url: str = _setting(
        "sqlite:///guerdon.db", "sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
    host: str = _setting("127.0.0.1", "address that the gateway listens on")
    port: int = _setting(8000, "port that the gateway listens on")
    max_body_bytes: int = _setting(262_144, "largest request body and message")
    max_depth: int = _setting(12, "deepest nesting of an operation")
    max_aliases: int = _setting(30, "most aliases in an operation")
    max_fields: int = _setting(400, "most fields after fragments are expanded")
    max_page_size: int = _setting(100, "most items in a page")
    max_operations: int = _setting(5, "most operations in a document")
    max_socket_operations: int = _setting(50, "most operations of one socket at once")
    plugin_deadline_ms: int = _setting(5_000, "longest answer of a plugin")
    plugin_calls: int = _setting(16, "most calls of one plugin at once")
    plugin_faults: int = _setting(5, "faults in a row until a plugin is left alone")
    plugin_pause_ms: int = _setting(
        15_000, "how long it is left alone at first, before one call tries it again"
    )
    quote_valid_ms: int = _setting(900_000, "how long a quote can be redeemed")
    recovery_interval_ms: int = _setting(
        1_000, "pause between looks for unfinished redemptions; 0 switches them off"
    )
    sweep_interval_ms: int = _setting(
        1_000, "pause between looks for points that are due; 0 switches them off"
    )
    ledger_lanes: int = _setting(4, "connections that post at once (PostgreSQL)")
    ledger_queue: int = _setting(10_000, "commands that may wait before BUSY")
    ledger_wait_ms: int = _setting(5_000, "longest wait of a command before BUSY")
    read_connections: int = _setting(8, "connections for reads (PostgreSQL)")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable names no setting or has a wrong value.
        """
        known = {PREFIX + one.name.upper(): one for one in fields(cls)}
        values: dict[str, Any] = {}
        for variable, text in environment.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in known:
                if variable.startswith(PLUGIN_PREFIX):
                    continue
                raise ConfigurationError(
                    f"{variable} is not a setting; there are {', '.join(sorted(known))}"
                )
            setting = known[variable]
            values[setting.name] = _read(variable, text, type(setting.default))
        return cls(**values)


def _read(variable: str, text: str, kind: type) -> Any:
    if kind is not int:
        return text
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise ConfigurationError(f"{variable} must be a whole number, not {text!r}")
    return number
