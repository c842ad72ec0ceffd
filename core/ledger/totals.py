"""Totals of a program: what was issued, redeemed and expired, and what is outstanding.

The program's accounts have no stored balance, since a row that every posting changes
would be the end of all speed. Their turnover is summed up from the feed, day by day, as
far as the feed is settled; a reading adds what came since. So totals equal the postings
at the moment of reading, and posting knows nothing of them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from core.ledger.codes import Account
from core.ledger.feed import HORIZON, POSITION, has_news
from core.storage.database import Database, Dialect, View

_CONSUMER = "program totals"
_TURNOVER = """
SELECT h.program_id, j.at_us / 86400000000 AS day,
  CASE s.comes_in WHEN 1 THEN p.dst ELSE p.src END AS account, p.currency_id,
  coalesce(p.sys_ref, 0) AS sys_ref,
  CAST(sum(p.amount * s.comes_in) AS bigint) AS incoming,
  CAST(sum(p.amount * (1 - s.comes_in)) AS bigint) AS outgoing
FROM journal j
JOIN holder h ON h.holder_id = j.holder_id
{postings}
JOIN (SELECT 1 AS comes_in UNION ALL SELECT 0) s
  ON CASE s.comes_in WHEN 1 THEN p.dst ELSE p.src END >= 100
WHERE j.feed > {after} AND j.feed <= {upto}
GROUP BY h.program_id, day, account, p.currency_id, coalesce(p.sys_ref, 0)
"""
_POSTINGS: dict[Dialect, str] = {
    # Row by row and by the whole key: as a plain join, PostgreSQL might read all
    # postings there are, or all of a busy holder for each of its rows.
    "postgresql": "CROSS JOIN LATERAL (SELECT * FROM posting "
    "WHERE holder_id = j.holder_id AND seq = j.seq OFFSET 0) p",
    "sqlite": "JOIN posting p ON p.holder_id = j.holder_id AND p.seq = j.seq",
}

_BEGIN = """
INSERT INTO feed_cursor (consumer, shard, epoch, feed, holder_id, seq)
SELECT :consumer, 0, epoch, 0, 0, 0 FROM installation WHERE true
ON CONFLICT (consumer, shard) DO NOTHING
"""
_CLAIM = """
UPDATE feed_cursor SET seq = seq WHERE consumer = :consumer AND shard = 0
RETURNING feed
"""
_ADD = """
INSERT INTO program_total
  (program_id, day, account, currency_id, sys_ref, incoming, outgoing, upto)
SELECT t.*, :upto FROM ({turnover}) t WHERE true
ON CONFLICT (program_id, day, account, currency_id, sys_ref) DO UPDATE SET
  incoming = program_total.incoming + excluded.incoming,
  outgoing = program_total.outgoing + excluded.outgoing,
  upto = excluded.upto
"""
_ADVANCE = """
UPDATE feed_cursor SET feed = :upto WHERE consumer = :consumer AND shard = 0
"""
_READ = """
SELECT currency_id, account, CAST(sum(incoming) AS bigint),
  CAST(sum(outgoing) AS bigint)
FROM (
  SELECT currency_id, account, incoming, outgoing FROM program_total
    WHERE program_id = $1
  UNION ALL
  SELECT currency_id, account, incoming, outgoing FROM ({turnover}) unsettled
    WHERE program_id = $1
) both_parts GROUP BY currency_id, account
"""
_PLAIN = """
SELECT currency_id, account, CAST(sum(incoming) AS bigint),
  CAST(sum(outgoing) AS bigint)
