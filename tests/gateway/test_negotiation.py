"""What a client accepts decides the form of the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from gateway.transports.negotiation import Accept
from gateway.transports.origins import is_allowed

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"
PARTS = "multipart/mixed"
URQL = f"{GRAPHQL}, application/graphql+json, {JSON}, {EVENTS}, {PARTS}"
APOLLO = f'{PARTS};boundary="graphql";subscriptionSpec="1.0",{JSON}'


@pytest.mark.parametrize(
    ("header", "single", "stream"),
    [
        (None, JSON, None),
        ("", JSON, None),
        (" , ", JSON, None),
        ("*/*", JSON, None),
        (JSON, JSON, None),
        (GRAPHQL, GRAPHQL, None),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL, None),
        (f"{GRAPHQL};q=0.8, {JSON};q=0.9", JSON, None),
        ("text/html", None, None),
        (f"{JSON};q=0", None, None),
        (f"{JSON};q=nan", None, None),
        (f"{JSON};q=2", None, None),
        (EVENTS, None, EVENTS),
        ("TEXT/Event-Stream", None, EVENTS),
        (PARTS, None, PARTS),
        (f"{EVENTS};q=0.5, {PARTS}", None, PARTS),
        (URQL, JSON, EVENTS),
        (APOLLO, JSON, PARTS),
    ],
)
def test_what_is_chosen(
    header: str | None, single: str | None, stream: str | None
) -> None:
    accept = Accept.read(header)

    assert (accept.single, accept.stream) == (single, stream)


@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from([JSON, EVENTS, "*/*", ";q=", ",", "0.5", "1", "inf"])
    ).map("".join)
)
def test_whatever_is_accepted_is_read(header: str) -> None:
    accept = Accept.read(header)

    assert all(0 <= weight <= 1 for weight in accept.weights.values())
    assert accept.single in {JSON, GRAPHQL, None}
    assert accept.stream in {EVENTS, PARTS, None}


@given(st.text(max_size=40) | st.text("[]:/@.a1%", max_size=12).map("http://".__add__))
def test_an_origin_of_any_form_is_foreign(origin: str) -> None:
    sent = origin.encode("latin-1", errors="replace")
    headers = [(b"host", b"shop.test"), (b"origin", sent)]
    connection = HTTPConnection({"type": "websocket", "headers": headers})

    assert not is_allowed(connection, {"https://shop.example"})
