"""Connections, held against a plain list; cursors and ids that nobody gave out."""

import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.actors import Actor, Role
from core.errors import InvalidInputError
from core.ids import PREFIXES, encode
from core.program import activities, members
from gateway.plans import cursors, pages

PAGE = """
  edges { cursor node { id } } nodes { id } totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
"""
ARGUMENTS = "first: $f, after: $a, last: $l, before: $b"
VARIABLES = "$f: Int, $a: String, $l: Int, $b: String"
MEMBERS = f"query ({VARIABLES}) {{ list: members({ARGUMENTS}) {{ {PAGE} }} }}"
CATALOG = f"query ({VARIABLES}) {{ list: catalog({ARGUMENTS}) {{ {PAGE} }} }}"
LEDGER = f"""query ({VARIABLES}, $id: ID!, $k: [TransactionKind!]) {{
  of: member(id: $id) {{ list: transactions({ARGUMENTS}, kinds: $k) {{ {PAGE} }} }}
}}"""
FUZZ = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass
class Wanted:
    """Arguments of a page, with keys instead of cursors."""

    first: int | None = None
    after: int | None = None
    last: int | None = None
    before: int | None = None

    def variables(self, name: str) -> dict[str, Any]:
        def cursor(key: int | None) -> str | None:
            return None if key is None else cursors.encode(name, key)

        return {
            "f": self.first,
            "a": cursor(self.after),
            "l": self.last,
            "b": cursor(self.before),
        }

    def of(self, keys: list[int], *, descending: bool) -> dict[str, Any]:
        """Return what a page of the list *keys* shows."""
        sign = -1 if descending else 1

        def place(key: int) -> int:
            return sign * key

        inside = [
            key
            for key in keys
            if (self.after is None or place(key) > place(self.after))
            and (self.before is None or place(key) < place(self.before))
        ]
        shown = inside[: self.first or 20]
        if self.last is not None:
            shown = inside[-self.last :]
        passed = [
            key
            for key in keys
            if self.after is not None and place(key) <= place(self.after)
        ]
        ahead = [
            key
            for key in keys
            if self.before is not None and place(key) >= place(self.before)
        ]
        cut = len(inside) > len(shown)
        return {
            "keys": shown,
            "total": len(keys),
            "next": bool(ahead) or (cut and self.last is None),
            "previous": bool(passed) or (cut and self.last is not None),
        }


def seen(name: str, page: dict[str, Any]) -> dict[str, Any]:
    """Return what a page shows, in the form of `Wanted.of`."""
    keys = [cursors.decode(name, one["cursor"], field="") for one in page["edges"]]
    info = page["pageInfo"]
    assert [one["node"] for one in page["edges"]] == page["nodes"]
    ends = [page["edges"][at]["cursor"] if keys else None for at in (0, -1)]
    assert [info["startCursor"], info["endCursor"]] == ends
    return {
        "keys": keys,
        "total": page["totalCount"],
        "next": info["hasNextPage"],
        "previous": info["hasPreviousPage"],
    }


async def enroll(api: Any, name: str) -> int:
    by = Actor(api.program_id, "shop", Role.INTEGRATOR)
    return (await members.enroll(api.engine, by=by, key=name, number=name)).holder_id


async def buy(api: Any, holder_id: int, order: str) -> None:
    await activities.record(
        api.engine,
        by=Actor(api.program_id, "shop", Role.INTEGRATOR),
        key=order,
        holder_id=holder_id,
        activity_type="purchase",
        payload={"order_id": order, "amount_minor": 500, "currency_code": "USD"},
    )


def dice(seed: int, keys: list[int], number: int) -> list[Wanted]:
    """Return pages of all shapes; cursors also of rows that are not there."""
    rolled = random.Random(seed)
    near = [*keys, *(key + 1 for key in keys), 0, 2**63 - 1]
    found = []
    for _ in range(number):
        one = Wanted(
            after=rolled.choice([None, rolled.choice(near)]),
            before=rolled.choice([None, None, rolled.choice(near)]),
        )
        match rolled.randrange(3):
            case 0:
                one.first = rolled.randint(1, 7)
            case 1:
                one.last = rolled.randint(1, 7)
        found.append(one)
    return found


async def test_every_page_is_that_of_a_list(staff_api: Any, ada: Any) -> None:
    holders = [ada.holder_id]
    holders += [await enroll(staff_api, f"p{n}") for n in range(8)]
    for n in range(9):
        await buy(staff_api, ada.holder_id, f"order{n}")
    rows = await staff_api.engine.database.read("SELECT reward_id FROM reward")
    rewards = sorted((row[0] for row in rows), reverse=True)
    ledger = list(range(11, 0, -1))  # enrolled, and ten orders

    for wanted in dice(1, holders, 40):
        data = await staff_api.data(MEMBERS, **wanted.variables("members"))
        expected = wanted.of(holders, descending=False)
        assert seen("members", data["list"]) == expected, wanted
    for wanted in dice(2, rewards, 25):
        data = await staff_api.data(CATALOG, **wanted.variables("rewards"))
        expected = wanted.of(rewards, descending=True)
        assert seen("rewards", data["list"]) == expected, wanted
    for wanted in dice(3, ledger, 40):
        asked = wanted.variables("transactions") | {"id": ada.id}
        data = await staff_api.data(LEDGER, **asked)
        expected = wanted.of(ledger, descending=True)
        assert seen("transactions", data["of"]["list"]) == expected, wanted
        # A cursor is a place in the order of the list; any filter may go on from it.
        data = await staff_api.data(LEDGER, **asked, k=["OPEN", "EXPIRE"])
        expected = wanted.of([1], descending=True)
        assert seen("transactions", data["of"]["list"]) == expected, wanted


