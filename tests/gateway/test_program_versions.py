"""Versions of a program over GraphQL: drafted, approved, published, rolled back."""

import asyncio
import copy
from typing import Any

import pytest

from core.actors import Role
from core.program import due, tokens
from tests.conftest import PROGRAM, START_US
from tests.gateway.conftest import Api, Callers, new_key

VERSION = (
    "version { number state sha256 note base restores draftedBy approvedBy publishedBy "
    "publishAt failure } replayed userErrors { code path message "
    "... on ProgramFaulty { faults { path reason } } "
    "... on ProgramVersionOutdated { published } "
    "... on ProgramVersionStateConflict { status } }"
)
ROWS = (
    "SELECT code, version, is_active, definition FROM rule ORDER BY 1, 2",
    "SELECT code, rank, threshold FROM tier ORDER BY 1",
    "SELECT code, name, price, is_active, config FROM reward ORDER BY 1",
    "SELECT code, name FROM currency ORDER BY 1",
    "SELECT name, time_zone FROM program",
    "SELECT number, state, publish_at_us FROM program_version ORDER BY 1",
)


@pytest.fixture
async def admin(caller: Callers) -> Api:
    return await caller("admin")


@pytest.fixture
async def second(admin: Api) -> Api:
    """Another admin's client of the same program."""
    secret = await tokens.create(
        admin.engine, program_id=admin.program_id, role=Role.ADMIN, client_id="second"
    )
    return Api(admin.engine, admin.app, admin.client, admin.program_id, secret)


def changed(**values: Any) -> dict[str, Any]:
    return {**copy.deepcopy(PROGRAM), **values}


def priced(price: int) -> dict[str, Any]:
    document = changed()
    document["rewards"][0]["price"] = price
    return document


async def rows(api: Api) -> list[Any]:
    return [await api.engine.database.read(sql) for sql in ROWS]


async def draft(api: Api, document: Any, **more: Any) -> Any:
    answer = await api.change("draftProgram", VERSION, document=document, **more)
    assert answer["userErrors"] == []
    return answer["version"]


async def test_what_the_installation_applied_is_the_first_version(admin: Api) -> None:
    found = await admin.data(
        "{ programVersions { number state draftedBy publishedBy } "
        "programVersion(number: 1) { document faults { path } } "
        "missing: programVersion(number: 9) { number } }"
    )

    assert found["programVersions"] == [
        {
            "number": 1,
            "state": "PUBLISHED",
            "draftedBy": "installation",
            "publishedBy": "installation",
        }
    ]
    document = found["programVersion"]["document"]
    assert document["code"] == "main"
    assert [one["code"] for one in document["tiers"]] == ["bronze", "silver", "gold"]
    assert found["missing"] is None


async def test_a_draft_changes_nothing_until_it_is_published(admin: Api) -> None:
    before = (await rows(admin))[:-1]

    drafted = await draft(admin, priced(70), note="dearer")
    untouched = (await rows(admin))[:-1]
    answer = await admin.change("publishProgramVersion", VERSION, number=2)

    assert drafted["state"] == "DRAFT"
    assert (drafted["number"], drafted["base"], drafted["note"]) == (2, 1, "dearer")
    assert untouched == before
    assert answer["version"] | {"sha256": ""} == drafted | {
        "sha256": "",
        "state": "PUBLISHED",
        "publishedBy": "admin",
    }
    found = await admin.data(
        "{ programVersions { number state } catalog { nodes { code price } } }"
    )
    assert found["programVersions"] == [
        {"number": 2, "state": "PUBLISHED"},
        {"number": 1, "state": "RETIRED"},
    ]
    prices = {one["code"]: one["price"] for one in found["catalog"]["nodes"]}
    assert prices["ten_percent_off"] == 70


async def test_every_fault_is_told_at_once_and_nothing_is_stored(admin: Api) -> None:
    document = changed(time_zone="Mars/Olympus", colour="red")
    document["rules"][0]["currency"] = "STARS"
    document["rules"][1]["activity"] = "sing_up"
    document["tiers"][2]["threshold"] = 50
    document["rewards"][0]["config"] = {"percent_off": 1000, "days": 3}
    document["rewards"][1]["type"] = "yacht"
    document["rewards"][2]["price"] = 0
    document["rewards"][3]["code"] = "ten_percent_off"
    before = await rows(admin)

    answer = await admin.change("draftProgram", VERSION, document=document)

    (error,) = answer["userErrors"]
    assert answer["version"] is None
    assert (error["code"], error["path"]) == ("PROGRAM_FAULTY", ["input", "document"])
    assert {one["path"] for one in error["faults"]} >= {
        "colour",
        "time_zone",
        "rules[0].currency",
        "rules[1].activity",
        "tiers[2].threshold",
        "rewards[0].config.percent_off",
        "rewards[0].config.days",
        "rewards[1].type",
        "rewards[2].price",
        "rewards[3].code",
    }
    assert await rows(admin) == before


