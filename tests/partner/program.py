"""Makes an airline's program in the database of an environment, and tells its tokens.

Run there: `python program.py DATABASE_URL`.
"""

import asyncio
import json
import os
import sys

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import corrections, definition, members, tokens
from core.settings import Settings

PROGRAM = {
    "code": "main",
    "name": "Airline",
    "currencies": [{"code": "MIL", "name": "Miles"}],
    "rewards": [
        {
            "code": "vienna",
            "type": "lounge",
            "name": "Lounge in Vienna",
            "currency": "MIL",
            "price": 40,
            "config": {
                "airport": "VIE",
                "open_from": "2026-01-01",
                "open_until": "2090-12-31",
                "minimum_age": 18,
                "meals": ["snack", "dinner"],
                "rate": {"amount_minor": 2500, "currency_code": "EUR"},
            },
        },
        {
            "code": "ten",
            "type": "discount",
            "name": "Ten percent off",
            "currency": "MIL",
            "price": 10,
            "config": {"percent_off": 10},
        },
    ],
}


async def main(url: str) -> None:
    settings = Settings(database_url=url)
    async with Engine.open(
        settings, Registry.installed(environment=os.environ)
    ) as engine:
        program_id = await definition.apply(engine, PROGRAM)
        office = Actor(program_id, "office", Role.ADMIN)
        ada = await members.enroll(engine, by=office, key="ada", number="1")
        await corrections.adjust(
            engine,
            by=office,
            key="welcome",
            holder_id=ada.holder_id,
            currency="MIL",
            amount=500,
            reason="welcome",
        )
        found = {
            role: await tokens.create(
                engine, program_id=program_id, role=Role(role), client_id=role
            )
            for role in ("staff", "admin")
        }
        found["member"] = await tokens.create(
            engine, program_id=program_id, role=Role.MEMBER, holder_id=ada.holder_id
        )
        rows = await engine.database.read("SELECT code, reward_id FROM reward")
        rewards = {code: encode("reward", one) for code, one in rows}
        ada_id = encode("member", ada.holder_id)
        print(json.dumps({**found, "ada": ada_id, "rewards": rewards}))  # noqa: T201


asyncio.run(main(sys.argv[1]))
