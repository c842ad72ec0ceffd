"""Documents of plugins: what is hidden is left out, what is older comes whole."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from core.engine import Engine
from core.reads.selection import (
    STORED,
    TYPE,
    DocumentLeaf,
    Leaf,
    Member,
    Otherwise,
    Scope,
    Selection,
    Variant,
)
from core.storage.program_tables import Reward

CONFIG = (
    '{"title":"It\'s \\"one\\"","cards":[{"pin":"1","at":{"key":"k1","place":"a"}},'
    '{"pin":"2","at":{"key":"k2","place":"b"}}],"home":{"key":"k0","place":"c",'
    '"rooms":[{"key":"k3","name":"n"}]},"none":[],"nothing":null}'
)


@pytest.fixture
async def reward(engine: Engine, program_id: int) -> tuple[int]:
    change = (
        update(Reward)
        .where(col(Reward.code) == "plant_a_tree")
        .values(config=CONFIG, config_version=3)
    )
    await engine.database.configure(lambda session: session.execute(change))
    rows = await engine.database.read(
        "SELECT reward_id FROM reward WHERE program_id = $1 AND code = $2",
        program_id,
        "plant_a_tree",
    )
    return (rows[0][0],)


KEY = Member("key", is_hidden=True)
PLACE = Member("place")
PIN = Member("pin", is_hidden=True)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        (Member("title"), 'It\'s "one"'),
        (Member("title", is_hidden=True), None),
        (
            Member("cards", is_list=True, members=(PIN, Member("at"))),
            [
                {"pin": None, "at": {"key": "k1", "place": "a"}},
                {"pin": None, "at": {"key": "k2", "place": "b"}},
            ],
        ),
        (
            Member(
                "cards",
                is_list=True,
                members=(Member("pin"), Member("at", members=(KEY, PLACE))),
            ),
            [
                {"pin": "1", "at": {"key": None, "place": "a"}},
                {"pin": "2", "at": {"key": None, "place": "b"}},
            ],
        ),
        (
            Member(
                "home",
                members=(
                    Member("key"),
                    Member("rooms", is_list=True, members=(KEY, Member("name"))),
                ),
            ),
            {"key": "k0", "rooms": [{"key": None, "name": "n"}]},
        ),
        (Member("none", is_list=True, members=(KEY, PLACE)), []),
        (Member("nothing", is_list=True, members=(KEY, PLACE)), None),
        (Member("nothing", members=(KEY, PLACE)), None),
        (Member("absent", is_list=True, members=(KEY, PLACE)), None),
        (
            Member(
                "absent",
                default='[{"key":"d","place":"it\'s"}]',
                is_list=True,
                members=(KEY, PLACE),
            ),
            [{"key": None, "place": "it's"}],
        ),
        (Member("absent", default='{"a":[1,"x"]}'), {"a": [1, "x"]}),
        (Member("nothing", default='"given"'), None),
    ],
    ids=[f"{number}" for number in range(12)],
)
async def test_hidden_members_are_null_at_any_depth(
    engine: Engine, program_id: int, reward: tuple[int], member: Member, value: Any
) -> None:
    selection = Selection((DocumentLeaf("it", "config", member),))

    found = await engine.reads.one("reward", reward, selection, Scope(program_id))

    assert found == {"it": value}


@pytest.mark.parametrize(("version", "is_present"), [(2, False), (3, True), (4, False)])
async def test_another_version_comes_as_it_is_stored(
    engine: Engine,
    program_id: int,
    reward: tuple[int],
    version: int,
    *,
    is_present: bool,
) -> None:
    # A list in today's version, but not in the one that is stored.
    member = Member("cards" if is_present else "title", is_list=True, members=(PIN,))
    title = DocumentLeaf("cards", "config", member)
    otherwise = Otherwise("config", version, (Leaf("code", "code"),))
    variant = Variant("Gift", "donation", (title,), otherwise)

    found = await engine.reads.one(
        "reward", reward, Selection(variants=(variant,)), Scope(program_id)
    )

    assert found is not None
    assert found.pop(TYPE) == "Gift"
    if is_present:
        assert found == {"cards": [{"pin": None}, {"pin": None}]}
    else:
        stored = found.pop(STORED)
        assert found == {"code": "plant_a_tree"}
        assert stored["version"] == 3
        assert stored["document"]["home"]["place"] == "c"


async def test_only_documents_have_members(
    engine: Engine, program_id: int, reward: tuple[int]
) -> None:
    wrong = Selection((DocumentLeaf("it", "name", Member("x")),))

    with pytest.raises(TypeError, match="name is no document"):
        await engine.reads.one("reward", reward, wrong, Scope(program_id))
