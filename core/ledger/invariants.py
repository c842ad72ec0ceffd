"""The invariants of the ledger as SQL: each query returns what violates it.

The same text runs on PostgreSQL and SQLite. A finding is the holder and what of it: a
currency, a lot, a hold or a sequence number.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """What always holds, and the query that finds where it does not."""

    code: str
    claim: str
    sql: str
    per_holder: bool = True
    """Whether a holder's own rows are enough to tell."""


INVARIANTS = (
    Invariant(
        "V1",
        "every wallet is the sum of its lots",
        """
        SELECT holder_id, currency_id FROM (
          SELECT holder_id, currency_id, pending AS p, available AS a, held AS h
            FROM wallet
          UNION ALL
          SELECT holder_id, currency_id, -pending, -available, -held FROM lot
        ) both_sides GROUP BY holder_id, currency_id
        HAVING sum(p) <> 0 OR sum(a) <> 0 OR sum(h) <> 0
        """,
    ),
    Invariant(
        "V2",
        "every lot is the net of the postings that name it",
        """
        SELECT holder_id, lot_id FROM (
          SELECT holder_id, lot_id, pending AS p, available AS a, held AS h FROM lot
          UNION ALL
          SELECT holder_id, dst_lot, CASE dst WHEN 1 THEN -amount ELSE 0 END,
            CASE dst WHEN 2 THEN -amount ELSE 0 END,
            CASE dst WHEN 3 THEN -amount ELSE 0 END
            FROM posting WHERE dst_lot IS NOT NULL
          UNION ALL
          SELECT holder_id, src_lot, CASE src WHEN 1 THEN amount ELSE 0 END,
            CASE src WHEN 2 THEN amount ELSE 0 END,
            CASE src WHEN 3 THEN amount ELSE 0 END
            FROM posting WHERE src_lot IS NOT NULL
        ) both_sides GROUP BY holder_id, lot_id
        HAVING sum(p) <> 0 OR sum(a) <> 0 OR sum(h) <> 0
        """,
    ),
    Invariant(
        "V3",
        "every debt is the net of its postings",
        """
        SELECT holder_id, currency_id FROM (
          SELECT holder_id, currency_id, debt AS d FROM wallet
          UNION ALL
          SELECT holder_id, currency_id,
            CASE WHEN src = 4 THEN -amount ELSE amount END
            FROM posting WHERE src = 4 OR dst = 4
        ) both_sides GROUP BY holder_id, currency_id HAVING sum(d) <> 0
        """,
    ),
    Invariant(
        "V4",
        "every holder's sequence is 1, 2, 3 … and ends where its head says",
        """
        SELECT holder_id, max(head) FROM (
          SELECT holder_id, last_seq AS head, 0 AS n, 0 AS top FROM holder
          UNION ALL
          SELECT holder_id, 0, count(*), max(seq) FROM journal GROUP BY holder_id
        ) both_sides GROUP BY holder_id
        HAVING max(head) <> max(n) OR max(head) <> max(top)
        """,
    ),
    Invariant(
        "V5",
        "what a lot holds is what open holds claim of it",
        """
        SELECT holder_id, lot_id FROM (
          SELECT holder_id, lot_id, held AS h FROM lot
          UNION ALL
          SELECT holder_id, lot_id, -(authorized - captured - released)
            FROM allocation
        ) both_sides GROUP BY holder_id, lot_id HAVING sum(h) <> 0
        """,
    ),
    Invariant(
        "V6",
        "every hold is the sum of its allocations",
        """
        SELECT holder_id, hold_id FROM (
          SELECT holder_id, hold_id, authorized AS a, captured AS c, released AS r
            FROM hold
          UNION ALL
          SELECT holder_id, hold_id, -authorized, -captured, -released
            FROM allocation
        ) both_sides GROUP BY holder_id, hold_id
        HAVING sum(a) <> 0 OR sum(c) <> 0 OR sum(r) <> 0
        """,
    ),
    Invariant(
        "V7",
        "every lot began with what came in from the program",
        """
        SELECT holder_id, lot_id FROM (
          SELECT holder_id, lot_id, original AS o FROM lot
          UNION ALL
          SELECT holder_id, dst_lot, -amount FROM posting
            WHERE src >= 100 AND dst_lot IS NOT NULL
        ) both_sides GROUP BY holder_id, lot_id HAVING sum(o) <> 0
        """,
    ),
    Invariant(
        "V8",
        "what goes into transit comes out of it",
        """
        SELECT min(p.holder_id), max(p.seq) FROM posting p
        JOIN journal j ON j.holder_id = p.holder_id AND j.seq = p.seq
        WHERE p.src = 105 OR p.dst = 105 GROUP BY j.corr_id, p.currency_id
        HAVING sum(CASE WHEN p.dst = 105 THEN p.amount ELSE -p.amount END) <> 0
        """,
        per_holder=False,
    ),
    Invariant(
        "V9",
        "no transaction is reversed by more than it moved",
        """
        SELECT holder_id, seq FROM (
          SELECT j.holder_id, j.ref_seq AS seq, p.currency_id, -p.amount AS left_over,
            CASE WHEN p.dst = 104 THEN 101
              WHEN p.dst IN (105, 106, 108) THEN p.dst
              WHEN p.src IN (102, 106, 107, 108, 109) THEN -p.src END AS way
            FROM journal j
            JOIN posting p ON p.holder_id = j.holder_id AND p.seq = j.seq
            WHERE j.kind IN (8, 9, 19, 20, 21)
          UNION ALL
          SELECT t.holder_id, t.seq, t.currency_id, t.amount,
            CASE WHEN t.src IN (101, 105, 106, 108) THEN t.src
              WHEN t.dst IN (102, 106, 107, 108, 109) THEN -t.dst END
            FROM posting t
            WHERE EXISTS (SELECT 1 FROM journal r WHERE r.holder_id = t.holder_id
              AND r.ref_seq = t.seq AND r.kind IN (8, 9, 19, 20, 21))
        ) both_ways WHERE way IS NOT NULL
        GROUP BY holder_id, seq, currency_id, way HAVING sum(left_over) < 0
        """,
    ),
    Invariant(
        "V10",
        "no holder's time runs back",
        """
        SELECT holder_id, seq FROM (
          SELECT holder_id, seq, at_us,
            lag(at_us) OVER (PARTITION BY holder_id ORDER BY seq) AS before_us
          FROM journal
        ) steps WHERE before_us > at_us
        """,
    ),
    Invariant(
        "V11",
        "every posting belongs to a transaction",
        """
        SELECT DISTINCT p.holder_id, p.seq FROM posting p
        LEFT JOIN journal j ON j.holder_id = p.holder_id AND j.seq = p.seq
        WHERE j.seq IS NULL
        """,
    ),
    Invariant(
        "V12",
        "nothing is booked earlier than what stands before it",
        """
        SELECT holder_id, seq FROM (
          SELECT holder_id, seq, booked_us,
            lag(booked_us) OVER (PARTITION BY holder_id ORDER BY seq) AS before_us
          FROM (
            SELECT holder_id, seq,
              CASE WHEN kind IN (3, 10, 11) THEN effective_us ELSE at_us END
                AS booked_us
            FROM journal
          ) booked
        ) steps WHERE before_us > booked_us
        """,
    ),
)


_TABLES = ("holder", "wallet", "lot", "hold", "allocation", "journal", "posting")


def narrowed(sql: str, dialect: str) -> str:
    """Return *sql* as it is for the holders of the first parameter alone.

    The tables are shadowed by what they have of these holders.
    """
    if dialect == "sqlite":
        views = [
            f"{name} AS (SELECT * FROM main.{name} "  # noqa: S608
            "WHERE holder_id IN (SELECT value FROM json_each($1)))"
            for name in _TABLES
        ]
    else:
        views = [
            f"{name} AS (SELECT * FROM {name} WHERE holder_id = ANY($1::bigint[]))"  # noqa: S608
            for name in _TABLES
        ]
    return f"WITH {', '.join(views)} {sql}"
