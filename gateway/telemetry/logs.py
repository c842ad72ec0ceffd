"""The log: one line for each operation, JSON for machines or text for terminals.

What an exception says may hold a key, a name or a variable, so no line has it: the type
and the places that it came through are enough to find it.
"""

import logging
import sys
from types import TracebackType
from typing import Any, TextIO, TypeAlias

from pythonjsonlogger.orjson import OrjsonFormatter

from core.errors import ConfigurationError
from core.extension.traces import places
from core.settings import Settings
from gateway.telemetry.record import REQUEST_ID

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_FORMATS = ("auto", "json", "text")
_MOST_CAUSES = 5
_TEXT = "%(asctime)s %(levelname)-7s %(message)s"

_Error: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send the log of this process to *stream*, by default the standard error.

    Raises:
        ConfigurationError: a level or a format that is not known.
    """
    stream = stream or sys.stderr
    level = settings.log_level.upper()
    if level not in _LEVELS:
        raise ConfigurationError(f"GUERDON_LOG_LEVEL: one of {', '.join(_LEVELS)}")
    if settings.log_format not in _FORMATS:
        raise ConfigurationError(f"GUERDON_LOG_FORMAT: one of {', '.join(_FORMATS)}")
    is_text = settings.log_format == "text" or (
        settings.log_format == "auto" and stream.isatty()
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextFormatter(_TEXT) if is_text else JsonFormatter())
    handler.addFilter(_with_request_id)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn.error", "asyncio", "alembic"):  # they tell of daily things
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Discreet(logging.Formatter):
    """Tells of an exception what it is and where it came from, not what it says."""

    def formatException(self, ei: _Error) -> str:  # noqa: N802  (of the library)
        """Return the types and places of an error and of its causes."""
        told: list[str] = []
        error = ei[1]
        while error is not None and len(told) < _MOST_CAUSES:
            told.append(places(error))
            error = error.__cause__ or (
                None if error.__suppress_context__ else error.__context__
            )
        return "\nbecause of ".join(told)


class TextFormatter(_Discreet):
    """One line for people, with the id of the request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = super().format(record)
        request_id = getattr(record, "request_id", "")
        return f"{line} [{request_id}]" if request_id else line


class JsonFormatter(_Discreet, OrjsonFormatter):
    """One JSON object for machines, with all that was said apart."""

    def __init__(self, **options: Any) -> None:
        OrjsonFormatter.__init__(
            self,
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            **options,
        )


def _with_request_id(record: logging.LogRecord) -> bool:
    request_id = REQUEST_ID.get()
    if request_id:
        record.request_id = request_id
    return True