async def test_what_comes_between_two_pages_shifts_nothing(
    staff_api: Any, ada: Any
) -> None:
    for n in range(6):
        await buy(staff_api, ada.holder_id, f"order{n}")
    backward = {"id": ada.id, "l": 3}
    forward = {"id": ada.id, "f": 3}

    found: dict[str, list[int]] = {"f": [], "l": []}
    for kind, asked, end, more in (
        ("f", forward, "endCursor", "hasNextPage"),
        ("l", backward, "startCursor", "hasPreviousPage"),
    ):
        goes_on = True
        while goes_on:
            page = (await staff_api.data(LEDGER, **asked))["of"]["list"]
            keys = seen("transactions", page)["keys"]
            found[kind] = found[kind] + keys if kind == "f" else keys + found[kind]
            asked["a" if kind == "f" else "b"] = page["pageInfo"][end]
            goes_on = page["pageInfo"][more]
            await buy(staff_api, ada.holder_id, f"later-{kind}-{len(found[kind])}")

    assert found["f"] == list(range(8, 0, -1))
    assert found["l"][-8:] == list(range(8, 0, -1))
    assert found["l"] == sorted(set(found["l"]), reverse=True)


async def test_a_cursor_of_another_member_shows_nothing_of_it(
    staff_api: Any, ada: Any, caller: Any
) -> None:
    bob = await enroll(staff_api, "bob")
    await buy(staff_api, bob, "bobs")
    api = await caller("member", bob)
    theirs = await staff_api.data(LEDGER, id=ada.id, f=1)
    cursor = theirs["of"]["list"]["pageInfo"]["endCursor"]

    own = await api.data(LEDGER, id=encode("member", bob), a=cursor)
    hidden = await api.data(LEDGER, id=ada.id, a=cursor)

    assert seen("transactions", own["of"]["list"])["keys"] == [1]
    assert hidden == {"of": None}


BAD_PAGES: list[tuple[dict[str, Any], str]] = [
    ({"f": 0}, "first: must be 1 to 100"),
    ({"f": -1}, "first: must be 1 to 100"),
    ({"l": 0}, "last: must be 1 to 100"),
    ({"l": -(2**31)}, "last: must be 1 to 100"),
    ({"f": 1, "l": 1}, "last: does not go with first"),
    ({"a": "rewards.1"}, "after: is not a cursor of this list"),
    ({"b": "members.01"}, "before: is not a cursor of this list"),
    ({"b": ""}, "before: is not a cursor of this list"),
]


async def test_bad_pages_are_named(staff_api: Any) -> None:
    for wanted, told in BAD_PAGES:
        answer = await staff_api.send(MEMBERS, **wanted)

        (error,) = answer["errors"]
        assert error["message"] == told
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_huge_pages_are_refused(staff_api: Any) -> None:
    for name in ("f", "l"):
        for size in (101, 2**31 - 1):
            assert await staff_api.code(MEMBERS, **{name: size}) == "LIMIT_EXCEEDED"


