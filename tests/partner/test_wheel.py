"""A partner's wheel beside ours in a new environment: installed, redeemed, removed.

The partner's package knows `guerdon` and `pydantic` alone, and its own booking system,
which answers over HTTP. Run with `-s` to see what it adds to the schema.
"""

import difflib
import importlib.util
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from graphql import parse

from core.clock import SystemClock
from core.extension.signing import sign
from tests.partner.environment import Environment, ask, build

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).with_name("acme-lounge")
MODULES = sorted((SAMPLE / "acme_lounge").glob("*.py"))
SECRET = "what Acme signs its messages with"
PREFIX = "GUERDON_PLUGIN_ACME_LOUNGE_"
KEYS = (f"the-visit-of-ada-{n:04}" for n in count(1))

MONDAY = date(2090, 1, 2)
ADDED = {
    "LoungeClosed",
    "LoungeFullyBooked",
    "LoungeFulfillment",
    "LoungeGuestInput",
    "LoungeMeal",
    "LoungeOptionsInput",
    "LoungeReward",
    "LoungeTooYoung",
}
REDEEM = """
mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) {
  redemption { id status pointsSpent quantity fulfillment { ... on LoungeFulfillment {
    code visitOn validUntil visitors worth { amountMinor currencyCode } } } }
  balances { available held }
  replayed
  userErrors { __typename code message
    ... on LoungeTooYoung { minimumAge }
    ... on LoungeClosed { openFrom openUntil }
    ... on LoungeFullyBooked { nextFreeOn } }
} }
"""
KNOW = """
mutation ($i: SetMemberAttributesInput!) {
  setMemberAttributes(input: $i) { userErrors { code } } }
"""
CANCEL = """
mutation ($i: CancelRedemptionInput!) { cancelRedemption(input: $i) {
  redemption { status reason } balances { available held } userErrors { code } } }
"""
LOUNGE = """
query ($id: ID!) { reward(id: $id) { ... on LoungeReward {
  airport openFrom minimumAge meals rate { amountMinor } } } }
"""
READ = """
query ($id: ID!) {
  redemption(id: $id) {
    status pointsSpent
    reward { __typename name ... on RetiredReward { formerType } }
    fulfillment { __typename rewardType } }
  viewer { member { balances { available held } } } }
"""
BARE = """
mutation ($i: RedeemRewardInput!) {
  redeemReward(input: $i) { userErrors { code } } }
"""