@pytest.mark.usefixtures("ada")
async def test_what_members_have_cannot_be_taken(admin: Api) -> None:
    document = changed(currencies=[{"code": "NEW", "name": "New", "scale": 0}])
    for part in (*document["rules"], *document["rewards"]):
        part["currency"] = "NEW"
    document["rewards"][0]["type"] = "free_shipping"
    document["rewards"][0]["config"] = {"regions": ["US"], "valid_days": 3}

    answer = await admin.change("draftProgram", VERSION, document=document)

    (error,) = answer["userErrors"]
    assert error["faults"] == [
        {
            "path": "currencies",
            "reason": "PTS cannot go: members have, or had, points in it",
        },
        {
            "path": "rewards[0].type",
            "reason": "cannot change from discount; use another code",
        },
    ]


@pytest.mark.usefixtures("ada")
async def test_a_preview_tells_what_changes_and_whom_it_moves(admin: Api) -> None:
    document = changed(name="Corner Store")
    document["tiers"][2]["threshold"] = 400  # Ada has 310
    document["rules"] = document["rules"][:2]
    document["rewards"][0]["config"]["percent_off"] = 15
    document["rewards"].append({**document["rewards"][2], "code": "another_tree"})
    await draft(admin, document)

    found = await admin.data(
        "{ programVersion(number: 2) { moves { membersUp membersDown } "
        "diff { kind part code words changes { path before after } } "
        "same: diff(against: 2) { code } } }"
    )

    version = found["programVersion"]
    assert version["moves"] == {"membersUp": 0, "membersDown": 1}
    assert version["same"] == []
    assert [one["words"] for one in version["diff"]] == [
        "program main changes: name 'Corner Shop' -> 'Corner Store'",
        "rule review retires: it gives no more points, and those it gave stay",
        "tier gold changes: threshold 300 -> 400",
        "reward ten_percent_off changes: config.percent_off 10 -> 15",
        "reward another_tree is new",
    ]
    assert version["diff"][2]["changes"] == [
        {"path": "threshold", "before": "300", "after": "400"}
    ]
    kinds = [(one["kind"], one["part"]) for one in version["diff"]]
    assert kinds[1] == ("REMOVED", "rule")
    assert kinds[4] == ("ADDED", "reward")


async def test_of_two_at_once_one_wins_and_the_other_is_told(
    admin: Api, second: Api
) -> None:
    await draft(admin, priced(70))
    await draft(second, priced(80))

    answers = await asyncio.gather(
        admin.change("publishProgramVersion", VERSION, number=2),
        second.change("publishProgramVersion", VERSION, number=3),
    )

    done = [one["version"]["number"] for one in answers if one["version"]]
    told = [one["userErrors"][0] for one in answers if one["userErrors"]]
    assert len(done) == 1
    assert told[0]["code"] == "PROGRAM_VERSION_OUTDATED"
    assert told[0]["published"] == done[0]
    price = {2: 70, 3: 80}[done[0]]
    assert ("ten_percent_off", "10 % off", price) in [
        row[:3] for row in (await rows(admin))[2]
    ]


