"""PostgreSQL finds rows of a busy holder by their key, though most holders have one."""

import re

import pytest
from sqlmodel import Session

from core.storage.ledger_tables import TOLD_LATE
from core.storage.opening import open_database

JOURNAL = """
INSERT INTO journal (holder_id, seq, kind, idem_key, fingerprint, at_us, effective_us,
  balances, terms, meta, hash)
SELECT n, 1, 2, n::text, '', 0, 0, '[]', '{}', '{}', '' FROM generate_series(1, 2000) n
"""
LOTS = """
INSERT INTO lot (holder_id, lot_id, currency_id, original, pending, available, held,
  expired, available_at_us, expires_at_us, is_open, policy)
SELECT n, 1024, 1, 1, 0, 1, 0, 0, 0, 9, TRUE, '{}' FROM generate_series(1, 2000) n
"""
POSTINGS = """
INSERT INTO posting (holder_id, seq, line, currency_id, amount, src, dst, dst_lot)
SELECT n, 1, 1, 1, 1, 101, 2, 1024 FROM generate_series(1, 2000) n
"""
HOLDS = """
INSERT INTO hold (holder_id, hold_id, currency_id, authorized, captured, released,
  is_open)
SELECT n, 1, 1, 1, 1, 0, FALSE FROM generate_series(1, 2000) n
"""
BEFORE = "ORDER BY seq DESC LIMIT 1"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("rows", "values", "index"),
    [
        ("journal WHERE holder_id = $1 AND seq = $2", "7, 1", "journal_pkey"),
        ("journal WHERE holder_id = $1 AND idem_key = $2", "7, '7'", "journal_key"),
        ("lot WHERE holder_id = $1 AND lot_id = $2", "7, 1024", "lot_pkey"),
        ("lot WHERE holder_id = $1 AND is_open", "7", "lot_fifo"),
        ("hold WHERE holder_id = $1 AND is_open", "7", "hold_open"),
        (
            "posting WHERE holder_id = $1 AND currency_id = $2 AND seq <= $3 " + BEFORE,
            "7, 1, 1",
            "posting_currency",
        ),
        (
            "journal WHERE holder_id = $1 AND kind = 10 AND kind <> 2 " + BEFORE,
            "7",
            "journal_kind",
        ),
        (
            f"journal WHERE holder_id = $1 AND seq > $2 AND seq <= $3 AND {TOLD_LATE}",
            "7, 0, 1",
            "journal_late",
        ),
    ],
)
async def test_rows_are_found_by_their_whole_key(
    database_url: str, rows: str, values: str, index: str
) -> None:
    database = await open_database(database_url)
    await database.configure(_fill)
    async with database.snapshot() as view:
        await view.read(f"PREPARE found AS SELECT * FROM {rows}")
        plan = await view.read(f"EXPLAIN EXECUTE found({values})")
    await database.close()

    lines = [line for (line,) in plan if "Limit" not in line]
    assert re.match(rf"[ >-]*Index Scan (Backward )?using {index} on ", lines[0]), plan


def _fill(session: Session) -> None:
    for sql in (JOURNAL, LOTS, POSTINGS, HOLDS, "ANALYZE"):
        session.connection().exec_driver_sql(sql)