async def test_more_than_is_counted_is_null(
    staff_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "{ members { totalCount } }"
    monkeypatch.setattr(pages, "MAX_COUNT", 2)
    found = []
    for name in ("first", "second", "third"):
        await enroll(staff_api, name)
        found.append((await staff_api.data(query))["members"]["totalCount"])

    assert found == [1, 2, None]


async def test_redemptions_and_statements_are_counted(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    for _ in range(3):
        await staff_api.change(
            "redeemReward",
            "redemption { id }",
            memberId=ada.id,
            rewardId=rewards["plant_a_tree"],
        )
    query = """query ($id: ID!) { member(id: $id) {
      redemptions(first: 1) { totalCount nodes { id } n: totalCount }
      transactions(kinds: [EARN, CAPTURE]) { totalCount }
      statement(from: "2020-01-01T00:00:00Z") { transactions { totalCount } } } }"""

    data = (await staff_api.data(query, id=ada.id))["member"]

    kinds = "SELECT count(*) FROM journal WHERE holder_id = $1"
    ((all_of_them,),) = await staff_api.engine.database.read(kinds, ada.holder_id)
    assert (data["redemptions"]["totalCount"], data["redemptions"]["n"]) == (3, 3)
    assert len(data["redemptions"]["nodes"]) == 1
    assert data["transactions"] == {"totalCount": 4}
    assert data["statement"] == {"transactions": {"totalCount": all_of_them}}


@pytest.fixture
def sent(staff_api: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that were read, as they are read."""
    kind = type(staff_api.engine.database)
    read, seen = kind.read, []

    async def counted(self: Any, sql: str, *parameters: Any, **more: Any) -> Any:
        seen.append(sql)
        return await read(self, sql, *parameters, **more)

    monkeypatch.setattr(kind, "read", counted)
    return seen


async def test_a_count_is_priced_and_takes_no_statement_more(
    staff_api: Any, sent: list[str]
) -> None:
    async def cost(query: str) -> tuple[int, int]:
        sent.clear()
        response = await staff_api.client.post(
            "/graphql",
            json={"query": query},
            headers={"Authorization": f"Bearer {staff_api.token}"},
        )
        return response.json()["extensions"]["cost"]["requested"], len(sent)

    plain, statements = await cost("{ members(first: 5) { nodes { id } } }")
    dear = await cost("{ members(first: 5) { nodes { id } totalCount } }")

    assert dear == (plain + 5, statements)


NEAR_CURSORS = st.one_of(
    st.text(max_size=40),
    st.from_regex(
        r"(members|rewards|Members|member)\.[0-9a-fA-F]{0,17}", fullmatch=True
    ),
)


@given(NEAR_CURSORS)
def test_a_cursor_has_one_spelling(text: str) -> None:
    try:
        key = cursors.decode("members", text, field="after")
    except InvalidInputError:
        return
    assert cursors.encode("members", key) == text


@FUZZ
@given(text=NEAR_CURSORS)
@example("members.7fffffffffffffff")
@example("members.8000000000000000")
async def test_forged_cursors_do_no_harm(staff_api: Any, text: str) -> None:
    answer = await staff_api.send(MEMBERS, a=text)

    codes = [one["extensions"]["code"] for one in answer.get("errors", [])]
    assert codes in ([], ["BAD_USER_INPUT"])
    assert codes or answer["data"]["list"]["totalCount"] == 0


NEAR_IDS = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}_{:016x}{}".format,
        st.sampled_from(["xyz", *PREFIXES.values()]),
        st.integers(0, 2**63 - 1),
        st.sampled_from(["", "_1", "_2", "_fffffffffffff", "_0", "_-1", "\n"]),
    ),
)


@FUZZ
@given(text=NEAR_IDS)
async def test_forged_ids_find_nothing(staff_api: Any, text: str) -> None:
    query = """query ($id: ID!) {
      node(id: $id) { id } nodes(ids: [$id]) { id } member(id: $id) { id }
      reward(id: $id) { id } redemption(id: $id) { id } }"""

    answer = await staff_api.send(query, id=text)

    codes = {one["extensions"]["code"] for one in answer.get("errors", [])}
    assert codes <= {"BAD_USER_INPUT"}
    found = answer.get("data") or {}
    assert not [one for one in found.values() if one not in (None, [None])]


async def test_absent_and_private_are_one_answer_in_as_many_statements(
    staff_api: Any, ada: Any, caller: Any, sent: list[str]
) -> None:
    api = await caller("member", await enroll(staff_api, "eve"))
    private = {
        "m": ada.id,
        "t": f"txn_{ada.holder_id:016x}_1",
        "r": f"rdm_{ada.holder_id:016x}_2",
    }
    absent = {"m": encode("member", 9**9), "t": "txn_" + "1" * 16 + "_1"}
    absent["r"] = "rdm_" + "1" * 16 + "_2"
    query = """query ($m: ID!, $t: ID!, $r: ID!) {
      node(id: $m) { id } nodes(ids: [$t, $r]) { id }
      member(id: $m) { id } redemption(id: $r) { id } }"""

    answers = []
    for given_ids in (private, absent):
        sent.clear()
        answers.append((await api.data(query, **given_ids), list(sent)))

    assert answers[0] == answers[1]
    assert answers[0][0] == {
        "node": None,
        "nodes": [None, None],
        "member": None,
        "redemption": None,
    }


WRONG_TYPES = [
    ('{{ member(id: "{reward}") {{ id }} }}', "id: is not the id of a member"),
    ('{{ reward(id: "{member}") {{ id }} }}', "id: is not the id of a reward"),
    ('{{ redemption(id: "{member}") {{ id }} }}', "id: is not the id of a redemption"),
    ('{{ nodes(ids: ["{member}", "x"]) {{ id }} }}', "ids: is not a valid id"),
    (
        """{{ redemptionByKey(idempotencyKey: "a-key-of-16-chars", memberId: "{reward}")
        {{ id }} }}""",
        "memberId: is not the id of a member",
    ),
]


async def test_an_id_of_another_type_is_named(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    for query, told in WRONG_TYPES:
        filled = query.format(member=ada.id, reward=rewards["backstage"])

        answer = await staff_api.send(filled)

        (error,) = answer["errors"]
        assert error["message"] == told
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
