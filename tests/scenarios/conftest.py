"""A shop with a program of its own, seen through its public API alone."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from core.actors import Role
from core.clock import to_us
from core.engine import Engine
from core.program import definition, tokens
from gateway import program_files
from gateway.app import create_app
from tests.gateway.conftest import new_key

PROGRAM = {
    "code": "main",
    "name": "Corner Shop",
    "time_zone": "Europe/Amsterdam",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "tiers": [
        {"code": "bronze", "name": "Bronze", "threshold": 0},
        {"code": "silver", "name": "Silver", "threshold": 100},
    ],
}

_EXPLAIN = """
query ($id: ID!) {
  explainTransaction(id: $id) {
    message { id text }
    activityType timeZone tier omitted
    rules {
      rule version currency outcome message { id text } condition isMet inputs exact
      roundingMode roundingPlace desired given factor stacking multiplies base
      limits { kind limit period before isReached onExceed resetsAt }
      budget isBudgetShort
    }
  }
}
"""
_ESTIMATE = """
query ($i: EstimateEarnInput!) {
  estimateEarn(input: $i) {
    points { currency points }
    rules { rule outcome given message { text } }
    tiers { tier points { currency points } }
  }
}
"""


@dataclass
class Shop:
    """The shop's own system, calling the API.

    `at` is the instant at which it calls, as its clocks show it.
    """

    engine: Engine
    client: httpx.AsyncClient
    clock: Any
    token: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    async def publish(self, **parts: Any) -> None:
        """Let the program be this."""
        program_id = await definition.apply(self.engine, PROGRAM | parts)
        if not self.token:
            self.token = await tokens.create(
                self.engine, program_id=program_id, role=Role.ADMIN
            )

    def now(self, shown: str) -> None:
        """Set the clock."""
        self.clock.us = self.us(shown)

    def us(self, shown: str) -> int:
        """Return the instant of a local time; a second fold is marked with `+`."""
        fold = int(shown.endswith("+"))
        local = datetime.fromisoformat(shown.rstrip("+"))
        return to_us(local.replace(tzinfo=self.zone, fold=fold))

    def instant(self, shown: str) -> str:
        """Return a local time as the API takes it."""
        us = self.us(shown)
        return datetime.fromtimestamp(us / 1e6, tz=ZoneInfo("UTC")).strftime(
            "%Y-%m-%dT%H:%M:%S.%fZ"
        )

    async def ask(self, query: str, **variables: Any) -> Any:
        """Run a document and return the whole answer."""
        response = await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        return response.json()

    async def change(self, name: str, fields: str, /, **given: Any) -> Any:
        """Run a mutation and return its payload."""
        kind = name[0].upper() + name[1:]
        document = (
            f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ "
            f"{fields} userErrors {{ __typename code message path "
            "... on InvalidPayload { field } "
            "... on LimitReached { limit unit resetsAt } } } }"
        )
        given.setdefault("idempotencyKey", f"scenario-key-{next(self._keys):06}")
        answer = await self.ask(document, i=given)
        assert "errors" not in answer, answer
        return answer["data"][name]

    async def enroll(self, **given: Any) -> str:
        payload = await self.change("enrollMember", "member { id }", **given)
        assert payload["userErrors"] == []
        member_id: str = payload["member"]["id"]
        return member_id

    async def register(
        self, code: str, *facts: str, uniqueness: str = "PROGRAM", **members: Any
    ) -> None:
        """Register a type of activity with an `id` and these members."""
        properties = {"id": {"type": "string"}} | members
        payload = await self.change(
            "registerActivityType",
            "activityType { code }",
            code=code,
            name=code.capitalize(),
            schema={
                "type": "object",
                "properties": properties,
                "required": ["id"],
            },
            reference="id",
            facts=list(facts),
            uniqueness=uniqueness,
        )
        assert payload["userErrors"] == []

    async def report(
        self, member_id: str, kind: str, at: str | None = None, **payload: Any
    ) -> Any:
        """Record an activity and return the answer of the API."""
        more = {} if at is None else {"occurredAt": self.instant(at)}
        return await self.change(
            "recordActivity",
            "points replayed transaction { id }",
            memberId=member_id,
            type=kind,
            payload=payload,
            **more,
        )

    async def earn(
        self, member_id: str, kind: str, at: str | None = None, **payload: Any
    ) -> int:
        """Record an activity and return its points."""
        answer = await self.report(member_id, kind, at, **payload)
        assert answer["userErrors"] == [], answer
        points: int = answer["points"]
        return points

    async def explain(self, transaction_id: str) -> Any:
        answer = await self.ask(_EXPLAIN, id=transaction_id)
        assert "errors" not in answer, answer
        return answer["data"]["explainTransaction"]

    async def estimate(
        self, kind: str, member_id: str | None = None, **payload: Any
    ) -> Any:
        given: dict[str, Any] = {"type": kind, "payload": payload}
        if member_id is not None:
            given["memberId"] = member_id
        answer = await self.ask(_ESTIMATE, i=given)
        assert "errors" not in answer, answer
        return answer["data"]["estimateEarn"]

    async def balance(self, member_id: str, field: str = "available") -> int:
        query = f"query ($id: ID!) {{ member(id: $id) {{ balances {{ {field} }} }} }}"
        answer = await self.ask(query, id=member_id)
        return sum(one[field] for one in answer["data"]["member"]["balances"])

    async def ledger(self) -> list[Any]:
        """Return all that a refused operation must leave as it is."""
        read = self.engine.database.read
        tables = {"journal": "1, 2", "wallet": "1, 2", "counter": "1, 2, 3"}
        columns = {"journal": "holder_id, seq"}
        return [
            await read(f"SELECT {columns.get(one, '*')} FROM {one} ORDER BY {order}")
            for one, order in tables.items()
        ]


Opened = Callable[[], Awaitable[Shop]]


@asynccontextmanager
async def _open(engine: Engine, clock: Any) -> AsyncIterator[Shop]:
    transport = httpx.ASGITransport(app=create_app(engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Shop(engine, client, clock)


@pytest.fixture
async def shop(engine: Engine, clock: Any) -> AsyncIterator[Shop]:  # type: ignore[override]
    """A shop that has published nothing yet."""
    async with _open(engine, clock) as opened:
        yield opened


def rule(code: str, activity: str, **given: Any) -> dict[str, Any]:
    """Return a rule of a program document."""
    return {"code": code, "activity": activity, "currency": "PTS"} | given


@pytest.fixture(scope="session")
def make_rule() -> Any:
    """Make rules of a program document."""
    return rule


@dataclass(frozen=True)
class Client:
    """Somebody with a key."""

    http: httpx.AsyncClient
    secret: str

    async def send(self, document: str, **variables: Any) -> Any:
        """Run a document, and return the whole answer."""
        response = await self.http.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        return response.json()

    async def read(self, document: str, **variables: Any) -> Any:
        """Run a query, which must succeed."""
        answer = await self.send(document, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def change(self, name: str, fields: str, **given: Any) -> Any:
        """Run a mutation, which may be refused, and return its payload."""
        given.setdefault("idempotencyKey", new_key())
        kind = name[0].upper() + name[1:]
        document = (
            f"mutation ($i: {kind}Input!) {{ {name}(input: $i) "
            f"{{ {fields} userErrors {{ code message }} }} }}"
        )
        return (await self.read(document, i=given))[name]

    async def do(self, name: str, fields: str, **given: Any) -> Any:
        """Run a mutation, which must do what it says."""
        payload = await self.change(name, fields, **given)
        assert payload["userErrors"] == [], payload
        return payload

    async def found(self, document: dict[str, Any], **given: Any) -> "Client":
        """Make a program, and return its admin."""
        made = await self.do("createProgram", "code secret", document=document, **given)
        return Client(self.http, made["secret"])

    def of(self, secret: str) -> "Client":
        """Return somebody else."""
        return Client(self.http, secret)

    async def enroll(self, **given: Any) -> str:
        """Enroll a member, and return its id."""
        made = await self.do("enrollMember", "member { id }", **given)
        member_id: str = made["member"]["id"]
        return member_id

    async def record(self, member_id: str, kind: str, payload: Any, **more: Any) -> Any:
        """Record an activity, and return what it earned."""
        given = {"memberId": member_id, "type": kind, "payload": payload, **more}
        return (await self.do("recordActivity", "points", **given))["points"]

    async def buy(self, member_id: str, order: str, dollars: int) -> Any:
        """Record a purchase."""
        payload = {
            "order_id": order,
            "amount_minor": 100 * dollars,
            "currency_code": "USD",
        }
        return await self.record(member_id, "purchase", payload)

    async def redeem(self, member_id: str, code: str) -> Any:
        """Redeem the reward *code*, and return the redemption."""
        rewards = await self.read("{ catalog { nodes { id code } } }")
        (reward_id,) = (
            one["id"] for one in rewards["catalog"]["nodes"] if one["code"] == code
        )
        made = await self.do(
            "redeemReward",
            "redemption { status pointsSpent }",
            memberId=member_id,
            rewardId=reward_id,
        )
        return made["redemption"]

    async def balances(self, member_id: str) -> dict[str, int]:
        """Return what a member can spend, by currency."""
        found = await self.read(
            "query ($id: ID!) { member(id: $id) { balances { currency available } } }",
            id=member_id,
        )
        return {
            one["currency"]: one["available"] for one in found["member"]["balances"]
        }


@pytest.fixture
async def owner(engine: Engine) -> AsyncIterator[Client]:
    """The admin of the first program of the installation."""
    program_id = await definition.apply(engine, PROGRAM)
    secret = await tokens.create(
        engine, program_id=program_id, role=Role.ADMIN, client_id="owner"
    )
    transport = httpx.ASGITransport(app=create_app(engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Client(http, secret)


Sandbox = Callable[[str], Awaitable[Client]]


@pytest.fixture
def sandbox(owner: Client) -> Sandbox:
    """Make a sandbox of a template."""

    async def make(name: str) -> Client:
        values = program_files.load(program_files.template(name), name)
        return await owner.found(values, sandbox=True)

    return make
