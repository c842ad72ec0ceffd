"""Keys over the API, tokens for members' pages, and how both end."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from core.actors import Role, Scope
from core.engine import Engine
from core.program import keys, tokens
from gateway.identity import uses
from gateway.identity.credentials import Credentials

KEY = "client hint role scopes member { id } createdBy expiresAt revokedAt"
VIEWER = "{ viewer { role scopes member { id } } }"
CHANGES = "subscription ($id: ID!) { balanceChanged(memberId: $id) { cursor } }"


async def viewer(api: Any, token: str) -> Any:
    """Return who a token is of; None if nobody is let in."""
    response = await api.client.post(
        "/graphql",
        json={"query": VIEWER},
        headers={"Authorization": f"Bearer {token}"},
    )
    if response.status_code == 401:
        return None
    return response.json()["data"]["viewer"]


async def plain(api: Any, name: str, fields: str, **given: Any) -> Any:
    """Run a mutation that takes no idempotency key."""
    kind = name[0].upper() + name[1:]
    document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ {fields} }} }}"
    return (await api.data(document, i=given))[name]


async def test_a_key_from_its_making_to_its_end(caller: Any, clock: Any) -> None:
    admin = await caller("admin")
    given = {
        "role": "STORE",
        "client": "till-7",
        "scopes": ["members:read", "activities:write"],
        "expiresAt": "2027-01-15T09:00:00.000Z",
        "idempotencyKey": "create-a-key-0001",
    }
    fields = f"secret replayed apiKey {{ id {KEY} }} userErrors {{ code }}"

    made = await admin.change("createApiKey", fields, **given)
    again = await admin.change("createApiKey", fields, **given)

    secret, key_id = made["secret"], made["apiKey"]["id"]
    assert made == {
        "secret": secret,
        "replayed": False,
        "apiKey": {
            "id": key_id,
            "client": "till-7",
            "hint": secret[:8],
            "role": "STORE",
            "scopes": ["activities:write", "members:read"],
            "member": None,
            "createdBy": "admin",
            "expiresAt": "2027-01-15T09:00:00.000Z",
            "revokedAt": None,
        },
        "userErrors": [],
    }
    assert again == {**made, "secret": None, "replayed": True}
    scopes = ["activities:write", "members:read"]
    assert await viewer(admin, secret) == {
        "role": "store",
        "scopes": scopes,
        "member": None,
    }

    clock.us += 5_000_000
    revoked = "apiKey { revokedAt } userErrors { code path }"
    for _ in range(2):
        answer = await plain(admin, "revokeApiKey", revoked, keyId=key_id)
        assert answer == {
            "apiKey": {"revokedAt": "2027-01-15T08:00:05.000Z"},
            "userErrors": [],
        }
        assert await viewer(admin, secret) is None


async def test_keys_in_pages_and_by_id(caller: Any) -> None:
    admin = await caller("admin")
    await caller("staff")
    query = (
        "query ($a: String) { apiKeys(first: 1, after: $a) { nodes { id role } "
        "pageInfo { hasNextPage endCursor } } }"
    )

    first = (await admin.data(query))["apiKeys"]
    cursor = first["pageInfo"]["endCursor"]
    second = (await admin.data(query, a=cursor))["apiKeys"]

    assert [one["role"] for one in first["nodes"] + second["nodes"]] == [
        "ADMIN",
        "STAFF",
    ]
    assert not second["pageInfo"]["hasNextPage"]
    key_id = second["nodes"][0]["id"]
    node = "query ($id: ID!) { node(id: $id) { id ... on ApiKey { client } } }"
    assert await admin.data(node, id=key_id) == {
        "node": {"id": key_id, "client": "staff"}
    }
    staff = await caller("staff")
    assert await staff.data(node, id=key_id) == {"node": None}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"role": "STORE", "scopes": ["keys:write"]}, "BAD_USER_INPUT"),
        ({"role": "STORE", "scopes": ["members:fly"]}, "BAD_USER_INPUT"),
        ({"role": "STORE", "scopes": []}, "BAD_USER_INPUT"),
        ({"role": "STORE", "client": "A b"}, "BAD_USER_INPUT"),
        ({"role": "STORE", "expiresAt": "2027-01-15T08:00:00Z"}, "BAD_USER_INPUT"),
        ({"role": "MEMBER"}, "BAD_USER_INPUT"),
        ({"role": "ADMIN"}, "FORBIDDEN"),
    ],
)
async def test_keys_that_are_not_made(
    caller: Any, engine: Engine, given: dict[str, Any], code: str
) -> None:
    admin = await caller("admin", None, Scope.KEYS_WRITE, *_STORE)
    before = await engine.database.read("SELECT key_id FROM token")
    document = (
        "mutation ($i: CreateApiKeyInput!) { createApiKey(input: $i) { secret } }"
    )

    found = await admin.code(document, i={"idempotencyKey": "k" * 16, **given})

    assert found == code
    assert await engine.database.read("SELECT key_id FROM token") == before
    assert await engine.database.read("SELECT * FROM request") == []


_STORE = (
    Scope.MEMBERS_READ,
    Scope.MEMBERS_IDENTIFY,
    Scope.ACTIVITIES_WRITE,
    Scope.REDEMPTIONS_WRITE,
    Scope.FULFILLMENTS_READ,
)


async def test_a_members_page_gets_a_token(caller: Any, ada: Any, clock: Any) -> None:
    shop = await caller("integrator")
    fields = "token expiresAt userErrors { code }"

    made = await plain(
        shop, "createMemberToken", fields, memberId=ada.id, expiresInSeconds=120
    )

    token = made["token"]
    assert made["expiresAt"] == "2027-01-15T08:02:00.000Z"
    expected = {
        "role": "member",
        "scopes": ["member:self", "redemptions:write"],
        "member": {"id": ada.id},
    }
    assert await viewer(shop, token) == expected
    clock.us += 119_999_999
    assert await viewer(shop, token) == expected
    clock.us += 1
    assert await viewer(shop, token) is None


async def test_a_members_token_ends_with_the_key_that_made_it(
    caller: Any, ada: Any, socket_of: Any, engine: Engine
) -> None:
    shop = await caller("integrator", None, Scope.MEMBERS_IMPERSONATE)
    made = await plain(shop, "createMemberToken", "token", memberId=ada.id)
    page = replace(shop, token=made["token"])
    known = await viewer(shop, page.token)
    assert known == {
        "role": "member",
        "scopes": ["member:self"],
        "member": {"id": ada.id},
    }
    ((key_id,),) = await engine.database.read(
        "SELECT key_id FROM token WHERE role = 'integrator'"
    )

    async with socket_of(page) as wire:
        await wire.subscribe("1", CHANGES, id=ada.id)
        assert (await wire.next())["type"] == "next"
        program_id = shop.program_id
        await keys.revoke_in(engine, program_id=program_id, key_id=key_id)
        assert await viewer(shop, page.token) is None

        await page.app.state.service.lifelines.check()

        message = await wire.next()
        while not isinstance(message, int):  # what the stream says before
            message = await wire.next()

    assert message == 4403


async def test_an_operation_of_a_socket_whose_time_is_over(
    caller: Any, ada: Any, socket_of: Any, clock: Any
) -> None:
    shop = await caller("integrator")
    made = await plain(shop, "createMemberToken", "token", memberId=ada.id)
    async with socket_of(replace(shop, token=made["token"])) as wire:
        clock.us += 900_000_000
        await wire.subscribe("1", VIEWER)

        message = await wire.next()

    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_member_tokens_that_are_forged(
    caller: Any, ada: Any, engine: Engine, encoded: Any, ec_key: Any
) -> None:
    shop = await caller("integrator")
    made = await plain(shop, "createMemberToken", "token", memberId=ada.id)
    token = made["token"]
    head, body, signature = token.split(".")
    claims = json.loads(jwt.utils.base64url_decode(body))
    ((secret,),) = await engine.database.read("SELECT secret FROM installation")
    kid = {"kid": "guerdon-1"}
    stretched = claims | {"exp": claims["exp"] + 9_000_000}
    forged = [
        f"{head}.{encoded(stretched)}.{signature}",
        f"{head}.{encoded(claims | {'scope': 'ledger:adjust'})}.{signature}",
        f"{encoded({'alg': 'none', **kid})}.{body}.AA",
        jwt.encode(claims, bytes(secret), "HS256", headers=kid),
        jwt.encode(claims, ec_key, "ES256", headers=kid),
        f"{encoded({'alg': 'EdDSA', 'kid': 'guerdon-2'})}.{body}.{signature}",
        f"{encoded({'alg': 'EdDSA'})}.{body}.{signature}",
        token[:-2],
    ]

    assert await viewer(shop, token) is not None
    for one in forged:
        assert await viewer(shop, one) is None, one


async def test_no_issuer_takes_no_tokens_of_one(
    caller: Any, ec_key: Any, clock: Any
) -> None:
    staff = await caller("staff")
    now_s = clock.us // 1_000_000
    claims = {
        "iss": "",
        "aud": "",
        "sub": "ada",
        "iat": now_s,
        "exp": now_s + 60,
    }

    assert await viewer(staff, jwt.encode(claims, ec_key, "ES256")) is None


async def test_uses_are_written_down_rarely(
    engine: Engine, program_id: int, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = await tokens.create(engine, program_id=program_id, role=Role.STAFF)
    credentials = Credentials(engine)
    loop = asyncio.get_running_loop()
    now_s = loop.time()
    seen = []
    for after_s in (0.0, uses.INTERVAL_S - 1, uses.INTERVAL_S):
        clock.us += 1_000_000
        with monkeypatch.context() as patched:
            patched.setattr(loop, "time", lambda after_s=after_s: now_s + after_s)
            assert await credentials.authenticate(f"Bearer {secret}") is not None
        await engine.background.drain()
        (key,) = await keys.list_all(engine, program_id=program_id)
        seen.append(key.last_used_at_us)

    assert seen == [clock.us - 2_000_000, clock.us - 2_000_000, clock.us]


async def test_a_key_that_never_was_is_not_written_down(engine: Engine) -> None:
    credentials = Credentials(engine)

    assert await credentials.authenticate("Bearer gdn_unknown") is None
    await engine.background.drain()

    assert await engine.database.read("SELECT * FROM token") == []
