"""An OpenID issuer that listens on this machine, and gateways that take its tokens."""

import base64
import json
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.actors import Actor, Role, Scope
from core.engine import Engine
from core.ids import encode
from core.program import activities, members, redemption, subjects, tokens
from gateway.app import create_app
from gateway.identity import keyset

AUDIENCE = "https://api.shop.example"

RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    kind: Any = (
        jwt.algorithms.RSAAlgorithm
        if isinstance(key, rsa.RSAPrivateKey)
        else jwt.algorithms.ECAlgorithm
    )
    found: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return {**found, "kid": kid, "use": "sig", **more}


def part(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@dataclass
class Idp:
    """The issuer: what it answers, and how often it was asked."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    answer: Any = None
    """What is answered instead of keys."""

    def sign(
        self,
        claims: dict[str, Any],
        *,
        key: Any = RSA_KEY,
        alg: str = "RS256",
        kid: str | None = "rsa-1",
        **header: Any,
    ) -> str:
        headers = header if kid is None else {"kid": kid, **header}
        return jwt.encode(claims, key, alg, headers=headers)


@pytest.fixture
def idp() -> Iterator[Idp]:
    one = Idp(keys=[public_jwk(RSA_KEY, "rsa-1"), public_jwk(EC_KEY, "ec-1")])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            one.asked.append(self.path)
            if one.is_down:
                self.send_response(503)
                self.end_headers()
                return
            if self.path.endswith("openid-configuration"):
                answer: Any = {"issuer": one.url, "jwks_uri": f"{one.url}/keys"}
            else:
                answer = {"keys": one.keys} if one.answer is None else one.answer
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    yield one
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Door:
    """A gateway that takes tokens of the issuer."""

    engine: Engine
    client: httpx.AsyncClient
    idp: Idp

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return good claims, changed; None takes one away."""
        now_s = self.engine.clock.now_us() // 1_000_000
        good = {
            "iss": self.idp.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "iat": now_s,
            "exp": now_s + 300,
        }
        given = good | changed
        return {name: one for name, one in given.items() if one is not None}

    async def send(
        self, token: str, query: str = "{ viewer { role scopes member { id } } }"
    ) -> httpx.Response:
        return await self.client.post(
            "/graphql",
            json={"query": query},
            headers={"Authorization": f"Bearer {token}"},
        )

    async def viewer(self, token: str) -> Any:
        """Return who the caller is; None if it is not let in."""
        response = await self.send(token)
        if response.status_code == 401:
            return None
        return response.json()["data"]["viewer"]


Doors = Callable[..., Awaitable[Door]]


@pytest.fixture
async def doors(
    engine: Engine,
    program_id: int,  # noqa: ARG001  (it must be there)
    idp: Idp,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Doors]:
    """Make gateways: `await doors(oidc_role_claim="role")`."""
    monkeypatch.setattr(keyset, "RETRY_S", 0.0)
    async with AsyncExitStack() as stack:

        async def make(**settings: Any) -> Door:
            given = {"oidc_issuer": idp.url, "oidc_audience": AUDIENCE} | settings
            other = replace(engine, settings=replace(engine.settings, **given))
            transport = httpx.ASGITransport(app=create_app(other))
            client = httpx.AsyncClient(transport=transport, base_url="http://test")
            await stack.enter_async_context(client)
            return Door(other, client, idp)

        yield make


@pytest.fixture
async def door(doors: Doors, ada: Any, shop: Any) -> Door:
    """A gateway to which the issuer's `ada` is the member Ada."""
    made = await doors()
    await subjects.link(made.engine, by=shop, holder_id=ada.holder_id, subject="ada")
    return made


@pytest.fixture
def jwk_of() -> Any:
    return public_jwk


@pytest.fixture
def encoded() -> Any:
    return part


@pytest.fixture
def rsa_key() -> Any:
    return RSA_KEY


@pytest.fixture
def ec_key() -> Any:
    return EC_KEY


@dataclass(frozen=True)
class Names:
    """What documents name: of one program, or of none."""

    member: str
    number: str
    redemption: str
    order: str
    review: str
    reward: str
    tier: str
    program: str
    key: str
    idempotency_key: str
    """Under which the redemption was made."""

    def absent(self) -> "Names":
        """Return names of the same form that nothing has."""
        return Names(
            "mbr_00000000deadbeef",
            "absent-7",
            "rdm_00000000deadbeef_2",
            "txn_00000000deadbeef_2",
            "txn_00000000deadbeef_3",
            "rwd_00000000deadbeef",
            "tir_00000000deadbeef",
            "prg_00000000deadbeef",
            "key_00000000deadbeef",
            "absent-key-0000001",
        )

    def inputs(self) -> dict[str, dict[str, Any]]:
        """Return an input for every mutation."""
        member, because = {"memberId": self.member}, {"reason": "because"}
        return {
            "enrollMember": {},
            "setMemberAttributes": {**member, "attributes": {"size": "L"}},
            "recordActivity": {
                **member,
                "type": "sign_up",
                "payload": {},
            },
            "registerActivityType": {
                "code": "stroll",
                "name": "Stroll",
                "reference": "id",
                "schema": {
                    "type": "object",
                    "properties": {"id": {"type": "string"}},
                    "required": ["id"],
                },
            },
            "draftProgram": {"document": {"code": "main"}},
            "approveProgramVersion": {"number": 1},
            "publishProgramVersion": {"number": 1},
            "rollBackProgram": {"number": 1},
            "discardProgramVersion": {"number": 1},
            "createProgram": {"document": {"code": "new"}},
            "advanceClock": {"to": "2030-01-01T00:00:00Z"},
            "approveActivity": {"transactionId": self.review},
            "rejectActivity": {"transactionId": self.review, **because},
            "redeemReward": {**member, "rewardId": self.reward},
            "cancelRedemption": {"redemptionId": self.redemption},
            "resolveRedemption": {
                "redemptionId": self.redemption,
                "resolution": "FAILED",
                **because,
            },
            "recallReward": {"rewardId": self.reward, **because},
            "addRewardCodes": {"rewardId": self.reward, "codes": ["CODE-1"]},
            "reverseTransaction": {"transactionId": self.order, **because},
            "adjustBalance": {**member, "currency": "PTS", "amount": 5, **because},
            "createApiKey": {"role": "ANALYST", "scopes": ["catalog:read"]},
            "revokeApiKey": {"keyId": self.key},
            "createMemberToken": member,
            "linkMember": {**member, "subject": "someone"},
            "unlinkMember": {**member, "subject": "someone"},
        }

    def fields(self) -> dict[str, str]:
        """Return a selection for every root field that reads."""
        member, reward = f'"{self.member}"', f'"{self.reward}"'
        ids = [self.member, self.redemption, self.order, self.reward, self.tier]
        ids += [self.program, self.key]
        by_key = f'idempotencyKey: "{self.idempotency_key}", memberId: {member}'
        return {
            "viewer": "viewer { role }",
            "program": "program { code }",
            "node": f"node(id: {member}) {{ id }}",
            "nodes": f"nodes(ids: {json.dumps(ids)}) {{ id }}",
            "member": f"member(id: {member}) {{ id email }}",
            "memberByNumber": f'memberByNumber(number: "{self.number}") {{ id }}',
            "members": "members { nodes { id } }",
            "catalog": "catalog { nodes { code } }",
            "reward": f"reward(id: {reward}) {{ name }}",
            "redemption": f'redemption(id: "{self.redemption}") {{ status }}',
            "redemptionByKey": f"redemptionByKey({by_key}) {{ status }}",
            "explainTransaction": f'explainTransaction(id: "{self.order}") '
            "{ message { id } }",
            "estimateEarn": f"estimateEarn(input: {{memberId: {member}, "
            'type: "purchase", payload: {order_id: "o9", amount_minor: 100, '
            'currency_code: "USD"}}) { points { points } }',
            "activityTypes": "activityTypes { code }",
            "programVersions": "programVersions { number }",
            "programVersion": "programVersion(number: 1) { number }",
            "pendingActivities": "pendingActivities { nodes { reference } }",
            "rewardTotals": f"rewardTotals(id: {reward}) {{ slot }}",
            "plugins": "plugins { name }",
            "redemptionQueue": "redemptionQueue { id }",
            "apiKeys": "apiKeys { nodes { id } }",
            "quote": f"quote(input: {{memberId: {member}, rewardId: {reward}}}) "
            "{ price }",
        }


@dataclass
class House:
    """A program, one caller of it for each need, and what there is in it."""

    engine: Engine
    app: Any
    client: httpx.AsyncClient
    program_id: int
    names: Names

    async def token(self, role: str, *scopes: str, member: bool = False) -> str:
        """Make a key."""
        return await tokens.create(
            self.engine,
            program_id=self.program_id,
            role=Role(role),
            client_id=None if member else "furnisher",
            holder_id=int(self.names.member[4:], 16) if member else None,
            scopes=frozenset(map(Scope, scopes)) if scopes else None,
        )

    async def send(self, token: str, query: str, **variables: Any) -> Any:
        """Return the answer, without what it cost."""
        response = await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
        )
        answer = response.json()
        answer.pop("extensions", None)
        return answer

    async def change(self, token: str, name: str, given: dict[str, Any]) -> Any:
        """Run a mutation under a key of its own, if it takes one."""
        kind = name[0].upper() + name[1:]
        selected = "{ userErrors { code message path } }"
        if name not in _WITHOUT_KEY:
            given = {"idempotencyKey": secrets.token_hex(8)} | given
        document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {selected} }}"
        return await self.send(token, document, i=given)

    async def everything(self) -> list[Any]:
        """Return all that a refused operation must leave as it is."""
        tables = (
            "journal wallet counter redemption member member_attribute directory "
            "activity activity_type reward pool_code request"
        )
        found: list[Any] = [
            await self.engine.database.read(f"SELECT * FROM {table} ORDER BY 1, 2, 3")
            for table in tables.split()
        ]
        keys = "SELECT key_id, revoked_at_us FROM token ORDER BY 1"
        return [*found, await self.engine.database.read(keys)]


