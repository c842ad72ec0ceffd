"""Who reads what of a plugin's documents: the others read null."""

from typing import Any

import pytest

from core.engine import Engine

CATALOG = """{ catalog { nodes { code ... on LoungeReward { airport supplier
  contact { name phone } gates { name doorCode } meals } } } }"""
FIELDS = """id fulfillment { ... on LoungeFulfillment { code issuedAt
  seats { row gate { name doorCode } } } } reward { ... on LoungeReward {
  supplier contact { phone } gates { doorCode } } }"""
REDEMPTION = (
    f"query ($id: ID!) {{ node(id: $id) {{ ... on Redemption {{ {FIELDS} }} }} }}"
)


@pytest.fixture
async def redemption_id(shop_api: Any, ada: Any, rewards: dict[str, str]) -> str:
    done = await shop_api.change(
        "redeemReward",
        "redemption { id } userErrors { message }",
        memberId=ada.id,
        rewardId=rewards["vienna"],
    )
    found: str = done["redemption"]["id"]
    return found


async def vienna(api: Any) -> dict[str, Any]:
    nodes = (await api.data(CATALOG))["catalog"]["nodes"]
    (found,) = [one for one in nodes if one["code"] == "vienna"]
    assert isinstance(found, dict)
    return found


async def test_members_read_what_everybody_does(caller: Any, ada: Any) -> None:
    assert await vienna(await caller("member", ada.holder_id)) == {
        "code": "vienna",
        "airport": "VIE",
        "supplier": None,
        "contact": {"name": "Eve", "phone": None},
        "gates": [
            {"name": "North", "doorCode": None},
            {"name": "South", "doorCode": None},
        ],
        "meals": ["NONE", "WARM_MEAL"],
    }


@pytest.mark.parametrize(
    ("role", "sees_supplier", "sees_codes"),
    [("integrator", False, True), ("staff", True, False), ("admin", True, True)],
)
async def test_roles_read_by_their_scopes(
    caller: Any,
    redemption_id: str,
    role: str,
    *,
    sees_supplier: bool,
    sees_codes: bool,
) -> None:
    api = await caller(role)
    phone = "555-1234" if sees_supplier else None
    codes = ["4711", "0815"] if sees_codes else [None, None]

    reward = await vienna(api)
    redemption = (await api.data(REDEMPTION, id=redemption_id))["node"]

    assert reward["supplier"] == ("Acme Ltd" if sees_supplier else None)
    assert reward["contact"] == {"name": "Eve", "phone": phone}
    assert [one["doorCode"] for one in reward["gates"]] == codes
    assert redemption["fulfillment"] == {
        "code": "PASS-1" if sees_codes else None,
        "issuedAt": "2027-01-15T08:00:00.000Z",
        "seats": [{"row": 7, "gate": {"name": "North", "doorCode": codes[0]}}],
    }
    assert redemption["reward"] == {
        "supplier": "Acme Ltd" if sees_supplier else None,
        "contact": {"phone": phone},
        "gates": [{"doorCode": one} for one in codes],
    }


async def test_a_member_reads_the_codes_of_its_own_redemption(
    caller: Any, redemption_id: str, ada: Any
) -> None:
    api = await caller("member", ada.holder_id)

    found = (await api.data(REDEMPTION, id=redemption_id))["node"]

    assert found["fulfillment"]["code"] == "PASS-1"
    assert found["fulfillment"]["seats"][0]["gate"]["doorCode"] == "4711"
    assert found["reward"] == {
        "supplier": None,
        "contact": {"phone": None},
        "gates": [{"doorCode": "4711"}, {"doorCode": "0815"}],
    }
    reward_id = await api.data("{ catalog { nodes { id code } } }")
    (vienna_id,) = [
        one["id"] for one in reward_id["catalog"]["nodes"] if one["code"] == "vienna"
    ]
    alone = await api.data(
        "query ($id: ID!) { node(id: $id) { ... on LoungeReward { gates { doorCode } } "
        "} }",
        id=vienna_id,
    )
    assert alone["node"] == {"gates": [{"doorCode": None}, {"doorCode": None}]}


async def test_a_member_reads_the_code_it_just_redeemed(
    caller: Any, ada: Any, rewards: dict[str, str]
) -> None:
    api = await caller("member", ada.holder_id)

    done = await api.change(
        "redeemReward", f"redemption {{ {FIELDS} }}", rewardId=rewards["vienna"]
    )

    assert done["redemption"]["fulfillment"]["code"] == "PASS-1"


async def test_another_member_sees_no_redemption(
    caller: Any, shop_api: Any, redemption_id: str
) -> None:
    other = await shop_api.change("enrollMember", "member { id }")
    api = await caller("member", int(other["member"]["id"][4:], 16))

    assert (await api.data(REDEMPTION, id=redemption_id))["node"] is None


async def test_aliases_and_fragments_hide_as_well(
    caller: Any, redemption_id: str
) -> None:
    api = await caller("staff")

    found = await api.data(
        """query ($id: ID!) { node(id: $id) { ...Whole } }
        fragment Whole on Redemption { a: fulfillment { ...Pass } }
        fragment Pass on LoungeFulfillment { secret: code
          s: seats { g: gate { d: doorCode n: name } } }""",
        id=redemption_id,
    )

    assert found["node"]["a"] == {
        "secret": None,
        "s": [{"g": {"d": None, "n": "North"}}],
    }


async def test_what_is_hidden_never_leaves_the_database(
    engine: Engine,
    caller: Any,
    redemption_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: list[Any] = []
    read = engine.database.read

    async def listening(sql: str, *parameters: Any, **more: Any) -> Any:
        found = await read(sql, *parameters, **more)
        rows.extend(found)
        return found

    monkeypatch.setattr(type(engine.database), "read", staticmethod(listening))
    api, shop = await caller("staff"), await caller("integrator")
    rows.clear()

    await api.data(REDEMPTION, id=redemption_id)
    await api.data(CATALOG)
    told = str(rows)
    rows.clear()
    await shop.data(REDEMPTION, id=redemption_id)

    assert "Acme Ltd" in told
    assert "PASS-1" not in told
    assert "4711" not in told
    assert "PASS-1" in str(rows)
    assert "4711" in str(rows)
    assert "Acme Ltd" not in str(rows)
    assert "555-1234" not in str(rows)
