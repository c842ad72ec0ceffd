"""What another program has looks like what is absent: in words, and in work."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.actors import Scope

CHANGES = "subscription ($id: ID!) { balanceChanged(memberId: $id) { cursor } }"

BY_ID = {
    "node",
    "nodes",
    "member",
    "memberByNumber",
    "reward",
    "redemption",
    "redemptionByKey",
    "rewardTotals",
    "explainTransaction",
    "quote",
    "estimateEarn",
}
NAMELESS = {
    "enrollMember",
    "registerActivityType",
    "createApiKey",
    "draftProgram",
    "approveProgramVersion",
    "publishProgramVersion",
    "rollBackProgram",
    "discardProgramVersion",
    "createProgram",
    "advanceClock",
}
"""Mutations that name nothing that is there already, but in the caller's program."""


@pytest.fixture
def work(houses: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Return what was sent to the database since the last time."""
    sent: list[str] = []
    database = type(houses[0].engine.database)
    for name in ("read", "configure"):
        method = getattr(database, name)

        def counting(inner: Any, name: str) -> Any:
            async def counted(self: Any, first: Any, *more: Any, **rest: Any) -> Any:
                if "last_used" not in str(first) and "note_use" not in str(first):
                    sent.append(f"{name} {first if isinstance(first, str) else ''}")
                return await inner(self, first, *more, **rest)

            return counted

        monkeypatch.setattr(database, name, counting(method, name))
    ledger = type(houses[0].engine.ledger)
    post = ledger.post

    async def posting(self: Any, command: Any) -> Any:
        sent.append("post")
        return await post(self, command)

    monkeypatch.setattr(ledger, "post", posting)

    def taken() -> list[str]:
        found = list(sent)
        sent.clear()
        return found

    return taken


def _without_names(answer: Any, *all_names: Any) -> str:
    """Return the text of an answer, as if it had named the same things."""
    text = json.dumps(answer)
    for names in all_names:
        for value in vars(names).values():
            text = text.replace(value, "NAME")
    return text


async def test_what_is_read(houses: Any, work: Callable[[], list[str]]) -> None:
    own, other = houses
    token = await own.token("admin")
    absent = own.names.absent()
    await own.send(token, "{ viewer { role } }")

    for name in own.names.fields():
        found = {}
        for which, names in (("absent", absent), ("other", other.names)):
            work()
            answer = await own.send(token, f"{{ {names.fields()[name]} }}")
            found[which] = (_without_names(answer, absent, other.names), work())
        assert found["absent"] == found["other"], name
        if name in BY_ID:
            own_answer = await own.send(token, f"{{ {own.names.fields()[name]} }}")
            assert own_answer["data"][name], name
            assert _without_names(own_answer, own.names) != found["other"][0], name
        else:
            text = json.dumps(await own.send(token, f"{{ {names.fields()[name]} }}"))
            assert other.names.member not in text
            assert other.names.key not in text


async def test_what_is_changed(houses: Any, work: Callable[[], list[str]]) -> None:
    own, other = houses
    token = await own.token("admin")
    absent = own.names.absent()
    await own.send(token, "{ viewer { role } }")
    before = await own.everything()

    for name, given in other.names.inputs().items():
        if name in NAMELESS:
            continue
        found = {}
        for which, one in (("absent", absent.inputs()[name]), ("other", given)):
            work()
            answer = await own.change(token, name, one)
            found[which] = (_without_names(answer, absent, other.names), work())
        assert found["absent"] == found["other"], name
        assert "NOT_FOUND" in found["other"][0], (name, found)

    assert await own.everything() == before


async def test_another_member_is_absent_to_a_member(
    houses: Any, work: Callable[[], list[str]]
) -> None:
    own, other = houses
    token = await own.token("member", member=True)
    desk = await own.token("staff")
    document = (
        'mutation { enrollMember(input: {idempotencyKey: "another-member-01", '
        'number: "own-2"}) { member { id } } }'
    )
    enrolled = await own.send(desk, document)
    private = enrolled["data"]["enrollMember"]["member"]["id"]
    absent = own.names.absent()
    await own.send(token, "{ viewer { role } }")
    before = await own.everything()
    documents = {
        "member": "query ($id: ID!) { member(id: $id) { id email } }",
        "node": "query ($id: ID!) { node(id: $id) { id } }",
        "redemptionByKey": "query ($id: ID!) { redemptionByKey(memberId: $id, "
        'idempotencyKey: "some-key-00000001") { id } }',
        "quote": "query ($id: ID!) { quote(input: {memberId: $id, rewardId: "
        f'"{own.names.reward}"}}) {{ price }} }}',
        "redeem": "mutation ($id: ID!) { redeemReward(input: {memberId: $id, "
        f'idempotencyKey: "some-key-00000002", rewardId: "{own.names.reward}"}}) '
        "{ userErrors { code } } }",
    }

    for name, query in documents.items():
        found = []
        for one in (absent.member, private, other.names.member):
            work()
            answer = await own.send(token, query, id=one)
            found.append((json.dumps(answer), work()))
        assert found[0] == found[1] == found[2], name

    assert await own.everything() == before


async def test_streams(houses: Any, bare_socket: Any) -> None:
    own, other = houses
    token = await own.token("staff", Scope.MEMBERS_READ)
    answers = []
    async with bare_socket(own.app) as wire:
        init = {"authorization": f"Bearer {token}"}
        await wire.send({"type": "connection_init", "payload": init})
        await wire.next()
        for one in (own.names.absent().member, other.names.member):
            await wire.subscribe("1", CHANGES, id=one)
            answers.append(await wire.next())
            if answers[-1]["type"] == "next":
                await wire.next()

    assert answers[0] == answers[1]
    assert "MEMBER_NOT_FOUND" in json.dumps(answers[0])
