"""Every error has a code; what nobody foresaw is told by an id alone."""

import logging
from typing import Any

import pytest
from graphql import GraphQLError

from core import errors
from gateway.errors import MAX_MESSAGE, present
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
    ]

    shown = [user_error(one) for one in samples]

    assert {type(one) for one in shown} == set(TYPES)
    for error, one in zip(samples, shown, strict=True):
        common = {"code", "message", "path"}
        own = {name for name in vars(one) if name not in common}
        assert {name: vars(error)[name] for name in own} == {
            name: vars(one)[name] for name in own
        }
        assert (one.code, one.message) == (error.code, str(error))


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
