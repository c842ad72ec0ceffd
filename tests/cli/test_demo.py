"""The demo, whole: real purchases in, rewards out, the ledger proven."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

Guerdon = Any

FIGURES = {
    "members": 2_357,
    "orders": 6_919,
    "points_issued": 239_444,
    "points_available": 237_644,
    "redemptions": {
        "discount": 10,
        "donation": 10,
        "experience": 10,
        "free_shipping": 10,
    },
    "tiers": {"bronze": 1_753, "silver": 430, "gold": 174},
    "verified": True,
}


PATIENT = {"GUERDON_PLUGIN_DEADLINE_MS": "60000", "GUERDON_LEDGER_WAIT_MS": "60000"}
"""A machine that does much else is slow; that is not what is tried here."""


def test_the_demo_is_exact_and_safe_to_repeat(guerdon: Guerdon) -> None:
    first = json.loads(guerdon("demo", "--no-serve", "--json", **PATIENT).stdout)
    again = json.loads(guerdon("demo", "--no-serve", "--json", **PATIENT).stdout)

    assert first.pop("seconds") > 0
    assert again.pop("seconds") > 0
    assert first == FIGURES
    assert again == FIGURES


def test_an_import_that_is_killed_is_finished_by_another(
    command: list[str], guerdon: Guerdon, tmp_path: Path, database_url: str
) -> None:
    environment = os.environ | {"GUERDON_DATABASE_URL": database_url}
    sample = Path(__file__).parents[2] / "gateway" / "demo" / "CDNOW_sample.txt"
    arguments = ["import", "orders", str(sample), "--format", "cdnow", "--json"]
    orders = 0
    for pause in (1.0, 1.4):
        process = subprocess.Popen(
            [*command, *arguments],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
        )
        time.sleep(pause)
        process.kill()
        process.communicate()

    result = json.loads(guerdon(*arguments).stdout)

    orders = result["orders"] + result["skipped"]
    assert (orders, result["errors"]) == (6_919, 0)
    verified = json.loads(guerdon("ledger", "verify", "--json").stdout)
    assert verified["ok"] is True
    done = guerdon("demo", "--no-serve", "--json", **PATIENT)
    assert done.returncode == 0, done.stderr
    demo = json.loads(done.stdout)
    assert {**FIGURES, "seconds": demo["seconds"]} == demo


def test_what_the_demo_tells_to_try_works(
    command: list[str], tmp_path: Path, database_url: str
) -> None:
    """The query, the redemption and the subscription that it prints, as printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {
        "GUERDON_DATABASE_URL": database_url,
        "GUERDON_PORT": port,
    }
    process = subprocess.Popen(
        [*command, "demo"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        token, curls, watch = _next_steps(process)
        _wait_for(int(port))

        query = _run(curls[0], token)
        watcher = subprocess.Popen(
            shlex.split(watch.replace('"$TOKEN"', token)),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert watcher.stdout is not None
        present = json.loads(watcher.stdout.readline())
        redeemed = _run(curls[1], token)["data"]["redeemReward"]
        again = _run(curls[1], token)["data"]["redeemReward"]
        events = [json.loads(watcher.stdout.readline()) for _ in range(2)]
        watcher.kill()
        watcher.communicate()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert query["data"]["memberByNumber"]["tier"] == {"name": "Gold"}
    assert len(query["data"]["catalog"]["nodes"]) == 4
    available = query["data"]["memberByNumber"]["balances"][0]["available"]
    assert present["balances"][0]["available"] == available
    assert redeemed["redemption"]["status"] == "FULFILLED"
    assert len(redeemed["redemption"]["fulfillment"]["code"]) == 19
    spent = redeemed["redemption"]["pointsSpent"]
    assert spent > 0
    assert redeemed["balances"] == [{"available": available - spent}]
    assert again == redeemed
    assert [event["transaction"]["kind"] for event in events] == [
        "AUTHORIZE",
        "CAPTURE",
    ]
    assert process.returncode == 0


def _next_steps(process: "subprocess.Popen[str]") -> tuple[str, list[str], str]:
    """Read what the demo prints: the token, the curl commands, the watch command."""
    assert process.stdout is not None
    token, watch, curls = "", "", []
    while len(curls) < 2:
        line = process.stdout.readline()
        assert line, "the demo ended"
        if match := re.match(r"export TOKEN=(\S+)", line):
            token = match[1]
        if line.startswith("curl "):
            curls.append(line)
        if " watch " in line:
            watch = line
    return token, curls, watch


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the gateway does not listen")


def _run(command: str, token: str) -> Any:
    arguments = shlex.split(command.replace("$TOKEN", token))
    return json.loads(subprocess.run(arguments, capture_output=True, check=True).stdout)
