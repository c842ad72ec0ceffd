"""Tables of the ledger: journal and postings are the truth, the rest are caches.

Every key starts with the holder; nothing unique crosses holders, so a cluster can be
split by holder. Times are microseconds UTC (`_us`), amounts are minor units. `lot_id`
is `seq * 1024 + n` of the row that made it, `hold_id` the `seq` that made the hold.
"""

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Bytes, Feed, Flag, Small, Words, feed_default

STRICT = {"sqlite_strict": True}
HOT = STRICT | {"postgresql_with": {"fillfactor": 70}}
"""Rows that are updated in place leave room for it on their page."""

TOLD_LATE = "kind NOT IN (3, 10, 11) AND effective_us < at_us - 60000000"
"""Told more than a minute after it happened (and not by time, which is never late)."""


class Holder(SQLModel, table=True):
    """Lock, sequence, clock and chain head of one member, pool, stock or budget."""

    __table_args__ = (
        CheckConstraint("last_seq >= 0", name="holder_last_seq"),
        Index(
            "holder_due",
            "next_due_us",
            postgresql_where=text("next_due_us IS NOT NULL"),
            sqlite_where=text("next_due_us IS NOT NULL"),
        ),
        HOT,
    )
    holder_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    kind: int = Field(sa_type=Small)
    status: int = Field(sa_type=Small)
    last_seq: int = Field(sa_type=Big)
    last_at_us: int = Field(sa_type=Big)
    last_hash: bytes = Field(sa_type=Bytes)
    next_due_us: int | None = Field(default=None, sa_type=Big)


