"""Runs GraphQL documents: parse, limit, validate, execute.

The transports are ours and so is this: graphql-core runs the schema that Strawberry
built. `schema._schema` is the one private name of Strawberry that we rely on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    subscribe,
    validate,
)

from core.settings import Settings
from gateway.context import Context
from gateway.errors import present, present_all
from gateway.limits import check_limits

MAX_TOKENS = 2_000
MAX_ERRORS = 20
_CACHED_DOCUMENTS = 512

Answer = dict[str, Any]
"""A response as GraphQL defines it: `data`, `errors`, or both."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks for."""

    query: str
    name: str | None = None
    variables: dict[str, Any] | None = None


class RequestRefusedError(Exception):
    """A document that cannot be run; nothing was."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, and its operations by name."""

    document: DocumentNode
    operations: dict[str | None, OperationDefinitionNode]

    def choose(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run.

        Raises:
            RequestRefusedError: there is none such, or several and no name.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name not in self.operations:
            reason = (
                "name one of its operations" if name is None else "no such operation"
            )
            error = GraphQLError(f"operationName: {reason}")
            raise RequestRefusedError([present(error, "OPERATION_RESOLUTION_FAILURE")])
        return self.operations[name]


class Executor:
    """Runs operations on one schema."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001
        self._settings = settings
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()

    def prepare(self, query: str) -> Prepared:
        """Parse, limit and validate a document; what is good is remembered.

        Raises:
            RequestRefusedError: says why it cannot run.
        """
        known = self._prepared.get(query)
        if known is not None:
            self._prepared.move_to_end(query)
            return known
        try:
            document = parse(query, max_tokens=MAX_TOKENS)
            check_limits(document, self._settings)
        except RecursionError:
            error = GraphQLError("the document is nested too deeply")
            raise RequestRefusedError([present(error, "LIMIT_EXCEEDED")]) from None
        except GraphQLError as error:
            raise RequestRefusedError([present(error)]) from None
        errors = validate(
            self._schema, document, max_errors=MAX_ERRORS, hide_suggestions=True
        )
        if errors:
            raise RequestRefusedError(present_all(errors, "GRAPHQL_VALIDATION_FAILED"))
        prepared = Prepared(document, _operations(document))
        self._prepared[query] = prepared
        if len(self._prepared) > _CACHED_DOCUMENTS:
            self._prepared.popitem(last=False)
        return prepared

    async def run(
        self, prepared: Prepared, operation: Operation, context: Context
    ) -> Answer:
        """Run a query or mutation."""
        result = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.name,
            hide_suggestions=True,
        )
        if isawaitable(result):
            result = await result
        return _answer(result)

    async def stream(
        self, prepared: Prepared, operation: Operation, context: Context
    ) -> AsyncGenerator[Answer]:
        """Run a subscription; each event is an answer.

        Raises:
            RequestRefusedError: it cannot begin, or cannot go on.
        """
        source: Any = subscribe(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.name,
            hide_suggestions=True,
        )
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            raise RequestRefusedError(
                present_all(source.errors or (), "BAD_USER_INPUT")
            )
        try:
            async for result in source:
                yield _answer(result)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except Exception as error:
            raise RequestRefusedError([present(error)]) from error
        finally:
            await source.aclose()


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Tell whether an operation is a subscription."""
    return operation.operation is OperationType.SUBSCRIPTION


def _operations(document: DocumentNode) -> dict[str | None, OperationDefinitionNode]:
    return {
        one.name.value if one.name else None: one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    }


def _answer(result: ExecutionResult) -> Answer:
    if not result.errors:
        return {"data": result.data}
    errors = present_all(result.errors[:MAX_ERRORS], "BAD_USER_INPUT")
    if result.data is None and all(error.path is None for error in result.errors):
        return {"errors": errors}  # nothing was run: variables that do not fit
    return {"errors": errors, "data": result.data}
