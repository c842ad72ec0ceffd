"""From what went wrong to what a client is told: one place, for every transport.

Every error has `extensions.code`. What the core raises on purpose is told as it is;
what nobody foresaw is logged under an id, and the client is told the id alone.
"""

import logging
import secrets
from collections.abc import Iterable
from itertools import islice
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from core.engine import DATABASE_LOST
from core.errors import (
    BusyError,
    DatabaseFailedError,
    DatabaseUnreachableError,
    GuerdonError,
    OutcomeUnknownError,
    PluginError,
)
from gateway.codes import Code

MAX_MESSAGE = 300
"""Messages of coercion errors repeat the caller's value; they are cut here."""

MAX_ERRORS = 20
"""So many errors an answer has at most."""

_TEMPORARY = {
    one.code
    for one in (
        BusyError,
        DatabaseFailedError,
        DatabaseUnreachableError,
        OutcomeUnknownError,
    )
}

_log = logging.getLogger(__name__)


def coded(message: str, code: str) -> dict[str, Any]:
    """Return an error that has no place in a document."""
    return {"message": message, "extensions": {"code": code}}


def present_all(errors: Iterable[Exception], otherwise: str) -> list[dict[str, Any]]:
    """Return the first of *errors* as clients are told.

    Args:
        errors: what was raised.
        otherwise: code of a GraphQL error that carries none: what the present step,
            validation or execution, means by it.
    """
    return [present(error, otherwise) for error in islice(errors, MAX_ERRORS)]


def is_temporary(shown: dict[str, Any]) -> bool:
    """Tell whether what clients are told passes by itself."""
    return shown["extensions"]["code"] in _TEMPORARY


def present(error: Exception, otherwise: str = Code.BAD_USER_INPUT) -> dict[str, Any]:
    """Return one error as clients are told."""
    if not isinstance(error, GraphQLError):
        error = GraphQLError(str(error), original_error=error)
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    shown = error.formatted
    answer: dict[str, Any] = {"message": shown["message"][:MAX_MESSAGE]}
    for place in ("locations", "path"):
        if place in shown:
            answer[place] = shown[place]
    if isinstance(cause, GuerdonError) and not isinstance(cause, PluginError):
        answer["message"] = str(cause)[:MAX_MESSAGE]
        answer["extensions"] = {"code": cause.code}
    elif cause is not None:
        answer |= _masked(cause)
    else:
        answer["extensions"] = {"code": _code(error, otherwise)} | (
            error.extensions or {}
        )
    return answer


def _code(error: GraphQLError, otherwise: str) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return Code.GRAPHQL_PARSE_FAILED
    return otherwise


def _masked(cause: BaseException) -> dict[str, Any]:
    error_id = secrets.token_hex(8)
    _log.error("error %s", error_id, exc_info=cause)
    text = "Something went wrong; quote the error id when you report it."
    code: str = Code.INTERNAL_SERVER_ERROR
    if isinstance(cause, PluginError):
        code = Code.PLUGIN_FAILED
    elif isinstance(cause, DATABASE_LOST):
        code = DatabaseUnreachableError.code
        text = "There is no connection to the database; try again, with the same key."
    return {"message": text, "extensions": {"code": code, "errorId": error_id}}
