"""Quotes: what a redemption would cost and do, and redemptions that do just that."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from core.actors import Actor, Role, Scope
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    IdempotencyConflictError,
    InsufficientPointsError,
    InvalidInputError,
    InvalidOptionsError,
    MemberNotFoundError,
    OutOfStockError,
    PriceChangedError,
    QuoteStaleError,
    RewardNotFoundError,
    RewardUnavailableError,
)
from core.ledger.codes import NEVER_US, HolderStatus
from core.ledger.commands import Award, Command, Earn, Redeem, SetStatus, Step
from core.program import attributes, definition, quotes, redemption
from core.program.conditions import Check
from core.program.promises import MOST_LOTS
from core.program.quotes import Expiry, Quote
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.conftest import REWARDS, refused
from tests.core.program.theater.conftest import Redeem as RedeemOf
from tests.core.program.theater.showtime import HOUR, Theater, reward

VALID_US = 900_000_000
TABLES = ("journal", "posting", "lot", "hold", "redemption", "refusal", "counter")

Quoted = Callable[..., Awaitable[Quote]]


@pytest.fixture
def quoted(engine: Engine, shop: Actor, rewards: dict[str, int]) -> Quoted:
    """Quotes for a member: `await quoted(ada, "play", showing="fri")`."""

    async def of(holder_id: int, code: str, **options: Any) -> Quote:
        reward_id = rewards[code]
        given = {"holder_id": holder_id, "reward_id": reward_id, "options": options}
        return await quotes.quote(engine, by=shop, **given)  # type: ignore[arg-type]

    return of


@pytest.fixture
def take(engine: Engine, shop: Actor) -> Any:
    """Redeems what was quoted: `await take(ada, quote)`."""
    count = iter(range(1_000))

    async def of(holder_id: int, quote: Quote, key: str = "", **given: Any) -> Any:
        name = key or f"q{next(count)}"
        return await redemption.redeem(
            engine,
            by=shop,
            key=name,
            holder_id=holder_id,
            quote_id=quote.quote_id,
            **given,
        )

    return of


async def post(engine: Engine, holder_id: int, operation: Any) -> None:
    now_us = engine.clock.now_us()
    ((number,),) = await engine.database.read("SELECT count(*) FROM journal")
    step = Step(holder_id, operation)
    await engine.ledger.post(Command(f"test:{now_us}:{number}", b"f", (step,)))


async def earn(
    engine: Engine, holder_id: int, *amounts: int, ends_us: int = NEVER_US
) -> None:
    sql = "SELECT currency_id FROM currency"
    ((currency_id,),) = await engine.database.read(sql)
    awards = [Award(currency_id, one, expires_at_us=ends_us) for one in amounts]
    await post(engine, holder_id, Earn(tuple(awards)))


async def apply(engine: Engine, *rewards: dict[str, Any]) -> None:
    """Change rewards of the program."""
    await definition.apply(engine, {**PROGRAM, "rewards": list(rewards)})


async def everything(engine: Engine) -> list[Any]:
    return [await engine.database.read(f"SELECT * FROM {one}") for one in TABLES]


async def lots_of(engine: Engine, result: Any) -> list[Any]:
    """Return the lots that a redemption took, and how much of each, in their order."""
    sql = (
        "SELECT src_lot, amount FROM posting p JOIN redemption r "
        "ON r.holder_id = p.holder_id AND r.captured_seq = p.seq "
        "WHERE r.holder_id = $1 AND r.hold_id = $2 ORDER BY p.line"
    )
    return await engine.database.read(sql, result.holder_id, result.hold_id)


def unmet(quote: Quote) -> list[Check]:
    return [one.check for one in quote.conditions if not one.is_met]


async def test_a_quote_tells_price_lots_and_what_runs_out_when(
    engine: Engine, quoted: Quoted, ada: int, clock: Any
) -> None:
    await earn(engine, ada, 15, 10, ends_us=clock.us + 5 * HOUR)
    await earn(engine, ada, 20, ends_us=clock.us + 9 * HOUR)
    before = await everything(engine)

    quote = await quoted(ada, "play", showing="fri", seats=3)

    assert await everything(engine) == before
    assert (quote.price, quote.quantity, quote.currency) == (30, 3, "PTS")
    assert [lot[1:] for lot in quote.lots] == [
        (15, clock.us + 5 * HOUR),
        (10, clock.us + 5 * HOUR),
        (5, clock.us + 9 * HOUR),
    ]
    assert quote.would_expire == (
        Expiry(25, clock.us + 5 * HOUR),
        Expiry(5, clock.us + 9 * HOUR),
    )
    assert quote.next_expiry == Expiry(15, clock.us + 9 * HOUR)
    assert quote.valid_until_us == clock.us + VALID_US
    assert quote.is_redeemable
    assert [one.check for one in quote.conditions] == list(Check)


async def test_points_that_never_run_out_have_no_effect_on_expiry(
    quoted: Quoted, ada: int
) -> None:
    quote = await quoted(ada, "film", seats=2)

    assert [lot[1:] for lot in quote.lots] == [(20, NEVER_US)]
    assert (quote.would_expire, quote.next_expiry) == ((), None)


async def test_a_redemption_takes_just_the_quoted_points(
    engine: Engine, quoted: Quoted, take: Any, ada: int, clock: Any, box: Any
) -> None:
    await earn(engine, ada, 15, ends_us=clock.us + 5 * HOUR)
    quote = await quoted(ada, "play", showing="fri", seats=2)

    result = await take(ada, quote)

    assert result.status == "FULFILLED"
    assert await lots_of(engine, result) == [lot[:2] for lot in quote.lots]
    assert await box.points(ada) == (95, 0)
    assert await box.units("fri") == (1, 0)
    assert await box.column(result, "options") == '{"showing":"fri","seats":2}'


async def test_all_conditions_are_judged_not_only_the_first(
    engine: Engine, quoted: Quoted, ada: int, theater: Theater
) -> None:
    limited = reward("play", 40, showings=[{"code": "fri", "seats": 1}])
    await apply(engine, limited | {"active": False, "limit_per_member": 2})
    await post(engine, ada, SetStatus(HolderStatus.FROZEN))
    theater.is_over = True

    quote = await quoted(ada, "play", showing="fri", seats=3)

    assert unmet(quote) == list(Check)
    assert not quote.is_redeemable
    assert quote.lots == ()
    numbers = {
        one.check: (one.required, one.available, one.missing)
        for one in quote.conditions
        if one.required is not None
    }
    assert numbers == {
        Check.ENOUGH_POINTS: (120, 100, 20),
        Check.WITHIN_LIMIT: (3, 2, 1),
        Check.IN_STOCK: (3, 1, 2),
    }
    assert [one.message for one in quote.conditions] == [
        "the reward is switched off",
        "the member is frozen",
        "120 points required, 100 available",
        "3 units per member required, 2 available",
        "3 units required, 1 available",
        "the reward was refused: it is over",
    ]


async def test_what_has_no_limit_is_there_in_any_number(
    quoted: Quoted, ada: int
) -> None:
    quote = await quoted(ada, "film", seats=2)

    counted = [
        one for one in quote.conditions if one.check in {"WITHIN_LIMIT", "IN_STOCK"}
    ]
    numbers = [(one.is_met, one.required, one.available) for one in counted]
    assert numbers == [(True, 2, None)] * 2


async def test_units_that_somebody_waits_for_are_not_in_stock(
    quoted: Quoted, redeem: RedeemOf, ada: int, bob: int
) -> None:
    await redeem(ada, "play", showing="fri", seats=2)
    await redeem(bob, "play", showing="fri", seats=2, wait=True)

    quote = await quoted(ada, "play", showing="fri")

    assert unmet(quote) == [Check.IN_STOCK]


async def test_the_limit_counts_what_the_member_has_had(
    engine: Engine, quoted: Quoted, redeem: RedeemOf, ada: int
) -> None:
    await apply(engine, reward("film") | {"limit_per_member": 3})
    await redeem(ada, "film", seats=2)

    within, beyond = await quoted(ada, "film"), await quoted(ada, "film", seats=2)

    assert (unmet(within), unmet(beyond)) == ([], [Check.WITHIN_LIMIT])
    assert beyond.conditions[3].available == 1


async def test_points_above_the_floor_alone_are_there(
    engine: Engine, quoted: Quoted, ada: int
) -> None:
    floored = {**PROGRAM["currencies"][0], "floor": 85}  # type: ignore[index]
    document = {**PROGRAM, "currencies": [floored], "rewards": REWARDS}
    await definition.apply(engine, document)

    quote = await quoted(ada, "film", seats=2)

    assert unmet(quote) == [Check.ENOUGH_POINTS]
    assert quote.conditions[2].message == "20 points required, 15 available"


async def test_a_quote_that_could_not_be_redeemed_says_why_again(
    quoted: Quoted, take: Any, ada: int, bob: int, engine: Engine
) -> None:
    await post(engine, ada, Redeem(1, 100))
    poor = await quoted(ada, "film")
    sold_out = await quoted(bob, "play", showing="sat", seats=2)

    with pytest.raises(InsufficientPointsError):
        await take(ada, poor)
    with pytest.raises(OutOfStockError):
        await take(bob, sold_out)
    assert (unmet(poor), unmet(sold_out)) == ([Check.ENOUGH_POINTS], [Check.IN_STOCK])


async def test_a_promise_of_nothing_is_not_one_of_points(
    quoted: Quoted, take: Any, ada: int, engine: Engine
) -> None:
    await post(engine, ada, Redeem(1, 95))
    quote = await quoted(ada, "film")
    await earn(engine, ada, 50)

    error = await refused(take(ada, quote))

    assert unmet(quote) == [Check.ENOUGH_POINTS]
    assert isinstance(error, QuoteStaleError)
    assert (error.reason, error.quoted_lots) == ("LOTS", ())
    assert [lot[1] for lot in error.lots] == [5, 5]


async def test_other_points_are_told_with_the_difference(
    engine: Engine, quoted: Quoted, take: Any, ada: int, clock: Any
) -> None:
    quote = await quoted(ada, "film", seats=2)
    await earn(engine, ada, 15, ends_us=clock.us + HOUR)
    before = await everything(engine)

    error = await refused(take(ada, quote, "k"))
    again = await refused(take(ada, quote, "k"))

    assert isinstance(error, QuoteStaleError)
    assert (error.reason, error.quoted_price, error.price) == ("LOTS", 20, 20)
    assert [lot[1:] for lot in error.quoted_lots or ()] == [(20, NEVER_US)]
    assert [lot[1:] for lot in error.lots] == [(15, clock.us + HOUR), (5, NEVER_US)]
    assert vars(again) == vars(error)
    after = await everything(engine)
    assert len(after.pop(TABLES.index("refusal"))) == 1
    before.pop(TABLES.index("refusal"))
    assert after == before
    assert (await take(ada, await quoted(ada, "film", seats=2))).status == "FULFILLED"


async def test_points_that_are_gone_make_a_quote_stale(
    engine: Engine, quoted: Quoted, take: Any, ada: int
) -> None:
    quote = await quoted(ada, "film", seats=9)
    await post(engine, ada, Redeem(1, 50))

    error = await refused(take(ada, quote))

    assert isinstance(error, QuoteStaleError)
    assert (error.reason, list(error.lots)) == ("LOTS", [])
    assert [lot[1] for lot in error.quoted_lots or ()] == [90]


async def test_points_that_run_out_meanwhile_make_a_quote_stale(
    engine: Engine, quoted: Quoted, take: Any, ada: int, clock: Any
) -> None:
    await earn(engine, ada, 15, ends_us=clock.us + 60)
    quote = await quoted(ada, "film")
    clock.us += 60

    error = await refused(take(ada, quote))

    assert isinstance(error, QuoteStaleError)
    assert [lot[1:] for lot in error.lots] == [(10, NEVER_US)]


@pytest.mark.parametrize(
    ("reason", "change", "price"),
    [
        ("PRICE", {"price": 12}, 24),
        ("PRICE", {"price": 9}, 18),
        ("CONFIG", {"config": {"adults_only": True}}, 20),
    ],
)
async def test_another_price_or_config_makes_a_quote_stale(
    engine: Engine,
    quoted: Quoted,
    take: Any,
    ada: int,
    reason: str,
    change: Any,
    price: int,
) -> None:
    quote = await quoted(ada, "film", seats=2)
    await apply(engine, reward("film") | change)
    before = await everything(engine)

    error = await refused(take(ada, quote))

    assert isinstance(error, QuoteStaleError)
    assert (error.reason, error.quoted_price, error.price) == (reason, 20, price)
    assert await everything(engine) == before


async def test_what_is_known_of_the_member_belongs_to_a_quote(
    engine: Engine, shop: Actor, quoted: Quoted, take: Any, ada: int
) -> None:
    quote = await quoted(ada, "film")
    await attributes.change(
        engine, by=shop, key="a", holder_id=ada, attributes={"age": 30}
    )

    error = await refused(take(ada, quote))

    assert isinstance(error, QuoteStaleError)
    assert error.reason == "CONFIG"


async def test_a_plugin_that_counts_anew_makes_a_quote_stale(
    quoted: Quoted, take: Any, ada: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = await quoted(ada, "film", seats=2)
    monkeypatch.setattr(Theater, "quantity", lambda *_: 3)

    error = await refused(take(ada, quote))

    assert isinstance(error, QuoteStaleError)
    assert (error.reason, error.price) == ("QUANTITY", 30)


async def test_a_quote_is_good_until_its_end_and_not_at_it(
    quoted: Quoted, take: Any, ada: int, clock: Any
) -> None:
    first, second = await quoted(ada, "film"), await quoted(ada, "late")
    clock.us += VALID_US
    error = await refused(take(ada, second))
    clock.us -= 1
    result = await take(ada, first)

    assert isinstance(error, QuoteStaleError)
    assert (error.reason, error.quoted_price, error.price) == ("EXPIRED", 10, 10)
    assert result.status == "FULFILLED"


async def test_a_reward_that_is_off_now_is_unavailable(
    engine: Engine, quoted: Quoted, take: Any, ada: int
) -> None:
    quote = await quoted(ada, "film")
    await apply(engine, reward("film") | {"active": False})

    assert isinstance(await refused(take(ada, quote)), RewardUnavailableError)


async def test_the_same_key_again_is_a_replay_whatever_has_changed(
    engine: Engine, quoted: Quoted, take: Any, ada: int, clock: Any, box: Any
) -> None:
    quote = await quoted(ada, "film")
    first = await take(ada, quote, "k")
    await apply(engine, reward("film", price=99) | {"active": False})
    await earn(engine, ada, 15, ends_us=clock.us + HOUR)
    clock.us += VALID_US

    again = await take(ada, quote, "k")
    other = await refused(take(ada, await quoted(ada, "play", showing="fri"), "k"))

    assert (again.hold_id, again.replayed) == (first.hold_id, True)
    assert isinstance(other, IdempotencyConflictError)
    assert await box.points(ada) == (105, 0)


async def test_a_quote_can_be_redeemed_once_for_each_key_as_long_as_it_is_true(
    quoted: Quoted, take: Any, ada: int, box: Any
) -> None:
    """It reserves nothing: the lot that it names has points for both."""
    quote = await quoted(ada, "film")

    await take(ada, quote)
    await take(ada, quote)

    assert await box.points(ada) == (80, 0)


async def test_a_quote_is_for_one_member_of_one_program(
    engine: Engine, shop: Actor, quoted: Quoted, take: Any, ada: int, bob: int
) -> None:
    quote = await quoted(ada, "film")
    before = await everything(engine)
    other_program = Actor(shop.program_id + 1, "shop", Role.INTEGRATOR)

    error = await refused(take(bob, quote))
    with pytest.raises(InvalidInputError):
        await quotes.recall(engine, other_program, ada, quote.quote_id)

    assert isinstance(error, InvalidInputError)
    assert (error.field, error.reason) == ("quoteId", "is not a quote for the member")
    assert await everything(engine) == before


async def test_an_id_that_was_made_up_or_changed_is_no_quote(
    engine: Engine, shop: Actor, quoted: Quoted, ada: int
) -> None:
    text = (await quoted(ada, "film")).quote_id
    place = len(text) // 2
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    before = await everything(engine)

    for wrong in ("", "AAAA", "quote", "\u00e9", text[:-4], text + "AAAA", changed):
        with pytest.raises(InvalidInputError) as caught:
            await redemption.redeem(
                engine, by=shop, key="k", holder_id=ada, quote_id=wrong
            )
        assert caught.value.field == "quoteId"
    assert await everything(engine) == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reward_id": 1}, "rewardId"),
        ({"quote_id": None}, "rewardId"),
        ({"options": {}}, "options"),
        ({"wait": True}, "waitIfSoldOut"),
    ],
)
async def test_a_quote_says_it_all(
    engine: Engine, shop: Actor, quoted: Quoted, ada: int, given: Any, field: str
) -> None:
    quote = await quoted(ada, "film")
    asked = {"quote_id": quote.quote_id} | given
    before = await everything(engine)

    with pytest.raises(InvalidInputError) as caught:
        await redemption.redeem(engine, by=shop, key="k", holder_id=ada, **asked)

    assert caught.value.field == field
    assert await everything(engine) == before


async def test_so_many_lots_are_promised_all_the_same(
    engine: Engine, quoted: Quoted, take: Any, ada: int, clock: Any
) -> None:
    """An id names up to 40 lots; of more it has a digest, and stays short."""
    await earn(engine, ada, *[1] * 90, ends_us=clock.us + HOUR)
    few, many = await quoted(ada, "film", seats=4), await quoted(ada, "film", seats=8)

    assert (len(few.lots), len(many.lots)) == (MOST_LOTS, 80)
    assert len(few.quote_id) < 2_000
    assert len(many.quote_id) < 500
    result = await take(ada, many)
    assert await lots_of(engine, result) == [lot[:2] for lot in many.lots]
    error = await refused(take(ada, many))
    assert isinstance(error, QuoteStaleError)
    assert (error.reason, error.quoted_lots) == ("LOTS", None)
    assert [lot[1] for lot in error.lots] == [1] * 10 + [70]


async def test_who_may_redeem_may_ask_what_it_costs(
    engine: Engine, ada: int, bob: int, program_id: int, rewards: dict[str, int]
) -> None:
    member = Actor(program_id, "ada", Role.MEMBER, ada)
    given: Any = {"engine": engine, "reward_id": rewards["film"]}

    quote = await quotes.quote(by=member, holder_id=ada, **given)

    assert quote.is_redeemable
    with pytest.raises(MemberNotFoundError):
        await quotes.quote(by=member, holder_id=bob, **given)
    with pytest.raises(MemberNotFoundError):
        await quotes.quote(by=member, holder_id=99, **given)


async def test_who_may_not_redeem_is_told_nothing(
    engine: Engine, ada: int, shop: Actor, rewards: dict[str, int]
) -> None:
    by = replace(shop, narrowed_to=shop.scopes - {Scope.REDEMPTIONS_WRITE})

    with pytest.raises(ForbiddenError):
        await quotes.quote(engine, by=by, holder_id=ada, reward_id=rewards["film"])


async def test_what_cannot_be_quoted_is_refused_as_its_redemption_is(
    engine: Engine, shop: Actor, ada: int, rewards: dict[str, int]
) -> None:
    given: Any = {"engine": engine, "by": shop, "holder_id": ada}
    play: Any = given | {"reward_id": rewards["play"]}

    with pytest.raises(RewardNotFoundError):
        await quotes.quote(**given, reward_id=99)
    with pytest.raises(InvalidOptionsError, match="choose an evening"):
        await quotes.quote(**play)
    with pytest.raises(InvalidOptionsError, match="seats"):
        await quotes.quote(**play, options={"showing": "fri", "seats": 10})
    with pytest.raises(InvalidOptionsError, match="of type theater"):
        await quotes.quote(**play, options={"showing": "fri"}, options_for="discount")


async def test_a_price_above_what_was_agreed_is_refused_with_a_quote_too(
    quoted: Quoted, take: Any, ada: int
) -> None:
    quote = await quoted(ada, "film", seats=2)

    error = await refused(take(ada, quote, max_points=19))
    result = await take(ada, quote, max_points=20)

    assert isinstance(error, PriceChangedError)
    assert (error.price, error.max_points) == (20, 19)
    assert result.status == "FULFILLED"