class Wallet(SQLModel, table=True):
    """Sums over the lots of one holder in one currency, and its debt."""

    __table_args__ = (
        CheckConstraint(
            "pending >= 0 AND available >= 0 AND held >= 0 AND debt >= 0",
            name="wallet_not_negative",
        ),
        HOT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    currency_id: int = Field(primary_key=True, sa_type=Big)
    pending: int = Field(sa_type=Big)
    available: int = Field(sa_type=Big)
    held: int = Field(sa_type=Big)
    debt: int = Field(sa_type=Big)
    as_of_seq: int = Field(sa_type=Big)


class Journal(SQLModel, table=True):
    """Append-only: header, idempotency record and event of one transaction."""

    __table_args__ = (
        CheckConstraint("seq > 0", name="journal_seq"),
        Index("journal_key", "holder_id", "idem_key", unique=True),
        Index(
            "journal_reference",
            "holder_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
            sqlite_where=text("external_id IS NOT NULL"),
        ),
        Index(
            "journal_target",
            "holder_id",
            "ref_seq",
            postgresql_where=text("ref_seq IS NOT NULL"),
            sqlite_where=text("ref_seq IS NOT NULL"),
        ),
        Index(
            "journal_kind",
            "holder_id",
            "kind",
            "seq",
            postgresql_where=text("kind <> 2"),
            sqlite_where=text("kind <> 2"),
        ),
        Index(
            "journal_late",
            "holder_id",
            "seq",
            postgresql_where=text(TOLD_LATE),
            sqlite_where=text(TOLD_LATE),
        ),
        Index("journal_feed", "feed", "holder_id", "seq"),
        STRICT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    seq: int = Field(primary_key=True, sa_type=Big)
    kind: int = Field(sa_type=Small)
    idem_key: str = Field(sa_type=Words)
    fingerprint: bytes = Field(sa_type=Bytes)
    at_us: int = Field(sa_type=Big)
    effective_us: int = Field(sa_type=Big)
    ref_seq: int | None = Field(default=None, sa_type=Big)
    corr_id: str | None = Field(default=None, sa_type=Words)
    source: str | None = Field(default=None, sa_type=Words)
    external_id: str | None = Field(default=None, sa_type=Words)
    balances: str = Field(sa_type=Words)
    terms: str = Field(sa_type=Words)
    meta: str = Field(sa_type=Words)
    hash: bytes = Field(sa_type=Bytes)
    feed: int | None = Field(
        default=None,
        sa_type=Feed,
        sa_column_kwargs={"nullable": False, "server_default": feed_default()},
    )


class Posting(SQLModel, table=True):
    """Append-only: one movement, from one account to another.

    It belongs to the journal row of the same holder and number (V11 proves it).
    """

    __table_args__ = (
        CheckConstraint("amount > 0", name="posting_amount"),
        CheckConstraint("src <> dst", name="posting_moves"),
        CheckConstraint(
            "(src IN (1, 2, 3)) = (src_lot IS NOT NULL)", name="posting_src_lot"
        ),
        CheckConstraint(
            "(dst IN (1, 2, 3)) = (dst_lot IS NOT NULL)", name="posting_dst_lot"
        ),
        Index("posting_currency", "holder_id", "currency_id", "seq"),
        STRICT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    seq: int = Field(primary_key=True, sa_type=Big)
    line: int = Field(primary_key=True, sa_type=Small)
    currency_id: int = Field(sa_type=Big)
    amount: int = Field(sa_type=Big)
    src: int = Field(sa_type=Small)
    src_lot: int | None = Field(default=None, sa_type=Big)
    dst: int = Field(sa_type=Small)
    dst_lot: int | None = Field(default=None, sa_type=Big)
    sys_ref: int | None = Field(default=None, sa_type=Big)
    order_line: int | None = Field(default=None, sa_type=Big)
    order_unit: int | None = Field(default=None, sa_type=Big)


class Lot(SQLModel, table=True):
    """Points of one origin: what is left of them, from when and until when."""

    __table_args__ = (
        CheckConstraint("original > 0", name="lot_original"),
        CheckConstraint(
            "pending >= 0 AND available >= 0 AND held >= 0 AND expired >= 0",
            name="lot_not_negative",
        ),
        CheckConstraint(
            "pending + available + held + expired <= original",
            name="lot_within_original",
        ),
        Index(
            "lot_fifo",
            "holder_id",
            "currency_id",
            "expires_at_us",
            "lot_id",
            postgresql_where=text("is_open"),
            sqlite_where=text("is_open"),
        ),
        HOT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    lot_id: int = Field(primary_key=True, sa_type=Big)
    currency_id: int = Field(sa_type=Big)
    original: int = Field(sa_type=Big)
    pending: int = Field(sa_type=Big)
    available: int = Field(sa_type=Big)
    held: int = Field(sa_type=Big)
    expired: int = Field(sa_type=Big)
    available_at_us: int = Field(sa_type=Big)
    expires_at_us: int = Field(sa_type=Big)
    is_open: bool = Field(sa_type=Flag)
    origin_holder: int | None = Field(default=None, sa_type=Big)
    origin_lot: int | None = Field(default=None, sa_type=Big)
    policy: str = Field(default="{}", sa_type=Words)


class Hold(SQLModel, table=True):
    """Points set aside. Without `expires_at_us` only its owner ends it."""

    __table_args__ = (
        CheckConstraint("authorized > 0", name="hold_authorized"),
        CheckConstraint("captured >= 0 AND released >= 0", name="hold_not_negative"),
        CheckConstraint("captured + released <= authorized", name="hold_within"),
        Index(
            "hold_open",
            "holder_id",
            "hold_id",
            postgresql_where=text("is_open"),
            sqlite_where=text("is_open"),
        ),
        HOT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    hold_id: int = Field(primary_key=True, sa_type=Big)
    currency_id: int = Field(sa_type=Big)
    authorized: int = Field(sa_type=Big)
    captured: int = Field(sa_type=Big)
    released: int = Field(sa_type=Big)
    expires_at_us: int | None = Field(default=None, sa_type=Big)
    is_open: bool = Field(sa_type=Flag)


class Allocation(SQLModel, table=True):
    """The part of a hold that one lot carries; `ord` is the order of capture."""

    __table_args__ = (
        CheckConstraint("authorized > 0", name="allocation_authorized"),
        CheckConstraint(
            "captured >= 0 AND released >= 0", name="allocation_not_negative"
        ),
        CheckConstraint("captured + released <= authorized", name="allocation_within"),
        HOT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    hold_id: int = Field(primary_key=True, sa_type=Big)
    lot_id: int = Field(primary_key=True, sa_type=Big)
    ord: int = Field(sa_type=Small)
    authorized: int = Field(sa_type=Big)
    captured: int = Field(sa_type=Big)
    released: int = Field(sa_type=Big)


class Refusal(SQLModel, table=True):
    """A command that a rule refused; its key gives the same answer again."""

    __table_args__ = (STRICT,)
    holder_id: int = Field(primary_key=True, sa_type=Big)
    idem_key: str = Field(primary_key=True, sa_type=Words)
    fingerprint: bytes = Field(sa_type=Bytes)
    code: int = Field(sa_type=Small)
    detail: str = Field(sa_type=Words)
    at_us: int = Field(sa_type=Big)


class Counter(SQLModel, table=True):
    """What a holder did in a period: caps, limits and tier metrics."""

    __table_args__ = (HOT,)
    holder_id: int = Field(primary_key=True, sa_type=Big)
    name: str = Field(primary_key=True, sa_type=Words)
    period: str = Field(primary_key=True, sa_type=Words)
    value: int = Field(sa_type=Big)
