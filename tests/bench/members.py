"""Members with points and histories, made by a few statements on either database."""

from dataclasses import dataclass

from sqlmodel import Session

from core.ledger.codes import NEVER_US
from core.storage.database import Database
from core.storage.program_tables import Currency

PROGRAM = 7
POINTS = 1
FIRST = 1_700_000_000_000 << 22
"""Ids are as long as real ones: member number n has the id `FIRST` + n."""

LOT = 1_000_000
"""Points in each lot that a member begins with."""

MINUTE_US = 60_000_000

_JOINED_US = 1_700_000_000_000_000
_GIVEN = 100
_LATE = 1_000
"""Each so many earnings one is told late."""

_NUMBERS = """(
  WITH RECURSIVE s(n) AS (
    SELECT CAST({first} AS bigint) UNION ALL SELECT n + 1 FROM s WHERE n < {last}
  ) SELECT n FROM s) AS numbers"""
_LOTS = """(
  WITH RECURSIVE s(k) AS (
    SELECT 0 UNION ALL SELECT k + 1 FROM s WHERE k + 1 < {lots}
  ) SELECT k FROM s) AS lots"""

_HOLDERS = f"""
INSERT INTO holder (holder_id, program_id, kind, status, last_seq, last_at_us,
  last_hash)
SELECT {FIRST} + n, {PROGRAM}, 1, 1, 1, {_JOINED_US}, {{hash}} FROM {{numbers}}"""
_MEMBERS = f"""
INSERT INTO member (holder_id, program_id, joined_at_us)
SELECT {FIRST} + n, {PROGRAM}, {_JOINED_US} FROM {{numbers}}"""
_WALLETS = f"""
INSERT INTO wallet (holder_id, currency_id, pending, available, held, debt, as_of_seq)
SELECT {FIRST} + n, {POINTS}, 0, {LOT} * {{lots}}, 0, 0, 1 FROM {{numbers}}"""
_JOURNAL = f"""
INSERT INTO journal (holder_id, seq, kind, idem_key, fingerprint, at_us, effective_us,
  balances, terms, meta, hash)
SELECT {FIRST} + n, 1, 2, 'start', {{fingerprint}}, {_JOINED_US}, {_JOINED_US},
  '[[{POINTS},' || {LOT} * {{lots}} || ',0,0,0,' || {LOT} * {{lots}} || ',0,0,0]]',
  {{empty}}, {{empty}}, {{hash}} FROM {{numbers}}"""
_POSTINGS = f"""
INSERT INTO posting (holder_id, seq, line, currency_id, amount, src, dst, dst_lot)
SELECT {FIRST} + n, 1, k, {POINTS}, {LOT}, 101, 2, 1024 + k
FROM {{numbers}}, {{each}}"""
_LOT_ROWS = f"""
INSERT INTO lot (holder_id, lot_id, currency_id, original, pending, available, held,
  expired, available_at_us, expires_at_us, is_open, policy)
SELECT {FIRST} + n, 1024 + k, {POINTS}, {LOT}, 0, {LOT}, 0, 0, {_JOINED_US}, {NEVER_US},
  TRUE, {{empty}} FROM {{numbers}}, {{each}}"""

_MORE_JOURNAL = f"""
INSERT INTO journal (holder_id, seq, kind, idem_key, fingerprint, at_us, effective_us,
  source, external_id, balances, terms, meta, hash)
SELECT {{holder}}, n, 2, 'bench:' || (100000000000000000 + n), {{fingerprint}},
  {_JOINED_US} + n * {MINUTE_US}, {_JOINED_US} + n * {MINUTE_US} - CASE
  WHEN n / {_LATE} * {_LATE} = n THEN {90 * MINUTE_US} ELSE {MINUTE_US // 30} END,
  'purchase', 'order-' || n,
  '[[{POINTS},' || ({LOT} + {_GIVEN} * (n - 1)) || ',0,0,0,{_GIVEN},0,0,0]]',
  {{empty}}, {{empty}}, {{hash}} FROM {{numbers}}"""
_MORE_POSTINGS = f"""
INSERT INTO posting (holder_id, seq, line, currency_id, amount, src, dst, dst_lot)
SELECT {{holder}}, n, 1, {POINTS}, {_GIVEN}, 101, 2, n * 1024 FROM {{numbers}}"""
_MORE_HOLDER = f"""
UPDATE holder SET last_seq = {{last}},
  last_at_us = {_JOINED_US} + CAST({{last}} AS bigint) * {MINUTE_US}
WHERE holder_id = {{holder}}"""
_MORE_WALLET = f"""
UPDATE wallet
SET available = available + {_GIVEN} * ({{last}} - 1), as_of_seq = {{last}}
WHERE holder_id = {{holder}}"""

_BYTES = {
    "postgresql": {
        "hash": "sha256(int8send(n))",
        "fingerprint": "substr(sha256(int8send(-n)), 1, 16)",
    },
    "sqlite": {"hash": "randomblob(32)", "fingerprint": "randomblob(16)"},
}
"""Only the lengths matter here."""


@dataclass(frozen=True, slots=True)
class Members:
    """Members number 1 to *count*; each has one transaction, of *lots* lots."""

    count: int
    lots: int = 1

    @property
    def numbers(self) -> range:
        """Return their numbers."""
        return range(1, self.count + 1)


async def fill(database: Database, members: Members) -> None:
    """Add a currency and the members to an empty database."""

    def add_currency(session: Session) -> None:
        session.add(
            Currency(currency_id=POINTS, program_id=PROGRAM, code="PTS", name="Points")
        )

    await database.configure(add_currency)
    statements = (_HOLDERS, _MEMBERS, _WALLETS, _JOURNAL, _POSTINGS, _LOT_ROWS)
    values = {
        "numbers": _NUMBERS.format(first=1, last=members.count),
        "each": _LOTS.format(lots=members.lots),
        "lots": members.lots,
    }
    await _execute(database, statements, values)


async def lengthen(database: Database, number: int, entries: int) -> None:
    """Add earnings to the history of member *number*, up to *entries* in all.

    There is one a minute, told two seconds after it happened; now and then one is told
    late.
    """
    values = {
        "numbers": _NUMBERS.format(first=2, last=entries),
        "holder": FIRST + number,
        "last": entries,
    }
    statements = (_MORE_JOURNAL, _MORE_POSTINGS, _MORE_HOLDER, _MORE_WALLET)
    await _execute(database, statements, values)


def minute(number: int) -> int:
    """Return the instant at which such an earning is recorded, in microseconds."""
    return _JOINED_US + number * MINUTE_US


async def _execute(
    database: Database, statements: tuple[str, ...], values: dict[str, object]
) -> None:
    values = values | _BYTES[database.dialect] | {"empty": "'{}'"}

    def execute(session: Session) -> None:
        run = session.connection().exec_driver_sql
        if database.dialect == "postgresql":  # what is added here needs no checks
            run("SET LOCAL session_replication_role = replica")
        for sql in statements:
            run(sql.format_map(values))

    await database.configure(execute)
