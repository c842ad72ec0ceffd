"""Two people agree: one with two keys is one, if one key is from the other."""

from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import SecondPersonNeededError
from core.program import drafting, keys, makers, tokens
from core.program.tokens import Wanted
from tests.core.program.conftest import PROGRAM


async def from_command_line(engine: Engine, program_id: int, client: str) -> Actor:
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.ADMIN, client_id=client
    )
    return await of(engine, secret)


async def made_by(engine: Engine, by: Actor, client: str) -> Actor:
    made = await keys.create(
        engine, by=by, key=f"make-{client}", wanted=Wanted(0, Role.ADMIN, client)
    )
    assert made.secret is not None
    return await of(engine, made.secret)


async def of(engine: Engine, secret: str) -> Actor:
    known = await tokens.authenticate(engine, secret)
    assert known is not None
    return known.actor


@pytest.fixture
async def office(engine: Engine, program_id: int) -> Actor:
    return await from_command_line(engine, program_id, "office")


async def are_kin(engine: Engine, by: Actor, client: str) -> bool:
    return await engine.database.configure(
        lambda session: makers.are_kin(session, by, client)
    )


async def test_a_key_from_the_other_is_no_second_person(
    engine: Engine, office: Actor
) -> None:
    editor = await made_by(engine, office, "editor")
    intern = await made_by(engine, editor, "intern")
    chief = await from_command_line(engine, office.program_id, "chief")
    values: dict[str, Any] = PROGRAM | {"approval": "two_people"}
    for by, others in ((office, (editor, intern)), (intern, (editor, office))):
        drafted = await drafting.draft(engine, by=by, key="draft", values=values)
        number = drafted.version.number
        for other in (by, *others):
            with pytest.raises(SecondPersonNeededError):
                await drafting.approve(engine, by=other, key="agree", number=number)

        agreed = await drafting.approve(
            engine, by=chief, key=f"agree-{number}", number=number
        )

        assert agreed.version.approved_by == "chief"


async def test_two_keys_of_a_third_are_two_people(
    engine: Engine, office: Actor
) -> None:
    editor = await made_by(engine, office, "editor")
    await made_by(engine, office, "chief")

    assert not await are_kin(engine, editor, "chief")


async def test_a_name_of_somebody_else_helps_nobody(
    engine: Engine, office: Actor
) -> None:
    chief = await from_command_line(engine, office.program_id, "chief")
    false_chief = await made_by(engine, office, "chief")

    assert await are_kin(engine, false_chief, "office")
    assert await are_kin(engine, office, "chief")
    assert not await are_kin(engine, chief, "office")


async def test_a_renewed_key_has_the_same_makers(engine: Engine, office: Actor) -> None:
    editor = await made_by(engine, office, "editor")
    renewed = await made_by(engine, editor, "editor")

    assert await are_kin(engine, renewed, "office")


async def test_keys_of_another_program_do_not_count(
    engine: Engine, office: Actor
) -> None:
    await made_by(engine, office, "editor")
    elsewhere = Actor(office.program_id + 1, "editor", Role.ADMIN)

    assert not await are_kin(engine, elsewhere, "office")
