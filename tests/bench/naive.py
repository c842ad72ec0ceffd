"""SQLite as it is usually written to: SQLAlchemy Core over aiosqlite.

One transaction per earning, which reads the heads and writes the same rows. It begins
as a writer, in WAL mode with `synchronous=FULL`, and SQLAlchemy caches each statement.
"""

import hashlib
import random
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from callers import AMOUNT, FINGERPRINT, RULE, crowd, earning, rounds
from figures import SQLITE, Result, by_rate
from members import FIRST, POINTS, Members
from scene import Scene
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core.ledger.codes import NEVER_US
from core.storage.schema import METADATA

_CALLERS = 32
_CONNECTIONS = 2
"""The fastest of 1, 2, 5 and 32: writers take turns in any case."""

_BUSY_TIMEOUT_S = 30

HOLDER = METADATA.tables["holder"]
WALLET = METADATA.tables["wallet"]
JOURNAL = METADATA.tables["journal"]
POSTING = METADATA.tables["posting"]
LOT = METADATA.tables["lot"]

_HEAD = sa.select(HOLDER).where(HOLDER.c.holder_id == sa.bindparam("id"))
_POINTS = sa.select(WALLET).where(
    WALLET.c.holder_id == sa.bindparam("id"), WALLET.c.currency_id == POINTS
)
_NEW_POINTS = (
    sa.update(WALLET)
    .where(WALLET.c.holder_id == sa.bindparam("id"), WALLET.c.currency_id == POINTS)
    .values(available=sa.bindparam("now"), as_of_seq=sa.bindparam("seq"))
)
_NEW_HEAD = (
    sa.update(HOLDER)
    .where(HOLDER.c.holder_id == sa.bindparam("id"))
    .values(
        last_seq=sa.bindparam("seq"),
        last_at_us=sa.bindparam("at"),
        last_hash=sa.bindparam("hash"),
    )
)
_POSTED = {"line": 0, "amount": AMOUNT, "src": 101, "dst": 2, "sys_ref": RULE}
_LOT = {
    "original": AMOUNT,
    "pending": 0,
    "available": AMOUNT,
    "held": 0,
    "expired": 0,
    "expires_at_us": NEVER_US,
    "is_open": True,
    "policy": "{}",
}


async def naive(scene: Scene) -> list[Result]:
    """Post to random members of a SQLite file, in both ways."""
    members = Members(scene.scale.members // 5)
    async with scene.sqlite("naive", members) as (ledger, _):
        engine = connect(scene.file("naive"))
        call = earning(ledger, members.numbers)

        async def plain() -> None:
            await earn_plainly(engine, FIRST + random.choice(members.numbers))

        ours, reference = await rounds(
            scene.scale.rounds,
            lambda: crowd(call, _CALLERS, scene.scale.window),
            lambda: crowd(plain, _CALLERS, scene.scale.window),
        )
        await engine.dispose()
    return [by_rate(SQLITE, ours, reference)]


def connect(path: Path) -> AsyncEngine:
    """Return an engine on the file with a small pool."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        pool_size=_CONNECTIONS,
        max_overflow=0,
        connect_args={"timeout": _BUSY_TIMEOUT_S},
    )
    sa.event.listen(engine.sync_engine, "connect", _set_up)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def earn_plainly(engine: AsyncEngine, holder_id: int) -> None:
    """Let a member earn: read the heads, write the rows, commit."""
    key = f"bench:{random.randrange(10**17, 10**18)}"
    async with engine.begin() as connection:
        head = (await connection.execute(_HEAD, {"id": holder_id})).one()
        wallet = (await connection.execute(_POINTS, {"id": holder_id})).one()
        entry = _entry(head, wallet, key)
        seq, at_us = entry["seq"], entry["at_us"]
        lot_id = seq * 1024
        owner = {"holder_id": holder_id, "currency_id": POINTS}
        await connection.execute(sa.insert(JOURNAL), entry)
        await connection.execute(
            sa.insert(POSTING),
            owner | {"seq": seq, "dst_lot": lot_id} | _POSTED,
        )
        await connection.execute(
            sa.insert(LOT),
            owner | {"lot_id": lot_id, "available_at_us": at_us} | _LOT,
        )
        await connection.execute(
            _NEW_POINTS,
            {"id": holder_id, "now": wallet.available + AMOUNT, "seq": seq},
        )
        await connection.execute(
            _NEW_HEAD,
            {"id": holder_id, "seq": seq, "at": at_us, "hash": entry["hash"]},
        )


def _entry(head: Any, wallet: Any, key: str) -> dict[str, Any]:
    """Return the row of the journal, linked to the chain."""
    seq = head.last_seq + 1
    at_us = max(head.last_at_us, time.time_ns() // 1_000)
    balances = (
        f"[[{POINTS},{wallet.available + AMOUNT},{wallet.pending},{wallet.held},"
        f"{wallet.debt},{AMOUNT},0,0,0]]"
    )
    before = f"1,{head.program_id},{head.holder_id},{seq},2,{len(key)}:{key},16:"
    after = (
        f",{at_us},{at_us},-,-,-,-,{len(balances)}:{balances},2:{{}},2:{{}},1,"
        f"0,{POINTS},{AMOUNT},101,-,2,{seq * 1024},{RULE},-,-,"
    )
    chained = head.last_hash + before.encode() + FINGERPRINT + after.encode()
    return {
        "holder_id": head.holder_id,
        "seq": seq,
        "kind": 2,
        "idem_key": key,
        "fingerprint": FINGERPRINT,
        "at_us": at_us,
        "effective_us": at_us,
        "balances": balances,
        "terms": "{}",
        "meta": "{}",
        "hash": hashlib.sha256(chained).digest(),
    }
