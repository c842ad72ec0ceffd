"""What callers may spend: refused with the time to wait, and nothing changed."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.engine import Engine
from core.program import allowances
from gateway.limits.buckets import Terms
from gateway.limits.spending import Account, Spending

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

CATALOG = {"query": "{ catalog(first: 4) { nodes { name } } }"}  # costs 5
JSON = "application/json"


def enroll(key: str) -> dict[str, Any]:
    given = {"idempotencyKey": key * 16, "number": key}
    document = (
        "mutation ($i: EnrollMemberInput!) { enrollMember(input: $i) { replayed } }"
    )
    return {"query": document, "variables": {"i": given}}


@on_sqlite
async def test_a_caller_spends_its_bucket_and_no_more(
    limited: Any, engine: Engine
) -> None:
    api = await limited(rate_burst=20, rate_per_second=1)
    assert "data" in await api.over_http(enroll("a"))  # 10
    assert "data" in await api.over_socket(enroll("b"))  # 10
    before = await engine.database.read("SELECT count(*) FROM holder")

    newer = await api.post(enroll("c"))
    older = await api.post(enroll("c"), Accept=JSON)
    over_socket = await api.over_socket(enroll("c"))

    assert (newer.status_code, older.status_code) == (429, 200)
    for answer in (newer.json(), older.json(), over_socket):
        (error,) = answer["errors"]
        assert "data" not in answer
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert 9_000 < error["extensions"]["retryAfterMs"] <= 10_001
    assert newer.headers["retry-after"] == older.headers["retry-after"] == "10"
    assert await engine.database.read("SELECT count(*) FROM holder") == before


@on_sqlite
async def test_a_bucket_belongs_to_the_client_not_to_the_credential(
    limited: Any,
) -> None:
    api = await limited(client="desk", rate_burst=10, rate_per_second=1)
    renewed = replace(api, token=(await limited(client="desk")).token)
    other = replace(api, token=(await limited(client="till")).token)
    assert "data" in await api.over_http(enroll("a"))

    assert "errors" in await renewed.over_http(enroll("b"))
    assert "data" in await other.over_http(enroll("b"))


@on_sqlite
async def test_integrators_have_more_and_nought_is_no_limit(limited: Any) -> None:
    shop = await limited(role="integrator", rate_burst=1, rate_per_second=1)
    desk = await limited(rate_burst=0)

    for api in (shop, desk):
        for key in "abc":
            assert "data" in await api.over_http(enroll(key))
    free = await desk.over_http(CATALOG)
    assert free["extensions"]["cost"]["remaining"] is None


@on_sqlite
async def test_strangers_have_so_many_attempts(limited: Any) -> None:
    api = await limited(attempt_burst=3, attempts_per_minute=6)
    stranger = replace(api, token="gdn_wrong")
    assert (await stranger.post(CATALOG)).status_code == 401
    assert (await stranger.post(CATALOG)).status_code == 401
    assert "data" in await api.over_http(CATALOG)  # costs no attempt
    assert (await stranger.post(CATALOG)).status_code == 401

    refused = await stranger.post(CATALOG)

    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert refused.headers["retry-after"] == "10"


@on_sqlite
async def test_strangers_on_sockets_too(limited: Any, bare_socket: Any) -> None:
    api = await limited(attempt_burst=1, attempts_per_minute=1)
    init = {"type": "connection_init", "payload": {"authorization": "Bearer x"}}
    codes = []
    for _ in range(2):
        async with bare_socket(api.app) as wire:
            await wire.send(init)
            codes.append(await wire.next())

    assert codes == [4403, 4429]


@on_postgres
async def test_processes_share_what_is_spent(engine: Engine) -> None:
    settings = replace(engine.settings, shared_rates=1)
    here, there = (Spending(replace(engine, settings=settings)) for _ in range(2))
    account = Account("1:desk", Terms(100, 0.001))
    other = Account("1:till", Terms(100, 0.001))

    first = await here.take(account, 60)
    second = await there.take(account, 60)
    await here.give_back(account, 20, first)
    third = await there.take(account, 60)
    apart = await here.take(other, 100)

    assert (first.is_granted, first.remaining) == (True, 40)
    assert (second.is_granted, second.remaining) == (False, 40)
    assert second.retry_after_s == pytest.approx(20_000, abs=5)
    assert (third.is_granted, third.remaining) == (True, 0)
    assert (apart.is_granted, apart.remaining) == (True, 0)
    assert len(here) == 0  # nothing was kept in the process


@on_postgres
async def test_many_at_once_spend_no_more_than_there_is(engine: Engine) -> None:
    takes = [
        allowances.take(engine, "1:desk", 1_000_000_000, 10_000_000_000)
        for _ in range(30)
    ]

    found = await asyncio.gather(*takes)

    assert sum(one[0] for one in found if one) == 10


@on_postgres
async def test_full_buckets_are_dropped(engine: Engine) -> None:
    await allowances.take(engine, "1:desk", 1_000_000_000, 10_000_000_000)
    await allowances.take(engine, "1:till", 1_000_000_000, 10_000_000_000)
    await allowances.give_back(engine, "1:till", 2_000_000_000)

    await allowances.forget(engine)

    rows = await engine.database.read("SELECT bucket FROM allowance")
    assert rows == [("1:desk",)]


@on_postgres
async def test_without_the_table_each_process_counts_alone(engine: Engine) -> None:
    settings = replace(engine.settings, shared_rates=1)
    spending = Spending(replace(engine, settings=settings))
    account = Account("1:desk", Terms(100, 0.001))
    await engine.database.write("ALTER TABLE allowance RENAME TO away")

    first = await spending.take(account, 60)
    second = await spending.take(account, 60)

    assert (first.is_granted, second.is_granted) == (True, False)


@on_sqlite
async def test_sqlite_is_one_process(engine: Engine) -> None:
    assert await allowances.take(engine, "1:desk", 1, 10) is None
    settings = replace(engine.settings, shared_rates=1)
    spending = Spending(replace(engine, settings=settings))

    assert (await spending.take(Account("1:d", Terms(5, 1.0)), 5)).remaining == 0


def cost_of(answer: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = answer["extensions"]["cost"]
    return found


@on_sqlite
async def test_what_failed_is_paid_as_it_was_asked_for(limited: Any) -> None:
    api = await limited(rate_burst=1_000, rate_per_second=1)
    document = (
        '{ a: catalog(first: 50) { nodes { name } } bad: catalog(after: "zz") '
        "{ nodes { name } } }"
    )

    answer = await api.over_http({"query": document})

    assert answer["data"] is None
    assert cost_of(answer)["actual"] == cost_of(answer)["requested"] == 72
    assert cost_of(answer)["remaining"] == 928


@on_sqlite
async def test_what_did_not_run_is_not_paid(limited: Any) -> None:
    api = await limited(rate_burst=1_000, rate_per_second=1)
    viewer = {"query": "{ viewer { role } }"}
    stream = 'subscription { balanceChanged(memberId: "mbr_1") { cursor } }'
    before = cost_of(await api.over_http(viewer))["remaining"]

    by_get = await api.client.get(
        "/graphql",
        params={"query": enroll("a")["query"], "variables": '{"i": {}}'},
        headers={"Authorization": f"Bearer {api.token}"},
    )
    without_stream = await api.over_http({"query": stream})

    assert by_get.status_code == 405
    code = without_stream["errors"][0]["extensions"]["code"]
    assert code == "OPERATION_NOT_SUPPORTED"
    assert cost_of(await api.over_http(viewer))["remaining"] == before - 1


@on_sqlite
async def test_events_of_a_stream_are_paid(limited: Any, ada: Any) -> None:
    api = await limited(role="integrator", system_rate_burst=1_000)
    viewer = {"query": "{ viewer { role } }"}
    changes = f'subscription {{ balanceChanged(memberId: "{ada.id}") {{ cursor \
balances {{ available }} }} }}'
    purchase = (
        "mutation ($i: RecordActivityInput!) { recordActivity(input: $i) { replayed } }"
    )
    spent: list[int] = []
    for events in (0, 3):
        fresh = await limited(
            role="integrator",
            client=f"c{events}",
            system_rate_burst=1_000,
            system_rate_per_second=1,
        )
        async with api.sockets(fresh) as wire:
            payload = {"query": changes}
            await wire.send({"type": "subscribe", "id": "1", "payload": payload})
            await wire.next()
            for number in range(events):
                given = {
                    "idempotencyKey": f"event-of-a-stream-{number}",
                    "memberId": ada.id,
                    "type": "purchase",
                    "payload": {
                        "order_id": f"s{number}",
                        "amount_minor": 100,
                        "currency_code": "USD",
                    },
                }
                answer = await api.over_http(
                    {"query": purchase, "variables": {"i": given}}
                )
                assert "errors" not in answer, answer
                await wire.next()
        spent.append(1_000 - cost_of(await fresh.over_http(viewer))["remaining"])

    assert spent[1] - spent[0] >= 3
