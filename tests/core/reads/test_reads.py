"""Selections give the same answers on both databases, and only what is in scope."""

from typing import Any

import pytest

from core.engine import Engine
from core.ids import encode
from core.program import definition, members
from core.reads.selection import (
    CURSOR,
    TYPE,
    Branch,
    DocumentLeaf,
    Leaf,
    Member,
    Page,
    Same,
    Scope,
    Selection,
    Variant,
)

ODD = "quote \" back \\ line\nnul-ish \x01 tab\t é 漢 \U0001f381 </script> \u2028 '"


def leaves(*names: str) -> tuple[Leaf, ...]:
    return tuple(Leaf(name, name) for name in names)


ID = Selection(leaves("id"))


async def read(
    engine: Engine, entity: str, key: tuple[int, ...], selection: Selection, **more: Any
) -> Any:
    program_id = await definition.find(engine)
    assert program_id is not None
    scope = Scope(more.get("program_id", program_id), more.get("holder_id"))
    return await engine.reads.one(entity, key, selection, scope)


async def test_every_form_of_value(engine: Engine, ada: int) -> None:
    selection = Selection(
        (
            *leaves("id", "number", "display_name", "email", "joined_at"),
            Branch("tier", "tier", Selection(leaves("code", "rank", "threshold"))),
            Branch(
                "balances",
                "balances",
                Selection(leaves("currency", "available", "pending", "held", "debt")),
            ),
        )
    )

    assert await read(engine, "member", (ada,), selection) == {
        "id": encode("member", ada),
        "number": "00001",
        "display_name": "Ada",
        "email": "a@b.c",
        "joined_at": "2027-01-15T08:00:00.000Z",
        "tier": {"code": "silver", "rank": 1, "threshold": 100},
        "balances": [
            {"currency": "PTS", "available": 150, "pending": 0, "held": 0, "debt": 0}
        ],
    }


async def test_absent_values_are_null(engine: Engine, bob: int) -> None:
    selection = Selection(
        (
            *leaves("number", "display_name", "email"),
            Same("name", Selection(leaves("display_name")), unless_null="display_name"),
            Same("self", Selection(leaves("id"))),
            Branch("redemptions", "redemptions", ID, Page(5)),
        )
    )

    assert await read(engine, "member", (bob,), selection) == {
        "number": None,
        "display_name": None,
        "email": None,
        "name": None,
        "self": {"id": encode("member", bob)},
        "redemptions": [],
    }


@pytest.mark.parametrize("text", [ODD, "{}", "null", "$1", "%s", "''", "\\u0041"])
async def test_odd_text_comes_back_as_it_is(
    engine: Engine, shop: Any, text: str
) -> None:
    one = await members.enroll(engine, by=shop, key="odd", display_name=text)

    found = await read(
        engine, "member", (one.holder_id,), Selection(leaves("display_name"))
    )

    assert found == {"display_name": text}


async def test_many_rows_in_the_order_asked_for(
    engine: Engine, ada: int, bob: int, program_id: int
) -> None:
    keys = [(bob,), (999,), (ada,), (bob,)]

    found = await engine.reads.many("member", keys, ID, Scope(program_id))

    ids = [encode("member", bob), None, encode("member", ada), encode("member", bob)]
    assert [one and one["id"] for one in found] == ids


async def test_out_of_scope_looks_absent(engine: Engine, ada: int, bob: int) -> None:
    other = await definition.apply(
        engine,
        {"code": "other", "name": "Other", "currencies": [{"code": "XX", "name": "X"}]},
    )
    tx = Selection(leaves("kind"))

    assert await read(engine, "member", (ada,), ID, holder_id=ada) is not None
    assert await read(engine, "member", (ada,), ID, holder_id=bob) is None
    assert await read(engine, "member", (ada,), ID, program_id=other) is None
    assert await read(engine, "transaction", (ada, 2), tx) == {"kind": "EARN"}
    assert await read(engine, "transaction", (ada, 2), tx, holder_id=bob) is None
    assert await read(engine, "transaction", (ada, 2), tx, program_id=other) is None


async def test_lists_keep_to_the_scope(
    engine: Engine, ada: int, bob: int, program_id: int
) -> None:
    selection = Selection((Branch("members", "members", ID, Page(10)),))
    key = (program_id,)

    everyone = await read(engine, "program", key, selection)
    herself = await read(engine, "program", key, selection, holder_id=ada)

    assert [one["id"] for one in everyone["members"]] == [
        encode("member", ada),
        encode("member", bob),
    ]
    assert [one["id"] for one in herself["members"]] == [encode("member", ada)]