async def test_a_key_is_good_for_one_draft(admin: Api) -> None:
    key = new_key()

    first = await draft(admin, priced(70), idempotencyKey=key)
    again = await admin.change(
        "draftProgram", VERSION, document=priced(70), idempotencyKey=key
    )
    other = await admin.change(
        "draftProgram", VERSION, document=priced(71), idempotencyKey=key
    )

    assert (again["version"], again["replayed"]) == (first, True)
    assert other["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len((await rows(admin))[-1]) == 2


async def test_two_people_agree_where_the_program_says_so(
    admin: Api, second: Api
) -> None:
    await draft(admin, changed(approval="two_people"))
    alone = await admin.change("publishProgramVersion", VERSION, number=2)
    itself = await admin.change("approveProgramVersion", VERSION, number=2)
    agreed = await second.change("approveProgramVersion", VERSION, number=2)
    await admin.change("publishProgramVersion", VERSION, number=2)
    # The way back needs two people as well.
    back = await admin.change("rollBackProgram", VERSION, number=1)
    before = await rows(admin)
    hasty = await admin.change("publishProgramVersion", VERSION, number=3)

    for refused in (alone, itself, hasty):
        assert refused["userErrors"][0]["code"] == "SECOND_PERSON_NEEDED"
    assert agreed["version"]["state"] == "APPROVED"
    assert agreed["version"]["approvedBy"] == "second"
    assert (back["version"]["number"], back["version"]["state"]) == (3, "DRAFT")
    assert await rows(admin) == before


async def test_a_program_is_rolled_back(admin: Api) -> None:
    before = await rows(admin)
    document = changed(rules=PROGRAM["rules"][:1], rewards=[])  # type: ignore[index]
    await draft(admin, document)
    await admin.change("publishProgramVersion", VERSION, number=2)
    key = new_key()

    answer = await admin.change(
        "rollBackProgram", VERSION, number=1, note="too bold", idempotencyKey=key
    )
    again = await admin.change(
        "rollBackProgram", VERSION, number=1, note="too bold", idempotencyKey=key
    )
    standing = await admin.change("rollBackProgram", VERSION, number=3)

    version = answer["version"]
    assert (version["number"], version["state"]) == (3, "PUBLISHED")
    assert (version["restores"], version["note"]) == (1, "too bold")
    assert (again["version"], again["replayed"]) == (version, True)
    assert standing["userErrors"][0]["code"] == "PROGRAM_VERSION_STATE"
    after = await rows(admin)
    assert after[1:5] == before[1:5]
    assert [row[:3] for row in after[0]] == [
        ("purchase", 1, True),
        ("review", 1, False),
        ("review", 2, True),
        ("sign_up", 1, False),
        ("sign_up", 2, True),
    ]
    found = await admin.data(
        "{ programVersion(number: 3) { diff(against: 1) { code } } }"
    )
    assert found["programVersion"]["diff"] == []


async def test_a_version_is_discarded(admin: Api) -> None:
    await draft(admin, priced(70))

    gone = await admin.change("discardProgramVersion", VERSION, number=2)
    late = await admin.change("publishProgramVersion", VERSION, number=2)
    never = await admin.change("discardProgramVersion", VERSION, number=7)

    assert gone["version"]["state"] == "DISCARDED"
    assert late["userErrors"][0]["status"] == "DISCARDED"
    assert never["userErrors"][0]["code"] == "PROGRAM_VERSION_NOT_FOUND"


async def test_a_version_is_published_when_it_is_due(admin: Api, clock: Any) -> None:
    await draft(admin, priced(70))
    await draft(admin, priced(80))
    at = "2027-01-16T08:00:00Z"
    for number in (2, 3):
        ordered = await admin.change(
            "publishProgramVersion", VERSION, number=number, at=at
        )
        assert ordered["version"]["state"] == "DRAFT"
        assert ordered["version"]["publishAt"] == "2027-01-16T08:00:00.000Z"
    assert await due.publish_due(admin.engine) == 0

    clock.us = START_US + 86_400_000_000

    assert await due.publish_due(admin.engine) == 1
    assert await due.publish_due(admin.engine) == 0
    found = await admin.data("{ programVersions { number state failure publishAt } }")
    assert found["programVersions"][0] == {
        "number": 3,
        "state": "DRAFT",
        "failure": "version 2 was published since this one was drafted; look at the "
        "differences, and draft it again",
        "publishAt": None,
    }
    assert found["programVersions"][1]["state"] == "PUBLISHED"


async def test_a_publication_that_was_cut_is_finished(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = changed()
    document["rewards"][3]["config"]["seats"] = 9
    await draft(admin, document)

    async def cut(*_: Any) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr("core.program.supplies.supply_all", cut)
        answer = await admin.send(
            "mutation ($i: PublishProgramVersionInput!) "
            "{ publishProgramVersion(input: $i) { replayed } }",
            i={"idempotencyKey": new_key(), "number": 2},
        )
        assert answer["errors"]
    units = "SELECT units FROM stock"
    assert await admin.engine.database.read(units) == [(5,)]

    again = await admin.change("publishProgramVersion", VERSION, number=2)

    assert again["version"]["state"] == "PUBLISHED"
    assert await admin.engine.database.read(units) == [(9,)]


async def test_rights(admin: Api, staff_api: Api, caller: Callers) -> None:
    shop = await caller("integrator")
    mutation = (
        "mutation ($i: DraftProgramInput!) { draftProgram(input: $i) { replayed } }"
    )
    values = {"idempotencyKey": new_key(), "document": PROGRAM}
    before = await rows(admin)

    assert await staff_api.data("{ programVersions { number } }")
    assert await shop.code("{ programVersions { number } }") == "FORBIDDEN"
    assert await staff_api.code(mutation, i=values) == "FORBIDDEN"
    assert await rows(admin) == before
