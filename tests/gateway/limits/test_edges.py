"""Each limit at its edge, over HTTP and a socket: at it runs, one more does not."""

from typing import Any

import pytest

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROLE = "{ viewer { role } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
VIEWERS = "query {name} {{ viewer {{ role }} }}"
SKIP = "@skip(if: false)"
RECORD = "mutation ($i: RecordActivityInput!) { recordActivity(input: $i) { points } }"


def nested(levels: int) -> Any:
    """Lists in lists, so many of them."""
    return [] if levels == 1 else [nested(levels - 1)]


def asked(query: str, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


def recorded(value: Any) -> dict[str, Any]:
    """An activity of nobody; its payload is what counts."""
    given = {"idempotencyKey": "k" * 16, "memberId": "mbr_x", "type": "t"}
    return asked(RECORD, i=given | {"payload": {"a": value}})


def padded(size: int) -> str:
    return ROLE + "#" + "x" * (size - len(ROLE) - 1)


def fragments(count: int) -> str:
    names = [f"f{number}" for number in range(count)]
    spreads = " ".join(f"...{name}" for name in names)
    made = " ".join(f"fragment {one} on Query {{ viewer {{ role }} }}" for one in names)
    return f"{{ {spreads} }} {made}"


def members(times: int) -> str:
    return "{ viewer { " + "member { id } " * times + "} }"


CASES = {
    "document bytes": (
        {"max_document_bytes": 300},
        asked(padded(300)),
        asked(padded(301)),
        (301, 300),
    ),
    "tokens": (
        {"max_tokens": 7},
        asked("{ viewer { role role } }"),
        asked("{ viewer { role role role } }"),
        (8, 7),
    ),
    "depth": (
        {"max_depth": 3},
        asked("{ viewer { member { id } } }"),
        asked("{ viewer { member { tier { name } } } }"),
        (4, 3),
    ),
    "aliases": (
        {"max_aliases": 2},
        asked("{ viewer { a: role b: role } }"),
        asked("{ viewer { a: role b: role c: role } }"),
        (3, 2),
    ),
    "fields": (
        {"max_fields": 3},
        asked("{ viewer { role scopes } }"),
        asked("{ viewer { ...f } } fragment f on Viewer { role scopes __typename }"),
        (4, 3),
    ),
    "directives": (
        {"max_directives": 2},
        asked(f"{{ viewer {SKIP} {{ role {SKIP} }} }}"),
        asked(f"{{ viewer {SKIP} {{ role {SKIP} scopes {SKIP} }} }}"),
        (3, 2),
    ),
    "root fields": (
        {"max_root_fields": 2},
        asked("{ a: __typename b: __typename }"),
        asked("{ a: __typename ... on Query { b: __typename c: __typename } }"),
        (3, 2),
    ),
    "operations": (
        {"max_operations": 2},
        asked(" ".join(VIEWERS.format(name=one) for one in "ab")),
        asked(" ".join(VIEWERS.format(name=one) for one in "abc")),
        (3, 2),
    ),
    "fragments": (
        {"max_fragments": 2},
        asked(fragments(2)),
        asked(fragments(3)),
        (3, 2),
    ),
    "repeats": ({"max_repeats": 3}, asked(members(3)), asked(members(4)), (4, 3)),
    "input depth": (
        {"max_input_depth": 4},
        recorded(nested(2)),
        recorded(nested(3)),
        (5, 4),
    ),
    "input items": (
        {"max_input_items": 2},
        asked(NODES, ids=["rwd_1", "rwd_2"]),
        asked(NODES, ids=["rwd_1", "rwd_2", "rwd_3"]),
        (3, 2),
    ),
    "items of first": (
        {"max_page_size": 2},
        asked("query ($n: Int) { catalog(first: $n) { nodes { id } } }", n=2),
        asked("query ($n: Int) { catalog(first: $n) { nodes { id } } }", n=3),
        (3, 2),
    ),
    "items of ids": (
        {"max_page_size": 2},
        asked(NODES, ids=["rwd_1", "rwd_2"]),
        asked(NODES, ids=["rwd_1", "rwd_2", "rwd_3"]),
        (3, 2),
    ),
    "cost": (
        {"max_cost": 11},
        asked("{ catalog(first: 5) { nodes { currency { code } } } }"),
        asked("{ catalog(first: 6) { nodes { currency { code } } } }"),
        (13, 11),
    ),
}


@on_sqlite
@pytest.mark.parametrize("limit", CASES)
async def test_at_the_limit_it_runs_and_above_it_does_not(
    limited: Any, limit: str
) -> None:
    settings, at, above, (found, allowed) = CASES[limit]
    api = await limited(**settings)

    for answer in (await api.over_http(at), await api.over_socket(at)):
        told = [one["extensions"]["code"] for one in answer.get("errors", ())]
        assert "LIMIT_EXCEEDED" not in told, answer
    for answer in (await api.over_http(above), await api.over_socket(above)):
        assert answer == {
            "errors": [
                {
                    "message": f"{limit}: {found} found, {allowed} allowed",
                    "extensions": {
                        "code": "LIMIT_EXCEEDED",
                        "limit": limit,
                        "found": found,
                        "allowed": allowed,
                    },
                }
            ]
        }


@on_sqlite
async def test_one_mutation_runs_per_request(limited: Any, engine: Any) -> None:
    api = await limited()
    before = await engine.database.read("SELECT count(*) FROM holder")
    enroll = 'enrollMember(input: {idempotencyKey: "kkkkkkkkkkkkkkkk"}) { replayed }'
    two = asked(f"mutation {{ a: {enroll} b: {enroll} }}")

    for answer in (await api.over_http(two), await api.over_socket(two)):
        assert answer["errors"][0]["message"] == "root mutations: 2 found, 1 allowed"
    assert await engine.database.read("SELECT count(*) FROM holder") == before


@on_sqlite
async def test_a_refused_page_below_a_mutation_leaves_it_undone(
    limited: Any, engine: Any
) -> None:
    api = await limited()
    before = await engine.database.read("SELECT count(*) FROM holder")
    document = (
        "mutation ($n: Int, $l: Int) { enrollMember(input: "
        '{idempotencyKey: "kkkkkkkkkkkkkkkk", number: "7"}) '
        "{ member { transactions(first: $n, last: $l) { nodes { id } } } } }"
    )

    for given, code in (
        ({"n": 101}, "LIMIT_EXCEEDED"),
        ({"n": 0}, "BAD_USER_INPUT"),
        ({"n": 1, "l": 1}, "BAD_USER_INPUT"),
    ):
        answer = await api.over_http(asked(document, **given))
        assert answer["errors"][0]["extensions"]["code"] == code
        assert "data" not in answer
    assert await engine.database.read("SELECT count(*) FROM holder") == before


@on_sqlite
async def test_literals_count_like_variables(limited: Any) -> None:
    api = await limited(max_input_depth=3, max_input_items=2)
    for literal, limit in (
        ("[[[[]]]]", "input depth"),
        ("{a: {b: {c: {d: 1}}}}", "input depth"),
        ("[1, 2, 3]", "input items"),
    ):
        for document in (
            f"{{ node(id: {literal}) {{ id }} }}",
            f"query ($i: ID = {literal}) {{ node(id: $i) {{ id }} }}",
            f"{{ viewer {{ role @skip(if: {literal}) }} }}",
        ):
            answer = await api.over_http(asked(document))
            assert answer["errors"][0]["extensions"]["limit"] == limit


@on_sqlite
async def test_operations_and_sockets_at_once(
    limited: Any, ada: Any, socket_of: Any
) -> None:
    api = await limited(
        max_caller_operations=2, max_caller_sockets=2, max_socket_operations=3
    )
    balances = "subscription ($m: ID!) { balanceChanged(memberId: $m) { cursor } }"
    async with socket_of(api) as first, socket_of(api) as second:
        await first.subscribe("1", balances, m=ada.id)
        await second.subscribe("1", balances, m=ada.id)
        assert (await first.next())["type"] == (await second.next())["type"] == "next"

        await first.subscribe("2", ROLE)
        refused = await first.next()
        answer = await api.over_http(asked(ROLE))
        with pytest.raises(AssertionError):  # closed instead of acknowledged
            async with socket_of(api):
                pass

        stream = asked(balances, m=ada.id)
        over_sse = await api.post(stream, Accept="text/event-stream, application/json")

        assert over_sse.json()["errors"][0]["extensions"]["limit"] == (
            "operations at once"
        )
        assert refused["payload"][0]["extensions"]["limit"] == "operations at once"
        assert answer["errors"][0]["extensions"]["found"] == 3
        await second.send({"type": "complete", "id": "1"})
        await second.subscribe("2", ROLE)
        assert (await second.next())["payload"]["data"] == {"viewer": {"role": "staff"}}

    async with socket_of(api), socket_of(api):  # those closed were forgotten
        assert "data" in await api.over_http(asked(ROLE))


@on_sqlite
async def test_too_many_sockets_are_closed_by_4429(
    limited: Any, socket_of: Any, bare_socket: Any
) -> None:
    api = await limited(max_caller_sockets=1)
    init = {"authorization": f"Bearer {api.token}"}
    async with socket_of(api), bare_socket(api.app) as one_more:
        await one_more.send({"type": "connection_init", "payload": init})

        assert await one_more.next() == 4429


@on_sqlite
async def test_too_many_messages_close_the_socket(limited: Any, socket_of: Any) -> None:
    api = await limited(max_socket_messages=4)
    async with socket_of(api) as wire:  # the first message was connection_init
        for _ in range(3):
            await wire.send({"type": "ping"})
            assert await wire.next() == {"type": "pong"}

        await wire.send({"type": "ping"})

        assert await wire.next() == 4429


@on_sqlite
async def test_a_document_is_refused_from_memory(
    limited: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import execution  # noqa: PLC0415  (what is counted is its own name)

    api = await limited()
    seen: list[str] = []
    real = execution.validate
    monkeypatch.setattr(
        execution, "validate", lambda *a, **k: seen.append("") or real(*a, **k)
    )
    answers = [await api.over_http(asked("{ nope }")) for _ in range(3)]

    assert len(seen) == 1
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
