"""Signatures of messages, with the example of the specification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extension.signing import TOLERANCE_S, is_signed, sign

SECRET = "a secret of at least 24 characters"
BODY = b'{"done":true}'
HEADERS = sign(SECRET, "msg_1", 1_700_000_000, BODY)


def test_the_form_of_a_signature() -> None:
    assert HEADERS == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,wvvKRA9gFdMoj4f0gOU0wW/MLfcMtwTMhfYPZupF7/A=",
    }
    assert is_signed(SECRET, HEADERS, BODY, 1_700_000_000, "msg_1")


@pytest.mark.parametrize("off_s", [-TOLERANCE_S, 0, TOLERANCE_S])
def test_a_clock_may_be_off_a_little(off_s: int) -> None:
    assert is_signed(SECRET, HEADERS, BODY, 1_700_000_000 + off_s, "msg_1")


@pytest.mark.parametrize("off_s", [-TOLERANCE_S - 1, TOLERANCE_S + 1])
def test_an_old_message_is_not_taken_again(off_s: int) -> None:
    assert not is_signed(SECRET, HEADERS, BODY, 1_700_000_000 + off_s, "msg_1")


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "1700000001"},
        {"webhook-timestamp": chr(0x661) * 10},
        {"webhook-timestamp": "9" * 40},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,äöü"},
    ],
)
def test_a_changed_header(changed: dict[str, str]) -> None:
    assert not is_signed(SECRET, HEADERS | changed, BODY, 1_700_000_000, "msg_1")


def test_one_of_several_signatures_is_enough() -> None:
    both = f"v1,AAAA {HEADERS['webhook-signature']}"
    assert is_signed(
        SECRET,
        HEADERS | {"webhook-signature": both},
        BODY,
        1_700_000_000,
        "msg_1",
    )


@given(st.binary(max_size=60), st.binary(max_size=60), st.text(min_size=1))
def test_only_this_body_under_this_secret(
    body: bytes, other: bytes, secret: str
) -> None:
    headers = sign(secret, "m", 5, body)

    assert is_signed(secret, headers, body, 5, "m")
    assert is_signed(secret, headers, other, 5, "m") == (body == other)
    assert not is_signed(secret + "x", headers, body, 5, "m")


@pytest.mark.parametrize("message_id", ["rdm_1", "rdm_1.first", "rdm_1.2.3"])
def test_a_message_is_about_what_its_id_names(message_id: str) -> None:
    headers = sign(SECRET, message_id, 5, b"{}")

    assert is_signed(SECRET, headers, b"{}", 5, "rdm_1")
    assert not is_signed(SECRET, headers, b"{}", 5, "rdm_2")
    assert not is_signed(SECRET, headers, b"{}", 5, "rdm")
