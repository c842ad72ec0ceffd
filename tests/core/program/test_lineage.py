"""Keys that keys made: they end no later, and are revoked with them."""

import asyncio
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import ForbiddenError, InvalidInputError
from core.program import definition, keys, tokens
from core.program.tokens import Wanted
from tests.core.program.conftest import PROGRAM

KEY = "lineage-test-0001"


@pytest.fixture
async def other_program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM | {"code": "other"})


async def known(engine: Engine, secret: str | None) -> Actor:
    assert secret is not None
    found = await tokens.authenticate(engine, secret)
    assert found is not None
    return found.actor


async def test_no_key_outlives_the_one_that_makes_it(
    engine: Engine, program_id: int, clock: Any
) -> None:
    ends_us = clock.us + 60_000_000
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.ADMIN, expires_at_us=ends_us
    )
    brief = await known(engine, secret)
    before = await keys.list_all(engine, program_id=program_id)

    for late_us in (None, ends_us + 1):
        wanted = Wanted(0, Role.STORE, expires_at_us=late_us)
        with pytest.raises(InvalidInputError) as caught:
            await keys.create(engine, by=brief, key=KEY, wanted=wanted)
        assert caught.value.field == "expiresAt"

    assert await keys.list_all(engine, program_id=program_id) == before
    wanted = Wanted(0, Role.STORE, expires_at_us=ends_us)
    made = await keys.create(engine, by=brief, key=KEY, wanted=wanted)
    assert await known(engine, made.secret)
    clock.us = ends_us
    again = await keys.create(engine, by=brief, key=KEY, wanted=wanted)
    assert again == keys.CreatedKey(made.key_id, None)


async def test_with_a_key_go_those_that_it_made(
    engine: Engine, program_id: int, other_program_id: int, clock: Any
) -> None:
    secret = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)
    await tokens.create(engine, program_id=other_program_id, role=Role.ADMIN)
    root = await known(engine, secret)
    line = [root]
    for client in ("child", "grandchild"):
        wanted = Wanted(0, Role.ADMIN, client)
        made = await keys.create(engine, by=line[-1], key=KEY, wanted=wanted)
        line.append(await known(engine, made.secret))
    # A key of the same client that another one made stays.
    own = Actor(program_id, "admin", Role.ADMIN)
    await keys.create(engine, by=own, key="own", wanted=Wanted(0, Role.ADMIN))
    assert line[2].key_id is not None
    assert line[1].key_id is not None
    await keys.revoke(engine, by=root, key_id=line[2].key_id)
    clock.us += 5

    await keys.revoke(engine, by=root, key_id=line[1].key_id)

    listed = await keys.list_all(engine, program_id=program_id)
    now_us = clock.us
    assert [one.revoked_at_us for one in listed] == [None, now_us, now_us - 5, None]
    with pytest.raises(ForbiddenError):
        await keys.create(engine, by=line[1], key="late", wanted=Wanted(0, Role.STORE))
    assert root.key_id is not None
    await keys.revoke(engine, by=own, key_id=root.key_id)
    assert not await tokens.is_alive(engine, root.key_id)
    (elsewhere,) = await keys.list_all(engine, program_id=other_program_id)
    assert elsewhere.revoked_at_us is None


async def test_a_key_made_while_its_maker_is_revoked(
    engine: Engine, program_id: int
) -> None:
    secret = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)
    root = await known(engine, secret)
    assert root.key_id is not None

    await asyncio.gather(
        *(
            keys.create(
                engine, by=root, key=f"{KEY}{n}", wanted=Wanted(0, Role.STORE, f"t{n}")
            )
            for n in range(5)
        ),
        keys.revoke(engine, by=root, key_id=root.key_id),
        return_exceptions=True,
    )

    listed = await keys.list_all(engine, program_id=program_id)
    assert all(one.revoked_at_us is not None for one in listed)
