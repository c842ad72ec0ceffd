"""Runs GraphQL documents: parse, limit, validate, execute.

The transports are ours and so is this: graphql-core runs the schema that Strawberry
built. `schema._schema` is the one private name of Strawberry that we rely on.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute,
    parse,
    subscribe,
    validate,
)

from core.settings import Settings
from gateway.codes import Code
from gateway.context import Context
from gateway.document_cache import DocumentCache
from gateway.errors import MAX_ERRORS, present, present_all
from gateway.limits.cost import Price, price_of
from gateway.limits.documents import check_limits
from gateway.limits.refusals import LimitExceededError, require

_TOO_MANY = "contains more than"
_TOO_DEEP = "nested too deeply"

Answer = dict[str, Any]
"""A response as GraphQL defines it: `data`, `errors`, or both."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks for: a document, or the name of a persisted one."""

    query: str | None
    name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    languages: tuple[str, ...] = ()
    """Tags of those that the client prefers, in their order."""

    @property
    def is_blank(self) -> bool:
        """Tell whether it has no document, and names none."""
        is_named = self.document_id is not None or "persistedQuery" in (
            self.extensions or {}
        )
        return not is_named and not (self.query or "").strip()


class RequestRefusedError(Exception):
    """An operation that cannot be run; nothing was.

    Attributes:
        errors: as clients are told.
        retry_after_s: when it would be let in, where that is why.
    """

    def __init__(
        self, errors: list[dict[str, Any]], retry_after_s: float | None = None
    ) -> None:
        super().__init__(errors)
        self.errors = errors
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, its operations and what they cost, by name."""

    document: DocumentNode
    operations: dict[str | None, OperationDefinitionNode]
    prices: dict[str | None, Price]

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
            raise RequestRefusedError(
                [present(error, Code.OPERATION_RESOLUTION_FAILURE)]
            )
        return self.operations[name]

    def price(self, name: str | None) -> Price:
        """Return what the operation that `choose` returns costs.

        Raises:
            RequestRefusedError: as `choose`.
        """
        chosen = self.choose(name)
        return self.prices[chosen.name.value if chosen.name else None]


class Executor:
    """Runs operations on one schema."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001
        self._settings = settings
        self._known: DocumentCache[Prepared | RequestRefusedError] = DocumentCache(
            settings.cached_documents, settings.cached_document_bytes
        )
        self._persisted: dict[str, Prepared] = {}

    @property
    def schema(self) -> GraphQLSchema:
        """Return the schema that operations run on."""
        return self._schema

    @property
    def persisted_names(self) -> set[str]:
        """Return the names of operations in persisted documents."""
        made = self._persisted.values()
        return {name for one in made for name in one.operations if name}

    def persist(self, documents: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        """Prepare documents for good; they are never forgotten.

        Args:
            documents: by id.

        Returns:
            The errors of those that cannot run, by id.
        """
        wrong = {}
        for name, text in documents.items():
            made = self._make(text)
            if isinstance(made, Prepared):
                self._persisted[text] = made
            else:
                wrong[name] = made.errors
        return wrong

    def prepare(self, query: str) -> Prepared:
        """Parse, limit and validate a document; what comes of it is remembered.

        Raises:
            RequestRefusedError: says why it cannot run.
        """
        made = self._persisted.get(query)
        if made is None:
            size = len(query.encode(errors="replace"))
            try:
                require("document bytes", size, self._settings.max_document_bytes)
            except LimitExceededError as error:
                raise RequestRefusedError([present(error)]) from None
            known = self._known.get(query, self._make)
            if isinstance(known, RequestRefusedError):
                raise RequestRefusedError(known.errors)
            made = known
        return made

    def _make(self, query: str) -> Prepared | RequestRefusedError:
        try:
            document = self._parse(query)
            check_limits(document, self._settings)
        except GraphQLError as error:
            return RequestRefusedError([present(error)])
        errors = validate(
            self._schema, document, max_errors=MAX_ERRORS, hide_suggestions=True
        )
        if errors:
            told = present_all(errors, Code.GRAPHQL_VALIDATION_FAILED)
            return RequestRefusedError(told)
        operations = _operations(document)
        prices = {
            name: price_of(self._schema, document, one)
            for name, one in operations.items()
        }
        return Prepared(document, operations, prices)

    def _parse(self, query: str) -> DocumentNode:
        """Parse a document; the parser stops where a limit is exceeded.

        Raises:
            GraphQLError: it cannot be parsed.
        """
        most = self._settings.max_tokens
        try:
            return parse(query, max_tokens=most, max_comments=most)
        except GraphQLSyntaxError as error:
            if _TOO_MANY in error.message:
                raise LimitExceededError("tokens", most + 1, most) from None
            if _TOO_DEEP not in error.message:
                raise
        raise LimitExceededError(
            "depth", self._settings.max_depth + 1, self._settings.max_depth
        )

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

    async def subscribe(
        self, prepared: Prepared, operation: Operation, context: Context
    ) -> AsyncGenerator[Answer]:
        """Begin a subscription, and return its answers, one for each event.

        Raises:
            RequestRefusedError: it cannot begin. The stream raises it if it cannot go
                on.
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
                present_all(source.errors or (), Code.BAD_USER_INPUT)
            )
        return _answers(source)


def _operations(document: DocumentNode) -> dict[str | None, OperationDefinitionNode]:
    return {
        one.name.value if one.name else None: one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    }


async def _answers(source: Any) -> AsyncGenerator[Answer]:
    try:
        async for result in source:
            yield _answer(result)
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except Exception as error:
        raise RequestRefusedError([present(error)]) from error
    finally:
        await source.aclose()


def _answer(result: ExecutionResult) -> Answer:
    if not result.errors:
        return {"data": result.data}
    errors = present_all(result.errors, Code.BAD_USER_INPUT)
    if result.data is None and all(error.path is None for error in result.errors):
        return {"errors": errors}  # nothing was run: variables that do not fit
    return {"errors": errors, "data": result.data}
