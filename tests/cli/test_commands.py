"""Commands as a user runs them: what they print, and their exit status."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from core.extension.registry import Registry
from gateway.cli import main
from gateway.schema import build_schema

Guerdon = Any

CSV = """customer_number,order_id,date,amount
7,o1,2026-11-20,10.50
7,o2,2026-11-21,-1
8,o3,2026-11-22,3.99
"""


def test_every_command_has_help() -> None:
    commands = (
        "serve",
        "demo",
        "import",
        "import orders",
        "import history",
        "export",
        "restore",
        "ledger verify",
        "ledger totals",
        "schema",
        "plugins",
        "plugin new",
        "plugin check",
        "plugin retire",
        "token create",
        "program plan",
        "program apply",
        "program diff",
        "program export",
        "program validate",
        "program new",
        "token list",
        "token revoke",
        "doctor",
        "documents",
        "documents check",
        "watch",
        "worker",
    )
    for command in commands:
        result = CliRunner().invoke(
            main, [*command.split(), "--help"], prog_name="guerdon"
        )

        assert result.exit_code == 0
        assert result.stdout.startswith(f"Usage: guerdon {command}")


def test_importing_csv_tells_wrong_lines(guerdon: Guerdon, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(CSV)

    first = guerdon("import", "orders", str(file), "--json")
    again = guerdon("import", "orders", str(file), "--json")

    assert first.returncode == 2
    assert first.stderr == "line 3: the amount -1 is negative\n"
    assert json.loads(first.stdout.splitlines()[-1]) == {
        "orders": 2,
        "members": 2,
        "points_issued": 13,
        "skipped": 0,
        "errors": 1,
    }
    assert json.loads(again.stdout) == {
        "orders": 0,
        "members": 0,
        "points_issued": 0,
        "skipped": 2,
        "errors": 1,
    }


def test_verify_proves_what_was_imported(guerdon: Guerdon, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(CSV)
    guerdon("import", "orders", str(file))

    told = guerdon("ledger", "verify")
    document = guerdon("ledger", "verify", "--json")

    assert told.returncode == 0
    verdict, root = told.stdout.splitlines()[-2:]
    assert verdict == (
        "The ledger proves itself, over 3 holders, 6 transactions and 3 postings."
    )
    assert json.loads(document.stdout)["ok"] is True
    assert root == f"Root: {json.loads(document.stdout)['root']}"


def test_totals_tell_what_was_imported(guerdon: Guerdon, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(CSV)
    guerdon("import", "orders", str(file))

    told = guerdon("ledger", "totals")
    document = guerdon("ledger", "totals", "--json")

    assert told.returncode == 0
    head, points = told.stdout.splitlines()
    assert head.split()[:2] == ["issued", "adjusted"]
    assert points.split() == ["PTS", "13", *["0"] * 6, "13"]
    assert json.loads(document.stdout) == {
        "PTS": {
            "issued": 13,
            "adjusted": 0,
            "written_off": 0,
            "redeemed": 0,
            "expired": 0,
            "clawed_back": 0,
            "exchanged": 0,
            "outstanding": 13,
        }
    }


def test_verify_fails_on_a_changed_amount(
    guerdon: Guerdon, tmp_path: Path, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        return  # one database is enough to see the exit status
    file = tmp_path / "orders.csv"
    file.write_text(CSV)
    guerdon("import", "orders", str(file))
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    with connection:
        connection.execute("UPDATE wallet SET available = 1000 WHERE available = 10")
    connection.close()

    result = guerdon("ledger", "verify")

    assert result.returncode == 1
    assert "VIOLATED  V1" in result.stdout


def test_tokens_are_made_for_roles_and_members(
    guerdon: Guerdon, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(CSV)
    guerdon("import", "orders", str(file))

    staff = guerdon("token", "create", "--role", "staff")
    member = guerdon("token", "create", "--role", "member", "--member", "7")
    nobody = guerdon("token", "create", "--role", "member", "--member", "99")
    bare = guerdon("token", "create", "--role", "member")

    assert staff.stdout.startswith("gdn_")
    assert member.stdout.startswith("gdn_")
    assert (nobody.returncode, nobody.stderr) == (1, "Error: no such member\n")
    assert bare.returncode == 1
    assert "member: goes with the role member" in bare.stderr


def test_keys_are_listed_and_revoked(guerdon: Guerdon) -> None:
    narrow = ("--scope", "members:read", "--scope", "activities:write")
    made = guerdon("token", "create", "--role", "store", *narrow, "--expires-in", "30d")
    beyond = guerdon("token", "create", "--role", "store", "--scope", "keys:write")
    wrong = guerdon("token", "create", "--role", "store", "--expires-in", "3 weeks")
    secret = made.stdout.strip()
    (listed,) = json.loads(guerdon("token", "list", "--json").stdout)

    revoked = guerdon("token", "revoke", listed["id"])
    absent = guerdon("token", "revoke", "key_0000000000000001")
    table = guerdon("token", "list")

    assert listed | {"id": "", "createdAt": "", "expiresAt": ""} == {
        "id": "",
        "hint": secret[:8],
        "state": "good",
        "client": "store",
        "role": "store",
        "scopes": ["activities:write", "members:read"],
        "narrowed": True,
        "member": None,
        "createdAt": "",
        "createdBy": None,
        "expiresAt": "",
        "revokedAt": None,
        "lastUsedAt": None,
    }
    made_at, ends_at = map(
        datetime.fromisoformat, (listed["createdAt"], listed["expiresAt"])
    )
    assert ends_at - made_at == timedelta(days=30)
    assert revoked.stdout == f"{listed['id']} is revoked\n"
    assert absent.stderr == "Error: no such key\n"
    assert "the role store does not have keys:write" in beyond.stderr
    assert (beyond.returncode, wrong.returncode) == (1, 2)
    (line,) = table.stdout.splitlines()
    assert line.split()[:4] == [listed["id"], f"{secret[:8]}…", "revoked", "store"]
    assert secret not in table.stdout


def test_schema_prints_what_is_served(guerdon: Guerdon) -> None:
    result = guerdon("schema")

    assert result.stdout == build_schema(Registry.installed()).as_str() + "\n"


def test_plugins_are_listed(guerdon: Guerdon) -> None:
    result = guerdon("--skip-plugin", "donation", "plugins")

    lines = result.stdout.splitlines()
    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert names == [
        "discount",
        "event_check_in",
        "experience",
        "free_shipping",
        "gift_card",
        "newsletter",
        "product",
        "purchase",
        "review",
        "sign_up",
        "social_share",
        "survey",
        "visit",
    ]


def test_a_wrong_setting_of_a_plugin_stops_the_start(guerdon: Guerdon) -> None:
    unknown = guerdon("plugins", GUERDON_PLUGIN_DISCOUNT_SECRET="x")
    short = guerdon("doctor", GUERDON_PLUGIN_DISCOUNT_CALLBACK_SECRET="s3same")
    skipped = guerdon(
        "--skip-plugin", "discount", "plugins", GUERDON_PLUGIN_DISCOUNT_SECRET="x"
    )

    assert unknown.returncode == 1
    assert "GUERDON_PLUGIN_DISCOUNT_SECRET is not a setting" in unknown.stderr
    assert short.returncode == 1
    assert (
        "plugin 'discount': the variable GUERDON_PLUGIN_DISCOUNT_CALLBACK_SECRET"
        in short.stdout
    )
    assert "s3same" not in short.stdout + short.stderr
    assert skipped.returncode == 0


def test_doctor_finds_nothing_wrong(guerdon: Guerdon) -> None:
    guerdon("ledger", "verify")  # makes the database

    result = guerdon("doctor")

    assert result.returncode == 0
    assert [line[:2] for line in result.stdout.splitlines()] == ["ok"] * 5


def test_mistakes_are_told_without_a_trace(guerdon: Guerdon, tmp_path: Path) -> None:
    unknown = guerdon("doctor", GUERDON_DATABASE="x")
    number = guerdon("ledger", "verify", GUERDON_PORT="many")
    kind = guerdon("ledger", "verify", GUERDON_DATABASE_URL="mysql://x")
    nobody = guerdon(
        "ledger", "verify", GUERDON_DATABASE_URL="postgresql://x@127.0.0.1:1/x"
    )
    folder = guerdon("ledger", "verify", GUERDON_DATABASE_URL=f"sqlite:///{tmp_path}")

    assert unknown.returncode == 1
    assert "GUERDON_DATABASE is not a setting" in unknown.stdout
    assert "GUERDON_PORT must be a whole number" in number.stderr
    assert "must be sqlite:///FILE or postgresql://" in kind.stderr
    assert "the database cannot be opened" in nobody.stderr
    assert "the database cannot be opened" in folder.stderr
    for result in (unknown, number, kind, nobody, folder):
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
