"""200 members want one of 50 seats, at once, over HTTP; the server may be killed."""

import asyncio
from typing import Any

import httpx
import pytest

from core.ledger.verify import verify
from core.storage.opening import open_database

STOCK, PRICE, MEMBERS = 50, 40, 200
REDEEM = """
mutation ($i: RedeemRewardInput!) {
  redeemReward(input: $i) { replayed redemption { id status } userErrors { code } }
}
"""


async def redeem(
    client: httpx.AsyncClient, server: Any, crowd: Any, number: int
) -> Any:
    body = {"query": REDEEM, "variables": {"i": crowd.input_of(number)}}
    response = await client.post(server.url, json=body)
    return response.json()["data"]["redeemReward"]


async def check_everything(database_url: str) -> None:
    """Fifty seats are sold, for 40 points each; nobody else has paid anything."""
    database = await open_database(database_url)
    report = await verify(database)
    wallets = await database.read(
        "SELECT available, held, count(*) FROM wallet WHERE currency_id = 1 "
        "GROUP BY available, held ORDER BY available"
    )
    stock = await database.read(
        "SELECT available, held FROM wallet WHERE currency_id = 0"
    )
    redemptions = await database.read(
        "SELECT status, count(*), count(DISTINCT holder_id) FROM redemption "
        "GROUP BY status"
    )
    await database.close()
    assert report.findings == ()
    assert wallets == [
        (100 - PRICE, 0, STOCK),
        (100, 0, MEMBERS - STOCK),
    ]
    assert stock == [(0, 0)]
    assert redemptions == [("FULFILLED", STOCK, STOCK)]


async def test_exactly_as_many_redeem_as_there_are_seats(
    server: Any, crowd: Any, client: httpx.AsyncClient, database_url: str
) -> None:
    await server.start()

    answers = await asyncio.gather(
        *(redeem(client, server, crowd, number) for number in range(MEMBERS))
    )

    won = [one for one in answers if one["redemption"] is not None]
    lost = [
        one["userErrors"][0]["code"] for one in answers if one["redemption"] is None
    ]
    assert len(won) == STOCK
    assert {one["redemption"]["status"] for one in won} == {"FULFILLED"}
    assert lost == ["OUT_OF_STOCK"] * (MEMBERS - STOCK)
    await check_everything(database_url)


@pytest.mark.parametrize("after", [20, 60])
async def test_a_server_that_is_killed_loses_and_doubles_nothing(
    server: Any, crowd: Any, client: httpx.AsyncClient, database_url: str, after: int
) -> None:
    await server.start()
    answered: dict[int, Any] = {}

    async def one(number: int) -> None:
        try:
            answered[number] = await redeem(client, server, crowd, number)
        except httpx.HTTPError:
            return
        if len(answered) == after:
            server.kill()

    await asyncio.gather(*(one(number) for number in range(MEMBERS)))
    assert after <= len(answered) < MEMBERS

    await server.start()
    again = {}
    for number in range(MEMBERS):  # everybody asks again, under the same key
        again[number] = await redeem(client, server, crowd, number)

    for number, answer in answered.items():
        assert again[number]["redemption"] == answer["redemption"]
        assert again[number]["userErrors"] == answer["userErrors"]
    for _ in range(100):  # recovery finishes what the dead one had begun
        if not await _unfinished(database_url):
            break
        await asyncio.sleep(0.2)
    await check_everything(database_url)


async def _unfinished(database_url: str) -> bool:
    database = await open_database(database_url)
    rows = await database.read(
        "SELECT count(*) FROM redemption WHERE status <> 'FULFILLED'"
    )
    await database.close()
    return rows != [(0,)]
