"""Codes of errors that the gateway itself finds; those of the core are its errors' own.

They are part of the public API: never changed, never reused. `docs/errors.md` says what
each means and what to do about it.
"""

from enum import StrEnum


class Code(StrEnum):
    """One kind of error."""

    # Of a request, before its operation is looked at: the status tells as well.
    BAD_REQUEST = "BAD_REQUEST"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    BODY_TOO_SLOW = "BODY_TOO_SLOW"
    CROSS_SITE_REQUEST = "CROSS_SITE_REQUEST"
    HEAD_TOO_LARGE = "HEAD_TOO_LARGE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"

    # Of a document, before anything runs. Apollo's names.
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_NOT_SUPPORTED = "OPERATION_NOT_SUPPORTED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_REQUIRED = "PERSISTED_QUERY_REQUIRED"
    BAD_USER_INPUT = "BAD_USER_INPUT"

    # Of limits.
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    OPERATION_TIMEOUT = "OPERATION_TIMEOUT"
    RATE_LIMITED = "RATE_LIMITED"

    # Of what nobody foresaw, and of what ends.
    GOING_AWAY = "GOING_AWAY"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"
    PLUGIN_FAILED = "PLUGIN_FAILED"
