"""Lifelines are cut by the clock, whatever the database does."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.actors import Actor, Role
from gateway.identity.caller import Caller
from gateway.lifelines import ExpiredError, Lifelines


def caller(key_id: int | None, expires_at_us: int | None = None) -> Caller:
    return Caller(Actor(1, "desk", Role.STAFF, key_id=key_id), expires_at_us)


async def test_who_has_expired_is_cut_though_the_database_is_away(clock: Any) -> None:
    async def alive(_: Sequence[int]) -> set[int]:
        raise ConnectionError

    lines = Lifelines(clock, alive)
    with (
        lines.hold(caller(7)) as by_key,
        lines.hold(caller(None, clock.us)) as by_token,
    ):
        with pytest.raises(ConnectionError):
            await lines.check()

        assert isinstance(by_token.result(), ExpiredError)
        assert not by_key.done()


async def test_all_keys_are_looked_up_at_once(clock: Any) -> None:
    asked: list[set[int]] = []

    async def alive(key_ids: Sequence[int]) -> set[int]:
        asked.append(set(key_ids))
        return {7}

    lines = Lifelines(clock, alive)
    with (
        lines.hold(caller(7)) as good,
        lines.hold(caller(8)) as revoked,
        lines.hold(caller(None)) as without,
    ):
        await lines.check()

        assert asked == [{7, 8}]
        assert isinstance(revoked.result(), ExpiredError)
        assert not good.done()
        assert not without.done()