@pytest.fixture(scope="module")
def acme() -> ModuleType:
    """The booking system that the partner tests with."""
    place = SAMPLE / "tests" / "acme_desk.py"
    spec = importlib.util.spec_from_file_location("acme_desk", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def desk(acme: ModuleType) -> Iterator[Any]:
    desk = acme.AcmeDesk()
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("environment")
    made = Environment(folder)
    made.install(build(ROOT, folder))
    return made


class Ada:
    """A member, and those who serve her."""

    def __init__(self, address: str, known: dict[str, Any]) -> None:
        self.address = address
        self._known = known
        self.rewards = known["rewards"]

    def ask(self, query: str, role: str = "member", **variables: Any) -> Any:
        return ask(self.address, self._known[role], query, **variables)

    def redeem(self, key: str = "", **options: Any) -> Any:
        given = {
            "idempotencyKey": key or next(KEYS),
            "rewardId": self.rewards["vienna"],
            "options": {"lounge": {"visitOn": str(MONDAY), **options}},
        }
        return self.ask(REDEEM, i=given)["redeemReward"]

    def refused(self, **options: Any) -> Any:
        answer = self.redeem(**options)
        assert answer["redemption"] is None
        (error,) = answer["userErrors"]
        return error

    def is_aged(self, age: int) -> None:
        given = {
            "idempotencyKey": next(KEYS),
            "memberId": self._known["ada"],
            "attributes": {"age": age},
        }
        answer = self.ask(KNOW, "admin", i=given)
        assert answer["setMemberAttributes"]["userErrors"] == []

    def lounge(self, role: str) -> Any:
        found = self.ask(LOUNGE, role, id=self.rewards["vienna"])
        return found["reward"]

    def send(self, redemption_id: str, secret: str) -> httpx.Response:
        """Send what the kitchen says."""
        body = b'{"state": "confirmed"}'
        now_s = SystemClock().now_us() // 1_000_000
        return httpx.post(
            f"{self.address}/callbacks/{redemption_id}",
            content=body,
            headers=sign(secret, f"{redemption_id}.1", now_s, body),
        )


def test_partner_imports_only_what_is_promised() -> None:
    imported = {
        name
        for path in MODULES
        for name in re.findall(
            r"^\s*(?:from|import) ([\w.]+)", path.read_text(), re.MULTILINE
        )
    }

    own = {name for name in imported if name.startswith("acme_lounge")}
    tops = {name.partition(".")[0] for name in imported - own}
    assert {"guerdon", "pydantic"} < tops
    assert not tops & {"core", "gateway", "plugins", "strawberry", "graphql"}
    assert "guerdon" in imported
    assert not [name for name in imported if name.startswith("guerdon.")]


def test_partners_wheel_beside_ours(
    environment: Environment, desk: Any, acme: ModuleType, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/airline.db"
    before = environment.told("guerdon", "schema")

    environment.install(build(SAMPLE, tmp_path))
    unset = environment.run("guerdon", "schema")
    environment.settings = {
        "GUERDON_DATABASE_URL": url,
        f"{PREFIX}DESK_URL": desk.url,
        f"{PREFIX}API_KEY": acme.KEY,
        f"{PREFIX}CALLBACK_SECRET": SECRET,
    }
    _show_difference(before, environment.told("guerdon", "schema"))
    checked = environment.told("guerdon", "plugin", "check", str(SAMPLE))
    tests = environment.told(
        "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(SAMPLE)
    )
    types = environment.told(
        *("python", "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "mypy")),
        str(SAMPLE / "acme_lounge"),
    )
    made = environment.told("python", str(Path(__file__).with_name("program.py")), url)
    listed = environment.told("guerdon", "plugins")
    with environment.serving() as address:
        done, open_one = _redeem(Ada(address, json.loads(made)), desk)

    assert unset.returncode == 1
    assert f"the variable {PREFIX}DESK_URL is not set" in unset.stderr
    assert "FAULT" not in checked
    assert "WARN" not in checked
    assert tests.splitlines()[-1].startswith("52 passed"), tests
    assert types == "Success: no issues found in 4 source files\n"
    site = next(environment.folder.glob("lib/python*/site-packages"))
    assert f"acme_lounge      acme-lounge 1.2\n  from      {site}" in listed
    assert f"discount         guerdon 0.1.0\n  from      {site}" in listed
    assert f"{PREFIX}API_KEY (set, secret)" in listed
    assert desk.keys == {acme.KEY}
    for secret in (acme.KEY, SECRET):
        assert secret not in checked + listed + made + tests + unset.stderr

    environment.pip("uninstall", "--yes", "acme-lounge")
    environment.settings = {"GUERDON_DATABASE_URL": url}
    assert environment.told("guerdon", "schema") == before
    with environment.serving() as address:
        _read_afterwards(Ada(address, json.loads(made)), done, open_one)
    _take_leave(environment, tmp_path / "airline.db")


def _show_difference(before: str, after: str) -> None:
    """Show what the plugin adds to the schema, and check that it is no more."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))
    size = sum(path.read_text().count("\n") for path in MODULES)
    print(f"\n{size} lines of plugin add to the schema:\n")  # noqa: T201
    print("\n".join(one for one in lines if not one.startswith("@@")))  # noqa: T201
    removed = [one for one in lines if one.startswith("-") and one[:3] != "---"]
    old, new = _definitions(before), _definitions(after)
    assert removed == []
    assert set(new) - set(old) == ADDED | {"Date"}  # no built-in plugin has dates
    assert {name for name in old if old[name] != new[name]} == {
        "RedemptionOptionsInput"
    }
    assert new["RedemptionOptionsInput"] - old["RedemptionOptionsInput"] == {"lounge"}
    assert all('@provider(name: "acme_lounge")' in _head(after, one) for one in ADDED)


def _definitions(sdl: str) -> dict[str, frozenset[str]]:
    """Return the members of each type."""
    found: Any = parse(sdl).definitions
    return {
        one.name.value: frozenset(
            part.name.value
            for part in getattr(one, "fields", None)
            or getattr(one, "values", None)
            or ()
        )
        for one in found
        if getattr(one, "name", None)
    }


def _head(sdl: str, name: str) -> str:
    (line,) = re.findall(rf"^(?:type|input|enum) {name}\b.*$", sdl, re.MULTILINE)
    return str(line)


def _redeem(ada: Ada, desk: Any) -> tuple[str, str]:
    """Redeem in all the ways there are; return one that is done, and one open."""
    sunday = str(MONDAY - timedelta(days=1))
    assert ada.lounge("member") == {
        "airport": "VIE",
        "openFrom": "2026-01-01",
        "minimumAge": 18,
        "meals": ["SNACK", "DINNER"],
        "rate": None,
    }
    assert ada.lounge("staff")["rate"] == {"amountMinor": 2500}

    ada.is_aged(17)
    too_young = ada.refused()
    ada.is_aged(18)
    closed = ada.refused(visitOn="2091-01-01")
    full = ada.refused(visitOn=sunday)
    first = ada.redeem("the-first-visit-of-ada", guests=[{"name": "Eve"}], meal="SNACK")
    again = ada.redeem("the-first-visit-of-ada", guests=[{"name": "Eve"}], meal="SNACK")

    assert (too_young["__typename"], too_young["minimumAge"]) == ("LoungeTooYoung", 18)
    assert closed == {
        "__typename": "LoungeClosed",
        "code": "CLOSED",
        "message": "the lounge is closed on that day",
        "openFrom": "2026-01-01",
        "openUntil": "2090-12-31",
    }
    assert full == {
        "__typename": "LoungeFullyBooked",
        "code": "FULLY_BOOKED",
        "message": "there is no room on that day",
        "nextFreeOn": str(MONDAY),
    }
    assert first == {
        "redemption": {
            "id": first["redemption"]["id"],
            "status": "FULFILLED",
            "pointsSpent": 80,
            "quantity": 2,
            "fulfillment": {
                "code": "ACME-0001",
                "visitOn": str(MONDAY),
                "validUntil": f"{MONDAY}T22:00:00.000Z",
                "visitors": 2,
                "worth": {"amountMinor": 7800, "currencyCode": "EUR"},
            },
        },
        "balances": [{"available": 420, "held": 0}],
        "replayed": False,
        "userErrors": [],
    }
    assert again == first | {"replayed": True}

    _cancel(ada, desk)
    _dine(ada, desk)
    left = ada.redeem(meal="DINNER")
    assert left["redemption"]["status"] == "UNKNOWN"
    assert left["balances"] == [{"available": 340, "held": 40}]
    return first["redemption"]["id"], left["redemption"]["id"]


def _cancel(ada: Ada, desk: Any) -> None:
    """The member changes her mind: the desk hears of it, the points come back."""
    visit = ada.redeem()["redemption"]["id"]
    (reference,) = [
        one for one in desk.bookings if desk.bookings[one]["code"][-1] == "2"
    ]
    given = {"idempotencyKey": next(KEYS), "redemptionId": visit}
    answer = ada.ask(CANCEL, i=given)["cancelRedemption"]
    assert answer["userErrors"] == []
    assert answer["redemption"]["status"] == "CANCELLED"
    assert answer["balances"] == [{"available": 420, "held": 0}]
    assert desk.bookings[reference]["state"] == "cancelled"


def _dine(ada: Ada, desk: Any) -> None:
    """The kitchen confirms later, and only who knows the secret may say so."""
    asked = ada.redeem(meal="DINNER")
    dinner = asked["redemption"]["id"]
    assert asked["redemption"]["status"] == "UNKNOWN"
    assert asked["balances"] == [{"available": 380, "held": 40}]
    (reference,) = [
        one for one in desk.bookings if desk.bookings[one]["state"] == "pending"
    ]
    desk.confirm(reference)

    forged = ada.send(dinner, "a secret that somebody has guessed")
    told = ada.send(dinner, SECRET)

    assert forged.status_code == 401
    assert (told.status_code, told.json()) == (200, {"status": "FULFILLED"})


def _read_afterwards(ada: Ada, done: str, open_one: str) -> None:
    """Look at what the plugin has left behind."""
    retired = {
        "__typename": "RetiredReward",
        "name": "Lounge in Vienna",
        "formerType": "lounge",
    }
    assert ada.ask(READ, id=done) == {
        "redemption": {
            "status": "FULFILLED",
            "pointsSpent": 80,
            "reward": retired,
            "fulfillment": {"__typename": "RetiredFulfillment", "rewardType": "lounge"},
        },
        "viewer": {"member": {"balances": [{"available": 340, "held": 40}]}},
    }
    assert ada.ask(READ, id=open_one)["redemption"] == {
        "status": "UNKNOWN",
        "pointsSpent": 40,
        "reward": retired,
        "fulfillment": None,
    }
    given = {"idempotencyKey": next(KEYS), "rewardId": ada.rewards["vienna"]}
    answer = ada.ask(BARE, i=given)["redeemReward"]
    assert answer["userErrors"] == [{"code": "REWARD_UNAVAILABLE"}]


def _take_leave(environment: Environment, database: Path) -> None:
    """End what still waits for the plugin that is gone."""
    missed = environment.run("guerdon", "plugins")
    waiting = environment.run("guerdon", "plugin", "retire", "lounge")
    ended = environment.run("guerdon", "plugin", "retire", "lounge", "--release")
    verified = environment.told("guerdon", "ledger", "verify")

    assert (
        "No plugin brings the reward type lounge, and 1 redemption is" in missed.stderr
    )
    assert waiting.returncode == 2
    assert ended.returncode == 0
    assert ended.stdout.endswith("Redemptions released: 1, still open: 0.\n")
    assert "proves itself" in verified
    connection = sqlite3.connect(database)
    sql = "SELECT available, held FROM wallet WHERE currency_id > 0"
    assert connection.execute(sql).fetchall() == [(380, 0)]
    connection.close()
