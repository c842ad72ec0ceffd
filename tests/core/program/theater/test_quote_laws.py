"""Laws of quotes: a redemption by quote is what was quoted, or nothing at all."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from core.actors import Actor
from core.engine import Engine
from core.errors import QuoteStaleError, RefusedError
from core.ledger.codes import NEVER_US
from core.ledger.commands import Adjust, Award, Command, Earn, Posted, Redeem, Step
from core.ledger.verify import verify
from core.program import definition, members, quotes, redemption
from core.program.quotes import Quote
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.showtime import reward

LAW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TABLES = ("journal", "posting", "lot", "wallet", "hold", "allocation")
TABLES += ("counter", "redemption")
LIFE = st.sampled_from([None, None, 20, 20, 50, 90])
AWARDS = st.lists(st.tuples(st.integers(1, 30), LIFE), max_size=8)
SEATS = st.integers(1, 9)
BETWEEN = ("earn sooner", "earn later", "spend", "give up", "time", "price", "limit")


class House:
    """One member after another, each with a past; and the film that they see."""

    def __init__(self, engine: Engine, shop: Actor, film: int, currency: int) -> None:
        self.engine, self.shop, self.film, self.currency = engine, shop, film, currency
        self.clock: Any = engine.clock
        self.keys = itertools.count(1)
        self.member = 0

    async def begin(self, awards: list[tuple[int, int | None]]) -> None:
        await self.offer(price=10)
        found = await members.enroll(self.engine, by=self.shop, key=self.key())
        self.member = found.holder_id
        for amount, life in awards:
            await self.earn(amount, life)

    def key(self) -> str:
        return f"key-{next(self.keys)}"

    async def offer(self, **changes: Any) -> None:
        film = reward("film") | changes
        await definition.apply(self.engine, {**PROGRAM, "rewards": [film]})

    async def post(self, operation: Any) -> bool:
        command = Command(f"t:{self.key()}", b"f", (Step(self.member, operation),))
        return isinstance(await self.engine.ledger.post(command), Posted)

    async def earn(self, amount: int, life: int | None) -> None:
        ends_us = NEVER_US if life is None else self.clock.us + life
        award = Award(self.currency, amount, expires_at_us=ends_us)
        assert await self.post(Earn((award,)))

    async def quote(self, seats: int) -> Quote:
        return await quotes.quote(
            self.engine,
            by=self.shop,
            holder_id=self.member,
            reward_id=self.film,
            options={"seats": seats},
        )

    async def take(self, quote: Quote) -> redemption.RedemptionResult:
        return await redemption.redeem(
            self.engine,
            by=self.shop,
            key=self.key(),
            holder_id=self.member,
            quote_id=quote.quote_id,
        )

    async def interfere(self, what: str, amount: int) -> None:
        match what:
            case "earn sooner":
                await self.earn(amount, 1)
            case "earn later":
                await self.earn(amount, None)
            case "spend":
                await self.post(Redeem(self.currency, amount))
            case "give up":
                await self.post(Adjust(self.currency, -amount))
            case "time":
                self.clock.us += amount
            case "price":
                await self.offer(price=amount)
            case "limit":
                await self.offer(price=10, limit_per_member=amount)

    async def everything(self) -> list[Any]:
        read = self.engine.database.read
        return [await read(f"SELECT * FROM {one} ORDER BY 1, 2") for one in TABLES]

    async def set_aside(self, result: Any) -> list[Any]:
        """Return the lots from which the points of a redemption were taken."""
        sql = (
            "SELECT src_lot, amount FROM posting WHERE holder_id = $1 AND seq = $2 "
            "ORDER BY line"
        )
        return await self.engine.database.read(sql, self.member, result.hold_id)


@pytest.fixture
async def house(
    engine: Engine, shop: Actor, rewards: dict[str, int]
) -> AsyncIterator[House]:
    sql = "SELECT currency_id FROM currency"
    ((currency_id,),) = await engine.database.read(sql)
    yield House(engine, shop, rewards["film"], currency_id)
    assert (await verify(engine.database)).findings == ()


async def attempt(
    house: House, work: Callable[[], Awaitable[Any]]
) -> tuple[Any, RefusedError | None]:
    """Do something, or see that it was refused and that nothing has changed.

    What time does it does whether or not somebody asks, so it comes before.
    """
    while await house.engine.ledger.sweep():
        pass
    before = await house.everything()
    try:
        return await work(), None
    except RefusedError as error:
        assert await house.everything() == before
        return None, error


@LAW
@given(awards=AWARDS, seats=SEATS, pause=st.integers(0, 60))
async def test_a_quote_redeemed_at_once_is_what_happens(
    house: House, awards: list[tuple[int, int | None]], seats: int, pause: int
) -> None:
    await house.begin(awards)
    house.clock.us += pause
    quote = await house.quote(seats)

    result, error = await attempt(house, lambda: house.take(quote))

    assert quote.is_redeemable == (error is None), error
    assert not isinstance(error, QuoteStaleError)
    if result is not None:
        assert await house.set_aside(result) == [lot[:2] for lot in quote.lots]
        assert sum(lot.amount for lot in quote.lots) == quote.price == 10 * seats


@LAW
@given(
    awards=AWARDS,
    seats=SEATS,
    between=st.sampled_from(BETWEEN),
    amount=st.integers(1, 30),
)
async def test_whatever_comes_between_it_is_what_was_quoted_or_nothing(
    house: House,
    awards: list[tuple[int, int | None]],
    seats: int,
    between: str,
    amount: int,
) -> None:
    await house.begin(awards)
    quote = await house.quote(seats)
    assume(quote.is_redeemable)
    await house.interfere(between, amount)

    result, error = await attempt(house, lambda: house.take(quote))

    note(f"{error}")
    if result is not None:
        assert await house.set_aside(result) == [lot[:2] for lot in quote.lots]
    elif between == "limit":
        assert seats > amount
    else:
        assert isinstance(error, QuoteStaleError)
        assert (error.reason == "PRICE") == (between == "price")
        assert error.quoted_price == quote.price


@LAW
@given(awards=AWARDS, seats=SEATS)
async def test_what_is_told_of_expiry_is_what_runs_out(
    house: House, awards: list[tuple[int, int | None]], seats: int
) -> None:
    """Without the redemption its points run out as told; with it, the next ones do."""
    await house.begin(awards)
    quote = await house.quote(seats)
    assume(quote.is_redeemable)

    listed = {one.expires_at_us: one.amount for one in quote.would_expire}
    before = await _schedule(house)
    await house.take(quote)
    after = await _schedule(house)

    changes = {at_us: before[at_us] - after.get(at_us, 0) for at_us in before}
    assert {at_us: n for at_us, n in changes.items() if n} == listed
    soonest = min(after, default=None)
    following = quote.next_expiry
    assert soonest == (None if following is None else following.expires_at_us)
    if following is not None and soonest is not None:
        assert following.amount == after[soonest]


async def _schedule(house: House) -> dict[int, int]:
    """Return how many points run out when."""
    sql = (
        "SELECT expires_at_us, CAST(sum(available) AS bigint) FROM lot "
        "WHERE holder_id = $1 AND available > 0 AND expires_at_us < $2 GROUP BY 1"
    )
    return dict(await house.engine.database.read(sql, house.member, NEVER_US))
