"""Reads what clients send: strict JSON, checked member by member."""

from typing import Any

import orjson

from gateway.execution import Operation


class MalformedError(Exception):
    """A request or message that is not of the form that the protocol wants."""


def read_json(data: bytes | str) -> Any:
    """Read strict JSON: UTF-8, no NaN, bounded nesting.

    Raises:
        MalformedError: it is not.
    """
    try:
        return orjson.loads(data)
    except (orjson.JSONDecodeError, UnicodeError, RecursionError):
        raise MalformedError("the body is not valid JSON") from None


def read_operation(values: Any) -> Operation:
    """Read a GraphQL request.

    Raises:
        MalformedError: says which member is wrong.
    """
    if not isinstance(values, dict):
        raise MalformedError("a request is a JSON object")
    query = values.get("query")
    if query is not None and not isinstance(query, str):
        raise MalformedError("query: must be a text with a document")
    document_id = values.get("documentId")
    if document_id is not None and not isinstance(document_id, str):
        raise MalformedError("documentId: must be a text")
    name = values.get("operationName")
    if name is not None and not isinstance(name, str):
        raise MalformedError("operationName: must be a text")
    variables = values.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise MalformedError("variables: must be an object")
    extensions = values.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise MalformedError("extensions: must be an object")
    operation = Operation(query, name or None, variables, extensions, document_id)
    if query is None and operation.is_blank:
        raise MalformedError("query: must be a text with a document")
    return operation
