"""The smallest plugin that works."""

from datetime import UTC, datetime

from core.extension.registry import Registry
from core.extension.reward_type import AnyRequest
from guerdon import CodeReward, CodeTerms, hookimpl
from guerdon.testing import RewardTypeContract


class FreeCoffee(CodeReward):
    """A free coffee."""

    code = "free_coffee"


class Plugin:
    """The coffee as a plugin."""

    @hookimpl
    def register_reward_types(self) -> list[FreeCoffee]:
        return [FreeCoffee()]


class TestFreeCoffee(RewardTypeContract):
    reward_type = FreeCoffee()
    config = CodeTerms()


def request(token: str) -> AnyRequest:
    return AnyRequest(
        token=token,
        member_id="mbr_0000000000000001",
        config=CodeTerms(valid_days=7),
        options=None,
        quantity=1,
        requested_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


def test_a_code_follows_from_its_token() -> None:
    (coffee,) = Registry.of(Plugin()).reward_types

    one, again, other = (coffee.fulfill(request(token)) for token in "aab")

    assert one == again
    assert one.code != other.code
    assert one.valid_until == datetime(2026, 6, 8, tzinfo=UTC)
