"""An attack: what is sent, and what a sound gateway answers."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from target import Target

Send = Callable[[Target], Awaitable[str]]


@dataclass(frozen=True)
class Attack:
    """What is sent, and the answers that are right, in short form.

    Attributes:
        name: of the attack.
        send: sends it, and returns the short form of what came back.
        expected: any of these will do.
    """

    name: str
    send: Send
    expected: tuple[str, ...]


ATTACKS: list[Attack] = []
"""All attacks, in the order in which they were written down."""


def attack(name: str, *expected: str) -> Callable[[Send], Send]:
    """Note down a function as an attack."""

    def note(send: Send) -> Send:
        ATTACKS.append(Attack(name, send, expected))
        return send

    return note


def short(answer: httpx.Response) -> str:
    """Return the status of an answer, and its first error's code or `data`."""
    return f"{answer.status_code} {_told(answer)}"


def _told(answer: httpx.Response) -> str:
    try:
        body: Any = answer.json()
    except json.JSONDecodeError:
        return "no JSON"
    if "errors" in body:
        return str(body["errors"][0]["extensions"]["code"])
    payloads = [one for one in body["data"].values() if isinstance(one, dict)]
    refusals = [one["userErrors"] for one in payloads if one.get("userErrors")]
    return str(refusals[0][0]["code"]) if refusals else "data"
