"""Published names follow from codes and classes."""

from enum import StrEnum

import pytest
from pydantic import BaseModel, Field

from core.extension.money import Money
from core.extension.names import (
    camel,
    nested_input_name,
    nested_name,
    pascal,
    refusal_code,
)


class Address(BaseModel):
    street: str = Field(description="Street and number.")


class LoungeAddress(Address):
    pass


class Size(StrEnum):
    SMALL = "s"


@pytest.mark.parametrize(
    ("code", "type_prefix", "member"),
    [
        ("discount", "Discount", "discount"),
        ("free_shipping", "FreeShipping", "freeShipping"),
        ("a_1b", "A1b", "a1b"),
    ],
)
def test_code_in_front_of_types_and_as_a_member(
    code: str, type_prefix: str, member: str
) -> None:
    assert pascal(code) == type_prefix
    assert camel(code) == member


@pytest.mark.parametrize(
    ("kind", "name", "input_name"),
    [
        (Address, "LoungeAddress", "LoungeAddressInput"),
        (LoungeAddress, "LoungeAddress", "LoungeAddressInput"),
        (Size, "LoungeSize", "LoungeSize"),
        (Money, "Money", "MoneyInput"),
    ],
)
def test_nested_types_carry_the_code(kind: type, name: str, input_name: str) -> None:
    assert nested_name("lounge", kind) == name
    assert nested_input_name("lounge", kind) == input_name


def test_code_that_is_only_the_start_of_a_word_is_added() -> None:
    assert nested_name("a", Address) == "AAddress"


@pytest.mark.parametrize(
    ("name", "code"),
    [("TooYoung", "TOO_YOUNG"), ("HTTPFault", "HTTP_FAULT"), ("Sold2Out", "SOLD2_OUT")],
)
def test_code_of_a_refusal(name: str, code: str) -> None:
    assert refusal_code(type(name, (Address,), {})) == code
