"""Time: what takes too long is cut, and a mutation that was cut tells by its key."""

import asyncio
from typing import Any

import pytest

from core.engine import Engine
from core.errors import DatabaseFailedError
from core.settings import Settings
from core.storage.opening import open_database

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

JSON = "application/json"


def adjust(member_id: str, key: str) -> dict[str, Any]:
    document = (
        "mutation ($i: AdjustBalanceInput!) { adjustBalance(input: $i) "
        "{ replayed balances { available } } }"
    )
    given = {
        "idempotencyKey": key * 16,
        "memberId": member_id,
        "currency": "PTS",
        "amount": 5,
        "reason": "goodwill",
    }
    return {"query": document, "variables": {"i": given}}


async def test_a_mutation_that_was_cut_happened_once(
    limited: Any, engine: Engine, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await limited(operation_timeout_ms=150)
    store: Any = engine.ledger._pipeline._store
    gate, real = asyncio.Event(), store.run

    async def slow(begin: Any) -> Any:
        await gate.wait()
        return await real(begin)

    monkeypatch.setattr(store, "run", slow)
    newer = await api.post(adjust(ada.id, "a"))
    over_socket = await api.over_socket(adjust(ada.id, "a"))
    gate.set()
    monkeypatch.undo()
    await engine.ledger._pipeline.drain()
    retried = await api.over_http(adjust(ada.id, "a"))

    assert newer.status_code == 504
    for answer in (newer.json(), over_socket):
        (error,) = answer["errors"]
        assert "data" not in answer
        assert error["extensions"] == {"code": "OPERATION_TIMEOUT", "allowedMs": 150}
    assert retried["data"]["adjustBalance"] == {
        "replayed": True,
        "balances": [{"available": 315}],
    }


async def test_a_mutation_that_was_cut_before_it_began_has_not_happened(
    limited: Any, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.program import corrections  # noqa: PLC0415

    api = await limited(operation_timeout_ms=50)
    real = corrections.adjust

    async def never(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(corrections, "adjust", never)
    cut = await api.over_http(adjust(ada.id, "a"))
    monkeypatch.setattr(corrections, "adjust", real)
    retried = await (await limited()).over_http(adjust(ada.id, "a"))

    assert cut["errors"][0]["extensions"]["code"] == "OPERATION_TIMEOUT"
    assert retried["data"]["adjustBalance"] == {
        "replayed": False,
        "balances": [{"available": 315}],
    }


async def test_a_redemption_that_was_cut_is_finished(
    limited: Any,
    engine: Engine,
    ada: Any,
    rewards: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core.program import attempts  # noqa: PLC0415

    gate, real = asyncio.Event(), attempts.fulfill

    async def slow(*given: Any) -> Any:
        await gate.wait()
        return await real(*given)

    monkeypatch.setattr(attempts, "fulfill", slow)
    payload = {
        "query": "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) "
        "{ replayed redemption { status } balances { available held } } }",
        "variables": {
            "i": {
                "idempotencyKey": "r" * 16,
                "memberId": ada.id,
                "rewardId": rewards["ten_percent_off"],
            }
        },
    }
    cut = await (await limited(operation_timeout_ms=300)).over_http(payload)
    gate.set()
    await engine.background.drain()
    retried = await (await limited()).over_http(payload)

    assert cut["errors"][0]["extensions"]["code"] == "OPERATION_TIMEOUT"
    assert retried["data"]["redeemReward"] == {
        "replayed": True,
        "redemption": {"status": "FULFILLED"},
        "balances": [{"available": 260, "held": 0}],
    }


async def test_reads_that_were_cut_leave_the_database_usable(
    limited: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await limited(operation_timeout_ms=1_000)
    slow = await limited(operation_timeout_ms=30)
    reads = type(engine.reads)
    real = reads.many

    async def late(self: Any, *given: Any) -> Any:
        if self._database.dialect == "postgresql":
            await self._database.read("SELECT pg_sleep(5)")
        else:
            await asyncio.Event().wait()
        return await real(self, *given)

    query = {"query": "{ program { code } }"}
    with monkeypatch.context() as patched:
        patched.setattr(reads, "many", late)
        cut = await asyncio.gather(*(slow.over_http(query) for _ in range(20)))

    assert {one["errors"][0]["extensions"]["code"] for one in cut} == {
        "OPERATION_TIMEOUT"
    }
    for _ in range(20):
        assert (await api.over_http(query))["data"] == {"program": {"code": "main"}}


async def test_a_read_of_postgres_has_a_time_of_its_own(postgres_url: str) -> None:
    database: Any = await open_database(postgres_url, read_timeout_ms=50)
    try:
        with pytest.raises(DatabaseFailedError):
            await database.read("SELECT pg_sleep(5)")
        assert await database.read("SELECT 1") == [(1,)]
        async with database.snapshot() as view:
            assert await view.read("SHOW statement_timeout") == [("0",)]
        assert await database.read("SHOW statement_timeout") == [("50ms",)]
    finally:
        await database.close()


@on_sqlite
async def test_nought_is_no_limit(limited: Any) -> None:
    api = await limited(operation_timeout_ms=0)

    assert "data" in await api.over_http({"query": "{ viewer { role } }"})
    assert Settings().operation_timeout_ms == 10_000
