"""Tokens: stored as hashes, good for one program, for a while."""

from dataclasses import replace
from typing import Any

import pytest

from core.actors import Actor, Role, Scope
from core.engine import Engine
from core.errors import InvalidInputError
from core.program import tokens


async def test_who_holds_it(engine: Engine, program_id: int) -> None:
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.STAFF, client_id="desk"
    )

    assert secret.startswith(tokens.PREFIX)
    known = await tokens.authenticate(engine, secret)
    assert known is not None
    assert replace(known.actor, key_id=None) == Actor(program_id, "desk", Role.STAFF)


async def test_a_members_token_is_for_itself(
    engine: Engine, program_id: int, ada: int
) -> None:
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.MEMBER, holder_id=ada
    )

    known = await tokens.authenticate(engine, secret)
    assert known is not None
    assert replace(known.actor, key_id=None) == Actor(
        program_id, f"member-{ada:016x}", Role.MEMBER, ada
    )


async def test_fewer_scopes_than_the_role(engine: Engine, program_id: int) -> None:
    wanted = frozenset({Scope.TOTALS_READ})
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.ADMIN, scopes=wanted
    )

    known = await tokens.authenticate(engine, secret)

    assert known is not None
    assert known.actor.scopes == wanted


async def test_a_scope_that_is_no_more_grants_nothing(
    engine: Engine, program_id: int
) -> None:
    secret = await tokens.create(
        engine,
        program_id=program_id,
        role=Role.ADMIN,
        scopes=frozenset({Scope.TOTALS_READ}),
    )
    await engine.database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE token SET scopes = 'members:fly'"
        )
    )

    known = await tokens.authenticate(engine, secret)

    assert known is not None
    assert known.actor.scopes == frozenset()


async def test_the_secret_is_not_stored(engine: Engine, program_id: int) -> None:
    secret = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)

    stored = await engine.database.read("SELECT * FROM token")

    assert len(stored) == 1
    assert secret.removeprefix(tokens.PREFIX) not in repr(stored)


async def test_wrong_secrets(engine: Engine, program_id: int) -> None:
    secret = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)

    for wrong in ("", tokens.PREFIX, secret[:-1], secret + "x", secret.upper()):
        assert await tokens.authenticate(engine, wrong) is None


async def test_an_end(engine: Engine, clock: Any, program_id: int) -> None:
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.ADMIN, expires_at_us=clock.us + 10
    )

    clock.us += 9
    assert await tokens.authenticate(engine, secret) is not None
    clock.us += 1
    assert await tokens.authenticate(engine, secret) is None


async def test_a_revoked_token(engine: Engine, program_id: int) -> None:
    secret = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)
    await engine.database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE token SET revoked_at_us = 1"
        )
    )

    assert await tokens.authenticate(engine, secret) is None


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("member", {"role": Role.MEMBER}),
        ("member", {"role": Role.STAFF, "holder_id": 1}),
        ("client", {"role": Role.STAFF, "client_id": "A b"}),
        ("client", {"role": Role.STAFF, "client_id": "due"}),
        ("client", {"role": Role.STAFF, "client_id": "saga"}),
        ("client", {"role": Role.STAFF, "client_id": "x" * 65}),
        ("scopes", {"role": Role.STAFF, "scopes": frozenset({Scope.KEYS_WRITE})}),
        ("scopes", {"role": Role.ADMIN, "scopes": frozenset({Scope.MEMBER_SELF})}),
        ("scopes", {"role": Role.ADMIN, "scopes": frozenset()}),
        ("expiresAt", {"role": Role.ADMIN, "expires_at_us": 1}),
    ],
)
async def test_what_does_not_go_together(
    engine: Engine, program_id: int, field: str, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await tokens.create(engine, program_id=program_id, **given)

    assert caught.value.field == field
    assert await engine.database.read("SELECT * FROM token") == []