_WITHOUT_KEY = {
    "recallReward",
    "addRewardCodes",
    "revokeApiKey",
    "createMemberToken",
    "linkMember",
    "unlinkMember",
}


async def _furnished(
    engine: Engine, app: Any, client: httpx.AsyncClient, program_id: int, number: str
) -> House:
    """Fill a program: a member who bought, redeemed, and waits for a decision."""
    key = f"furnish-{number}-0001"
    by = Actor(program_id, "furnisher", Role.ADMIN)
    holder_id = (
        await members.enroll(
            engine, by=by, key=key, number=number, email="ada@shop.example"
        )
    ).holder_id
    order = {"order_id": "o1", "amount_minor": 31_000, "currency_code": "USD"}
    review = {"product_id": "p", "stars": 5, "text": "Good"}
    seqs = []
    for kind, payload in (("purchase", order), ("review", review)):
        recorded = await activities.record(
            engine,
            by=by,
            key=key + kind,
            holder_id=holder_id,
            activity_type=kind,
            payload=payload,
        )
        seqs.append(recorded.seq)
    rows = await engine.database.read(
        "SELECT reward_id FROM reward WHERE program_id = $1 AND code = $2",
        program_id,
        "ten_percent_off",
    )
    reward_id = rows[0][0]
    redeemed = await redemption.redeem(
        engine, by=by, key=key + "redeem", holder_id=holder_id, reward_id=reward_id
    )
    tier = await engine.database.read(
        "SELECT tier_id FROM tier WHERE program_id = $1", program_id
    )
    await tokens.create(engine, program_id=program_id, role=Role.STAFF)
    made = await engine.database.read(
        "SELECT key_id FROM token WHERE program_id = $1", program_id
    )
    names = Names(
        encode("member", holder_id),
        number,
        encode("redemption", holder_id, redeemed.hold_id),
        encode("transaction", holder_id, seqs[0]),
        encode("transaction", holder_id, seqs[1]),
        encode("reward", reward_id),
        encode("tier", tier[0][0]),
        encode("program", program_id),
        encode("api_key", made[0][0]),
        key + "redeem",
    )
    return House(engine, app, client, program_id, names)


@pytest.fixture
async def houses(
    engine: Engine, program_id: int, other_program_id: int
) -> AsyncIterator[tuple[House, House]]:
    """Two programs in one database, alike."""
    settings = replace(
        engine.settings, oidc_issuer="https://id.example", oidc_audience=AUDIENCE
    )
    engine = replace(engine, settings=settings)
    app = create_app(engine)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        own = await _furnished(engine, app, client, program_id, "own-1")
        yield own, await _furnished(engine, app, client, other_program_id, "other-1")