async def test_pages_tell_that_more_follow(engine: Engine, ada: int) -> None:
    async def page(first: int, after: int | None = None) -> list[Any]:
        branch = Branch(
            "list", "transactions", Selection(leaves("kind")), Page(first, after)
        )
        found = await read(engine, "member", (ada,), Selection((branch,)))
        rows: list[Any] = found["list"]
        return rows

    rows = await page(1)
    assert [one["kind"] for one in rows] == ["EARN", "EARN"]  # one more than asked for
    rest = await page(5, rows[0][CURSOR])
    assert [one["kind"] for one in rest] == ["EARN", "OPEN"]
    assert await page(5, rest[-1][CURSOR]) == []


async def test_documents_and_variants(engine: Engine, program_id: int) -> None:
    percent = DocumentLeaf("p", "config", Member("percent_off"))
    discount = Variant("Discount", "discount", (percent,))
    other = Variant("Other", None, leaves("code"))
    rewards = Branch(
        "rewards", "rewards", Selection(variants=(discount, other)), Page(10)
    )

    found = await read(engine, "program", (program_id,), Selection((rewards,)))

    shown = [{k: v for k, v in one.items() if k != CURSOR} for one in found["rewards"]]
    assert shown == [
        {TYPE: "Other", "code": "backstage"},
        {TYPE: "Other", "code": "plant_a_tree"},
        {TYPE: "Other", "code": "free_delivery"},
        {TYPE: "Discount", "p": 10},
    ]


async def test_a_whole_document_and_what_is_not_in_it(
    engine: Engine, program_id: int
) -> None:
    fields = (
        Leaf("all", "config"),
        DocumentLeaf("regions", "config", Member("regions")),
        DocumentLeaf("none", "config", Member("nothing")),
        DocumentLeaf("given", "config", Member("nothing", default='["it\'s","x"]')),
        DocumentLeaf("hidden", "config", Member("regions", is_hidden=True)),
    )
    rows = await engine.database.read(
        "SELECT reward_id FROM reward WHERE program_id = $1 AND code = 'free_delivery'",
        program_id,
    )

    assert await read(engine, "reward", rows[0], Selection(fields)) == {
        "all": {
            "regions": ["US", "CA"],
            "maximum_weight_grams": None,
            "minimum_order": None,
            "carriers": [],
            "service": "standard",
            "express_surcharge": None,
            "valid_days": 14,
        },
        "regions": ["US", "CA"],
        "none": None,
        "given": ["it's", "x"],
        "hidden": None,
    }


async def test_relations_across_and_back(engine: Engine, ada: int) -> None:
    member = Branch("member", "member", Selection((*leaves("number"),)))
    tier = Branch("again", "member", Selection((Branch("t", "tier", ID),)))
    effects = Branch("effects", "effects", Selection(leaves("currency", "available")))
    selection = Selection((*leaves("reference"), member, tier, effects))

    found = await read(engine, "transaction", (ada, 2), selection)

    assert found["reference"] == "o1"
    assert found["member"] == {"number": "00001"}
    assert found["again"]["t"]["id"].startswith("tir_")
    assert found["effects"] == [{"currency": "PTS", "available": 100}]


@pytest.mark.parametrize("name", ["a b", "a'b", 'a"b', "", "a;--", "x" * 256])
async def test_a_name_that_is_none_is_refused(
    engine: Engine, ada: int, name: str
) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await read(engine, "member", (ada,), Selection((Leaf(name, "id"),)))
    with pytest.raises(ValueError, match="not a name"):
        await read(
            engine, "member", (ada,), Selection(variants=(Variant(name, None, ()),))
        )


async def test_the_statement_does_not_grow_with_the_lists(
    engine: Engine, ada: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    before = engine.database.read

    async def spy(sql: str, *more: Any, **named: Any) -> Any:
        asked.append(sql)
        return await before(sql, *more, **named)

    program_id = await definition.find(engine)
    monkeypatch.setattr(engine.database, "read", spy)
    effects = Branch("effects", "effects", Selection(leaves("currency")))
    branch = Branch("list", "transactions", Selection((effects,)), Page(50))

    assert program_id is not None
    await engine.reads.one("member", (ada,), Selection((branch,)), Scope(program_id))

    assert len(asked) == 1
