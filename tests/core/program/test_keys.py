"""Keys: made by those who may, with no right more, once per idempotency key."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.actors import SCOPES, Actor, Role, Scope
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    IdempotencyConflictError,
    InvalidInputError,
    KeyNotFoundError,
    MemberNotFoundError,
)
from core.program import impersonation, keys, subjects, tokens
from core.program.tokens import Wanted

KEY = "keys-test-0000001"


@pytest.fixture
def admin(program_id: int) -> Actor:
    return Actor(program_id, "office", Role.ADMIN)


async def rows(engine: Engine) -> list[Any]:
    return [
        await engine.database.read(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("token", "request")
    ]


async def test_a_key_and_its_maker(engine: Engine, admin: Actor, clock: Any) -> None:
    wanted = Wanted(0, Role.STORE, "till-1", expires_at_us=clock.us + 5)

    made = await keys.create(engine, by=admin, key=KEY, wanted=wanted)

    assert made.secret is not None
    (listed,) = await keys.list_all(engine, program_id=admin.program_id)
    assert listed == keys.Key(
        made.key_id,
        made.secret[:8],
        "till-1",
        Role.STORE,
        SCOPES[Role.STORE],
        None,
        clock.us,
        "office",
        clock.us + 5,
        None,
        None,
    )
    known = await tokens.authenticate(engine, made.secret)
    assert known is not None
    assert known.actor == Actor(
        admin.program_id, "till-1", Role.STORE, key_id=made.key_id
    )


async def test_a_replay_shows_no_secret(engine: Engine, admin: Actor) -> None:
    wanted = Wanted(0, Role.STORE)
    made = await keys.create(engine, by=admin, key=KEY, wanted=wanted)
    before = await rows(engine)

    again = await keys.create(engine, by=admin, key=KEY, wanted=wanted)

    assert again == keys.CreatedKey(made.key_id, None)
    assert again.replayed
    other = replace(wanted, client_id="other")
    with pytest.raises(IdempotencyConflictError):
        await keys.create(engine, by=admin, key=KEY, wanted=other)
    assert await rows(engine) == before


async def test_the_same_request_ten_times_at_once(engine: Engine, admin: Actor) -> None:
    wanted = Wanted(0, Role.STORE)

    answers = await asyncio.gather(
        *(keys.create(engine, by=admin, key=KEY, wanted=wanted) for _ in range(10))
    )

    assert len({one.key_id for one in answers}) == 1
    assert [one.replayed for one in answers].count(False) == 1
    assert len(await engine.database.read("SELECT 1 FROM token")) == 1


async def test_nobody_makes_a_key_that_may_more(
    engine: Engine, admin: Actor, ada: int
) -> None:
    narrow = replace(
        admin, narrowed_to=frozenset({Scope.KEYS_WRITE, Scope.TOTALS_READ})
    )
    before = await rows(engine)
    refused: list[tuple[Wanted, Actor, type[Exception]]] = [
        (Wanted(0, Role.ADMIN), narrow, ForbiddenError),
        (Wanted(0, Role.MARKETER), narrow, ForbiddenError),
        (
            Wanted(0, Role.ADMIN, scopes=frozenset({Scope.LEDGER_ADJUST})),
            narrow,
            ForbiddenError,
        ),
        (Wanted(0, Role.MEMBER, holder_id=ada), narrow, ForbiddenError),
        (Wanted(0, Role.MEMBER, holder_id=999), admin, MemberNotFoundError),
        (Wanted(0, Role.STORE, "A b"), admin, InvalidInputError),
        (Wanted(0, Role.STORE, f"member-{ada:016x}"), admin, InvalidInputError),
        (Wanted(0, Role.STORE, "oidc-1"), admin, InvalidInputError),
        (Wanted(0, Role.STORE), replace(admin, role=Role.STAFF), ForbiddenError),
    ]

    for wanted, by, kind in refused:
        with pytest.raises(kind):
            await keys.create(engine, by=by, key=KEY, wanted=wanted)

    assert await rows(engine) == before
    allowed = Wanted(0, Role.ANALYST, scopes=frozenset({Scope.TOTALS_READ}))
    assert (await keys.create(engine, by=narrow, key=KEY, wanted=allowed)).secret


async def test_revoked_for_ever(engine: Engine, admin: Actor, clock: Any) -> None:
    made = await keys.create(engine, by=admin, key=KEY, wanted=Wanted(0, Role.STORE))
    assert made.secret is not None
    assert await tokens.is_alive(engine, made.key_id)

    await keys.revoke(engine, by=admin, key_id=made.key_id)
    clock.us += 7
    await keys.revoke(engine, by=admin, key_id=made.key_id)

    assert await tokens.authenticate(engine, made.secret) is None
    assert not await tokens.is_alive(engine, made.key_id)
    (listed,) = await keys.list_all(engine, program_id=admin.program_id)
    assert listed.revoked_at_us == clock.us - 7
    assert listed.state_at(clock.us) == "revoked"


async def test_a_key_of_another_program(engine: Engine, admin: Actor) -> None:
    made = await keys.create(engine, by=admin, key=KEY, wanted=Wanted(0, Role.STORE))
    before = await rows(engine)
    elsewhere = replace(admin, program_id=admin.program_id + 1)

    for by, key_id in ((elsewhere, made.key_id), (admin, made.key_id + 1)):
        with pytest.raises(KeyNotFoundError):
            await keys.revoke(engine, by=by, key_id=key_id)

    assert await rows(engine) == before


async def test_the_last_use_only_grows(engine: Engine, admin: Actor) -> None:
    made = await keys.create(engine, by=admin, key=KEY, wanted=Wanted(0, Role.STORE))

    for used_at_us in (50, 40, 60):
        await keys.note_use(engine, key_id=made.key_id, used_at_us=used_at_us)

    (listed,) = await keys.list_all(engine, program_id=admin.program_id)
    assert listed.last_used_at_us == 60


async def test_leave_to_act_for_a_member(
    engine: Engine, shop: Actor, ada: int, clock: Any
) -> None:
    permit = await impersonation.permit(engine, by=shop, holder_id=ada, life_s=60)

    assert permit.expires_at_us == clock.us + 60_000_000
    assert permit.actor == Actor(
        shop.program_id,
        f"member-{ada:016x}",
        Role.MEMBER,
        ada,
        SCOPES[Role.MEMBER],
    )


async def test_a_permit_may_no_more_than_its_giver(
    engine: Engine, shop: Actor, ada: int
) -> None:
    narrow = replace(
        shop, narrowed_to=frozenset({Scope.MEMBERS_IMPERSONATE}), key_id=77
    )

    permit = await impersonation.permit(engine, by=narrow, holder_id=ada)

    assert permit.actor.scopes == {Scope.MEMBER_SELF}
    assert permit.actor.key_id == 77


async def test_a_permit_ends_with_its_givers_credential(
    engine: Engine, shop: Actor, ada: int, clock: Any
) -> None:
    for own_us, ends_us in (
        (clock.us + 30_500_000, clock.us + 30_000_000),
        (clock.us + 90_000_000, clock.us + 60_000_000),
    ):
        brief = replace(shop, expires_at_us=own_us)

        permit = await impersonation.permit(engine, by=brief, holder_id=ada, life_s=60)

        assert permit.expires_at_us == permit.actor.expires_at_us == ends_us


async def test_who_gets_no_permit(
    engine: Engine, shop: Actor, staff: Actor, ada: int
) -> None:
    refused: list[tuple[Actor, int, int, type[Exception]]] = [
        (staff, ada, 60, ForbiddenError),
        (replace(shop, program_id=shop.program_id + 1), ada, 60, MemberNotFoundError),
        (shop, 999, 60, MemberNotFoundError),
        (shop, ada, 59, InvalidInputError),
        (shop, ada, 3_601, InvalidInputError),
    ]
    for by, holder_id, life_s, kind in refused:
        with pytest.raises(kind):
            await impersonation.permit(
                engine, by=by, holder_id=holder_id, life_s=life_s
            )


async def test_subjects_need_an_issuer(engine: Engine, shop: Actor, ada: int) -> None:
    with pytest.raises(InvalidInputError, match="GUERDON_OIDC_ISSUER"):
        await subjects.link(engine, by=shop, holder_id=ada, subject="s")

    assert (
        await engine.database.read("SELECT * FROM directory WHERE kind = 'oidc'") == []
    )
