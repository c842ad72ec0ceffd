"""Every error has a code; what nobody foresaw is told by an id alone."""

import logging
from typing import Any

import asyncpg
import pytest
import sqlalchemy
from graphql import GraphQLError

from core import errors
from core.errors import UnavailableError
from gateway.errors import (
    MAX_ERRORS,
    MAX_MESSAGE,
    is_temporary,
    present,
    present_all,
)
from gateway.user_errors import SHOWN_AS, TYPES, UserError, user_error

TOP_LEVEL = {
    "BusyError",
    "ConfigurationError",
    "CursorAheadError",
    "DamagedFileError",
    "DatabaseFailedError",
    "DatabaseNotEmptyError",
    "DatabaseUnreachableError",
    "ForbiddenError",
    "InvalidInputError",
    "OutcomeUnknownError",
    "PluginFailedError",
    "PluginLoadError",
}
"""Errors that stand in `errors`, or never reach a client; all others are refusals."""


def leaves() -> dict[str, type[errors.GuerdonError]]:
    return {
        name: getattr(errors, name)
        for name in errors.__all__
        if "code" in vars(getattr(errors, name))
    }


def test_every_error_is_told_in_one_way() -> None:
    shown = {kind.__name__ for kind in SHOWN_AS}

    assert shown | TOP_LEVEL == set(leaves())
    assert shown & TOP_LEVEL == set()


def test_every_type_of_user_error_has_its_attributes() -> None:
    samples = [
        errors.InsufficientPointsError(required=2, available=1),
        errors.OutOfStockError(requested=2, remaining=1),
        errors.LimitReachedError(limit=3),
        errors.PriceChangedError(price=2, max_points=1),
        errors.QuoteStaleError(
            reason="LOTS", quoted_price=1, price=2, quoted_lots=((5, 1, 9),), lots=()
        ),
        errors.InvalidOptionsError(field="a.b", reason="no"),
        errors.InvalidPayloadError(field="a.b", reason="no"),
        errors.IdempotencyConflictError(),
        errors.ApprovalStateError(status="REJECTED"),
        errors.RedemptionStateError(status="FAILED"),
        errors.MemberNotFoundError(),
        errors.ProgramFaultyError(faults=[("rewards/0", "no")]),
        errors.ProgramVersionStateError(status="PUBLISHED"),
        errors.ProgramVersionOutdatedError(published=2),
    ]

    shown = [user_error(one) for one in samples]

    assert {type(one) for one in shown} == set(TYPES)
    for error, one in zip(samples, shown, strict=True):
        common = {"code", "said", "path"}
        own = {name for name in vars(one) if name not in common}
        assert {name: vars(error)[name] for name in own} == {
            name: vars(one)[name] for name in own
        }
        assert (one.code, one.said.text) == (error.code, str(error))


def test_paths_name_members_of_the_input() -> None:
    error: UserError = user_error(errors.PriceChangedError(price=2, max_points=1))

    assert error.path == ["input", "maxPoints"]


def test_internals_are_masked_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        shown = present(ValueError("secret of the house"))

    assert "secret" not in str(shown)
    assert shown["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert shown["extensions"]["errorId"] in caplog.text
    assert "secret of the house" in caplog.text


def test_a_plugin_at_fault_is_told_without_its_words() -> None:
    shown = present(errors.PluginFailedError(plugin="acme", reason="ZeroDivision"))

    assert shown["extensions"]["code"] == "PLUGIN_FAILED"
    assert "ZeroDivision" not in str(shown)


def test_long_messages_are_cut() -> None:
    shown = present(GraphQLError("x" * 1_000))

    assert shown["message"] == "x" * MAX_MESSAGE


async def test_a_resolver_that_breaks_is_masked(
    staff_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("table member has no column password")

    monkeypatch.setattr(type(staff_api.engine.reads), "many", broken)

    answer = await staff_api.send("{ program { code } }")

    assert "password" not in str(answer)
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_what_the_core_says_is_cut_too() -> None:
    shown = present(errors.InvalidInputError(field="name", reason="x" * 1_000))

    assert len(shown["message"]) == MAX_MESSAGE
    assert shown["extensions"] == {"code": "BAD_USER_INPUT"}


def test_the_first_errors_are_told() -> None:
    many = [GraphQLError(str(number)) for number in range(30)]

    shown = present_all(many, "BAD_USER_INPUT")

    assert [one["message"] for one in shown] == [str(one) for one in range(MAX_ERRORS)]


@pytest.mark.parametrize(
    "cause",
    [
        ConnectionRefusedError("10.0.0.7"),
        asyncpg.AdminShutdownError("10.0.0.7"),
        asyncpg.ConnectionDoesNotExistError("10.0.0.7"),
        sqlalchemy.exc.OperationalError("SELECT secret", {}, Exception("10.0.0.7")),
    ],
)
def test_a_database_that_went_is_told_without_its_address(
    cause: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    shown = present(GraphQLError("10.0.0.7", original_error=cause))

    assert shown["extensions"]["code"] == "DATABASE_UNREACHABLE"
    assert shown["extensions"]["errorId"] in caplog.text
    assert "10.0.0.7" not in str(shown)
    assert is_temporary(shown)


def test_what_passes_by_itself() -> None:
    temporary = {
        name
        for name, kind in leaves().items()
        if is_temporary({"extensions": {"code": kind.code}})
    }

    assert temporary == {
        name for name, kind in leaves().items() if issubclass(kind, UnavailableError)
    }


async def test_what_a_refusal_says_is_cut_too(staff_api: Any, ada: Any) -> None:
    payload = {"order_id": "a", "amount_minor": 1, "currency_code": "USD", "x" * 400: 1}

    told = await staff_api.change(
        "recordActivity",
        "userErrors { code message }",
        memberId=ada.id,
        type="purchase",
        payload=payload,
    )

    (error,) = told["userErrors"]
    assert error["code"] == "INVALID_PAYLOAD"
    assert len(error["message"]) == MAX_MESSAGE
