"""What Guerdon relies on in the lounge, asked with a desk that answers over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from acme_desk import KEY, AcmeDesk
from acme_lounge.desk import HttpDesk
from acme_lounge.lounge import Lounge
from acme_lounge.models import Guest, LoungeConfig, LoungeOptions, Meal

from guerdon import Money, RevocationRefused
from guerdon.testing import Case, RewardTypeContract

DESK = AcmeDesk(has_quick_kitchen=True)
VIENNA = LoungeConfig(
    airport="VIE",
    open_from=date(2026, 3, 1),
    open_until=date(2026, 10, 31),
    minimum_age=18,
    meals=[Meal.SNACK, Meal.DINNER],
    rate=Money(amount_minor=2500, currency_code="EUR"),
)
GRAZ = VIENNA.model_copy(update={"airport": "GRZ"})
MONDAY, SUNDAY = date(2026, 6, 8), date(2026, 6, 7)


class TestLounge(RewardTypeContract):
    reward_type = Lounge(HttpDesk(DESK.url, KEY))
    config = VIENNA
    options = LoungeOptions(
        visit_on=MONDAY, meal=Meal.SNACK, guests=[Guest(name="Eve", is_child=True)]
    )
    attributes = MappingProxyType({"age": 33})
    refused = (
        (VIENNA, LoungeOptions(visit_on=SUNDAY)),
        (GRAZ, LoungeOptions(visit_on=MONDAY, meal=Meal.DINNER)),
    )
    refused_early = (
        Case(VIENNA, options, {"age": 17}),
        Case(VIENNA, LoungeOptions(visit_on=date(2026, 2, 28)), {"age": 33}),
        Case(
            VIENNA.model_copy(update={"meals": []}),
            LoungeOptions(visit_on=MONDAY, meal=Meal.SNACK),
            {"age": 33},
        ),
    )

    def effects(self, token: str) -> int:
        return DESK.made[token]

    def messages(self, request: Any) -> Sequence[Mapping[str, Any]]:
        return ({"state": "confirmed"}, {"state": "anything"})


class TestDinner(RewardTypeContract):
    """Dinners wait for the kitchen, which tells when it has confirmed them."""

    reward_type = TestLounge.reward_type
    config = VIENNA
    options = LoungeOptions(visit_on=MONDAY)
    late = (Case(VIENNA, LoungeOptions(visit_on=MONDAY, meal=Meal.DINNER)),)

    def messages(self, request: Any) -> Sequence[Mapping[str, Any]]:
        return ({"state": "confirmed"},)


def test_season_cannot_end_before_it_begins() -> None:
    wrong = VIENNA.model_copy(update={"open_until": date(2026, 2, 1)})

    with pytest.raises(ValueError, match="open_until is before open_from"):
        TestLounge.reward_type.check(wrong)


def test_visit_cannot_be_revoked_after_it() -> None:
    lounge, request = TestLounge.reward_type, TestLounge().request()
    lounge.fulfill(request)
    DESK.entered.add(request.token)

    with pytest.raises(RevocationRefused, match="the visit has taken place"):
        lounge.revoke(request)


def test_desk_that_fails_is_doubt_not_a_no() -> None:
    away = AcmeDesk()
    away.close()
    request = TestLounge().request()

    with pytest.raises(OSError, match="Connection refused"):
        Lounge(HttpDesk(away.url, KEY)).fulfill(request)


def test_desk_is_asked_under_the_key() -> None:
    DESK.keys.clear()

    TestLounge.reward_type.probe(TestLounge().request())

    assert DESK.keys == {KEY}