FROM ({turnover}) all_of_it WHERE program_id = $1 GROUP BY currency_id, account
"""
_AFTER = (
    "coalesce((SELECT feed FROM feed_cursor "
    "WHERE consumer = 'program totals' AND shard = 0), 0)"
)
_LAST: dict[Dialect, str] = {
    "postgresql": "CAST('18446744073709551615' AS xid8)",
    "sqlite": "9223372036854775807",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What became of one currency of a program, in minor units.

    Each account's `turnover` is what came in and what went out.
    """

    turnover: Mapping[Account, tuple[int, int]]

    @property
    def issued(self) -> int:
        """Return what rules have given."""
        return -self._net(Account.ISSUED)

    @property
    def redeemed(self) -> int:
        """Return what was spent, less what was refunded."""
        return self._net(Account.REDEEMED) + self._net(Account.CAUSE)

    @property
    def expired(self) -> int:
        """Return what ran out, less what grace gave back and what was clawed back."""
        return self._net(Account.BREAKAGE)

    @property
    def clawed_back(self) -> int:
        """Return what was taken back of what rules gave, or written off."""
        return self._net(Account.CLAWED_BACK)

    @property
    def written_off(self) -> int:
        """Return what the program bore itself, since policies forgave it."""
        return -self._net(Account.LOSS)

    @property
    def adjusted(self) -> int:
        """Return what was given by hand, less what was taken."""
        return -self._net(Account.ADJUSTED)

    @property
    def exchanged(self) -> int:
        """Return what was turned into other currencies, less what came of them."""
        return self._net(Account.EXCHANGE) + self._net(Account.ROUNDING)

    @property
    def outstanding(self) -> int:
        """Return what all holders have, also pending and held, less their debts.

        It is what was issued, adjusted and written off, less all else.
        """
        return -sum(self._net(account) for account in self.turnover)

    def _net(self, account: Account) -> int:
        incoming, outgoing = self.turnover.get(account, (0, 0))
        return incoming - outgoing


async def totals(view: View, program_id: int) -> dict[int, Totals]:
    """Return the totals of a program at this moment, by currency."""
    turnover = _turnover(view.dialect, _AFTER, _LAST[view.dialect])
    return await _read(view, _READ.format(turnover=turnover), program_id)


async def false_totals(view: View) -> list[int]:
    """Return the programs whose totals are not what their postings add up to."""
    turnover = _turnover(view.dialect, "0", _LAST[view.dialect])
    sql = _PLAIN.format(turnover=turnover)
    programs = await view.read("SELECT DISTINCT program_id FROM holder", bounded=False)
    return [
        program_id
        for (program_id,) in sorted(programs)
        if await totals(view, program_id) != await _read(view, sql, program_id)
    ]


def _turnover(dialect: Dialect, after: str, upto: str) -> str:
    """Return the statement that sums up a part of the feed; *after* is a number."""
    return _TURNOVER.format(
        postings=_POSTINGS[dialect],
        after=POSITION[dialect].format(after),
        upto=upto,
    )


async def _read(view: View, sql: str, program_id: int) -> dict[int, Totals]:
    rows = await view.read(sql, program_id, bounded=False)
    found: dict[int, dict[Account, tuple[int, int]]] = defaultdict(dict)
    for currency_id, account, incoming, outgoing in rows:
        found[currency_id][Account(account)] = (incoming, outgoing)
    return {currency_id: Totals(one) for currency_id, one in found.items()}


async def add_up(database: Database) -> None:
    """Sum up what the feed has brought. Any number of processes may do it at once."""
    if not await has_news(database, _CONSUMER):
        return
    dialect = database.dialect
    turnover = _turnover(dialect, ":after", POSITION[dialect].format(":upto"))

    def work(session: Session) -> None:
        connection = session.connection()
        given = {"consumer": _CONSUMER}
        connection.execute(text(_BEGIN), given)
        after = connection.execute(text(_CLAIM), given).scalar_one()
        upto = connection.execute(text(HORIZON[dialect])).scalar_one()
        if upto > after:
            span = {"after": after, "upto": upto}
            connection.execute(text(_ADD.format(turnover=turnover)), span)
            connection.execute(text(_ADVANCE), given | {"upto": upto})

    await database.configure(work)
