"""`guerdon plugins` and `guerdon plugin retire`, with redemptions that are open."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.breaker import State
from core.extension.loading import PluginInfo
from core.extension.registry import Registry
from core.program import corrections, definition, members, redemption
from core.program.plugin_health import PluginReport
from core.settings import Settings
from gateway.cli.plugins import _Health, _lines
from plugins import discount
from tests.conftest import FixedClock
from tests.core.program.theater.showtime import Plugin, Theater, reward

Guerdon = Any

ROOT = Path(__file__).parents[2]
SECRET = "a secret of 24 characters or more"
TEN = {
    "code": "ten",
    "type": "discount",
    "name": "Ten",
    "currency": "PTS",
    "price": 10,
    "config": {"percent_off": 10},
}
PROGRAM = {
    "code": "main",
    "name": "Corner Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rewards": [reward("film"), TEN],
}


@pytest.fixture
async def waiting(database_url: str) -> str:
    """A database with two redemptions of a theater whose answers were lost."""
    theater = Theater()
    theater.script = ["", "forget", "", "forget"]
    registry = Registry.of(discount, Plugin(theater))
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, registry, FixedClock()) as engine:
        program_id = await definition.apply(engine, PROGRAM)
        by = Actor(program_id, "office", Role.ADMIN)
        ada = await members.enroll(engine, by=by, key="ada", number="1")
        await corrections.adjust(
            engine,
            by=by,
            key="welcome",
            holder_id=ada.holder_id,
            currency="PTS",
            amount=100,
            reason="welcome",
        )
        rows = await engine.database.read("SELECT code, reward_id FROM reward")
        for key in ("one", "two"):
            done = await redemption.redeem(
                engine,
                by=by,
                key=key,
                holder_id=ada.holder_id,
                reward_id=dict(rows)["film"],
                options={},
            )
            assert done.status == "UNKNOWN"
    return database_url


async def points(database_url: str) -> Any:
    """Return what Ada has, what is held, and which rewards are on sale."""
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, Registry.of(discount)) as engine:
        wallet = await engine.database.read(
            "SELECT available, held FROM wallet WHERE currency_id > 0"
        )
        active = await engine.database.read(
            "SELECT code FROM reward WHERE is_active ORDER BY code"
        )
        return *wallet[0], [code for (code,) in active]


def test_what_is_loaded_and_from_where(guerdon: Guerdon) -> None:
    settings = {
        "GUERDON_DATABASE_URL": "sqlite:///none.db",
        "GUERDON_PLUGIN_DISCOUNT_CALLBACK_SECRET": SECRET,
        "GUERDON_PLUGIN_GIFT_CARD_CALLBACK_SECRET": SECRET,
    }
    done = guerdon("plugins", **settings)
    document = json.loads(guerdon("plugins", "--json", **settings).stdout)

    lines = done.stdout.splitlines()
    at = lines.index(next(one for one in lines if one.startswith("gift_card ")))
    assert lines[at] == "gift_card        guerdon 0.1.0"
    assert lines[at + 1] == f"  from      {ROOT / 'plugins' / 'gift_card.py'}"
    assert lines[at + 2] == "  brings    reward type gift_card"
    variable = "GUERDON_PLUGIN_GIFT_CARD_CALLBACK_SECRET"
    assert f"  setting   {variable} (set, secret)" in lines[at:]
    assert SECRET not in done.stdout
    found = {one["name"]: one for one in document["plugins"]}
    assert found["discount"] == {
        "name": "discount",
        "distribution": "guerdon",
        "version": "0.1.0",
        "module": "plugins.discount",
        "file": str(ROOT / "plugins" / "discount.py"),
        "brings": ["reward type discount"],
        "settings": [
            {
                "variable": "GUERDON_PLUGIN_DISCOUNT_CALLBACK_SECRET",
                "is_set": True,
                "is_secret": True,
            }
        ],
        "open": None,
        "in_review": None,
    }


def test_without_a_database_health_is_left_out_and_nothing_made(
    guerdon: Guerdon, tmp_path: Path
) -> None:
    nowhere = {"GUERDON_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}

    done = guerdon("plugins", **nowhere)
    document = json.loads(guerdon("plugins", "--json", **nowhere).stdout)

    reason = f"the database cannot be opened: there is no file {tmp_path}/none.db yet"
    assert done.returncode == 0
    assert "health" not in done.stdout
    assert done.stderr == f"How they do is not known: {reason}.\n"
    assert document["health_unknown"] == reason
    assert not (tmp_path / "none.db").exists()


@pytest.mark.usefixtures("waiting")
async def test_plugins_that_are_missed_are_told(guerdon: Guerdon) -> None:
    done = guerdon("plugins")
    document = json.loads(guerdon("plugins", "--json").stdout)

    assert done.stdout.count("  health    no redemption is open\n") == 14
    assert done.stderr == (
        "No plugin brings the reward type theater, and 2 redemptions are open: install "
        "its plugin again, or see `guerdon plugin retire theater`.\n"
    )
    assert document["missing"] == {"theater": 2}
    assert document["health_unknown"] is None
    assert {one["open"] for one in document["plugins"]} == {0}


async def test_retiring_takes_off_sale_and_waits(
    guerdon: Guerdon, waiting: str
) -> None:
    done = guerdon("plugin", "retire", "theater")

    assert done.returncode == 2
    assert done.stdout == (
        "Rewards taken off sale: 1. Redemptions released: 0, still open: 2.\n"
    )
    assert done.stderr == "Wait until they are finished, or see --release.\n"
    assert await points(waiting) == (80, 20, ["ten"])


async def test_releasing_gives_the_points_back_once(
    guerdon: Guerdon, waiting: str
) -> None:
    done = guerdon("plugin", "retire", "theater", "--release")
    again = guerdon("plugin", "retire", "theater", "--release")
    listed = guerdon("plugins")
    verified = guerdon("ledger", "verify")

    assert (done.returncode, again.returncode) == (0, 0)
    assert done.stdout == (
        "Rewards taken off sale: 1. Redemptions released: 2, still open: 0.\n"
    )
    assert again.stdout == (
        "Rewards taken off sale: 0. Redemptions released: 0, still open: 0.\n"
    )
    assert await points(waiting) == (100, 0, ["ten"])
    assert listed.stderr == ""
    assert "The ledger proves itself" in verified.stdout


@pytest.mark.parametrize(
    ("is_open", "in_review", "text"),
    [
        (0, 0, "no redemption is open"),
        (1, 1, "1 redemption is open, 1 of them waits for a person"),
        (7, 2, "7 redemptions are open, 2 of them wait for a person"),
        (7, 0, "7 redemptions are open"),
    ],
)
def test_health_in_words(is_open: int, in_review: int, text: str) -> None:
    plugin = PluginInfo("theater", "theater", None, None, ())
    report = PluginReport(plugin, State.CLOSED, 0, is_open, in_review)

    *_, health = _lines(plugin, _Health(reports={"theater": report}))

    assert health == f"  health    {text}"
