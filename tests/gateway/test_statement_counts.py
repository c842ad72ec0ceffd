"""How many statements an operation takes: one to know the caller, one to read."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.engine import Engine

CARD = """
query ($id: ID!) {
  member(id: $id) {
    number displayName tier { name rank } attributes
    balances {
      available pending held
      expirations(first: 3) { nodes { available expiresAt } }
    }
    redemptions(first: 5) { nodes { status reward { name price } } }
  }
}
"""
CATALOG = """
{ catalog(first: 50) { nodes {
  id name price currency { code } availability remaining slots { code remaining }
  ... on DiscountReward { percentOff }
  ... on ExperienceReward { venue startsAt }
} pageInfo { hasNextPage endCursor } } }
"""
HISTORY = """
query ($id: ID!) {
  member(id: $id) { redemptions(first: 50) { edges { cursor node {
    status pointsSpent requestedAt
    reward { name currency { code } ... on DiscountReward { percentOff } }
    fulfillment { ... on DiscountFulfillment { code validUntil } }
  } } } }
}
"""
REDEEM = "redemption { status }"


@dataclass
class Counted:
    """The statements of reads, as they are sent."""

    sent: list[str] = field(default_factory=list)


@pytest.fixture
def counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Counted:
    counter = Counted()
    read = type(engine.database).read

    async def reading(self: Any, sql: str, *arguments: Any, **options: Any) -> Any:
        counter.sent.append(sql)
        return await read(self, sql, *arguments, **options)

    monkeypatch.setattr(type(engine.database), "read", reading)
    return counter


@pytest.mark.parametrize(
    ("document", "is_of_member"),
    [(CARD, True), (CATALOG, False), (HISTORY, True)],
    ids=["member card", "catalog page of 50", "history of 50 with nested rewards"],
)
async def test_statements(
    staff_api: Any,
    ada: Any,
    rewards: dict[str, str],
    counted: Counted,
    document: str,
    is_of_member: bool,  # noqa: FBT001
) -> None:
    for reward in ("ten_percent_off", "free_delivery"):
        given = {"memberId": ada.id, "rewardId": rewards[reward]}
        await staff_api.change("redeemReward", REDEEM, **given)
    variables = {"id": ada.id} if is_of_member else {}
    await staff_api.data(document, **variables)
    counted.sent.clear()

    await staff_api.data(document, **variables)

    assert len(counted.sent) == 2
    assert "token_hash" in counted.sent[0]
