"""Numbers that are stored for ever: accounts, journal kinds, refusals, holders.

Every number here stands in databases and inside hashes. A number is never changed
and never reused; a new meaning gets a new number.
"""

from enum import IntEnum

STOCK_UNIT = 0
"""The currency in which stock holders count; programs number theirs from 1."""

NEVER_US = 2**53 - 1
"""An instant later than any other, in microseconds: "does not expire"."""

MAX_AMOUNT = 2**53 - 1
"""Largest amount in minor units; exact in every JSON reader."""


class HolderKind(IntEnum):
    """What a holder stands for."""

    MEMBER = 1
    POOL = 2
    CAMPAIGN = 3
    STOCK = 4
    BUDGET = 5


class HolderStatus(IntEnum):
    """Whether a holder takes part."""

    ACTIVE = 1
    FROZEN = 2
    CLOSED = 3


class Account(IntEnum):
    """The two sides of a posting. Below 100 the holder's side, above the program's.

    PENDING, AVAILABLE and HELD name a lot; DEBT does not. The program's accounts
    have no stored balance: their totals are sums over postings.
    """

    PENDING = 1
    AVAILABLE = 2
    HELD = 3
    DEBT = 4
    ISSUED = 101
    REDEEMED = 102
    BREAKAGE = 103
    CLAWED_BACK = 104
    TRANSIT = 105
    ADJUSTED = 106
    CAUSE = 107
    EXCHANGE = 108
    ROUNDING = 109
    LOSS = 110


LOT_ACCOUNTS = frozenset({Account.PENDING, Account.AVAILABLE, Account.HELD})


class JournalKind(IntEnum):
    """Why a journal row exists."""

    OPEN = 1
    EARN = 2
    ACTIVATE = 3
    REDEEM = 4
    AUTHORIZE = 5
    CAPTURE = 6
    VOID = 7
    REVERSE_EARN = 8
    REVERSE_REDEEM = 9
    EXPIRE = 10
    HOLD_EXPIRE = 11
    ADJUST = 12
    TRANSFER_OUT = 13
    TRANSFER_IN = 14
    EXCHANGE = 15
    NOTE = 16
    """Nothing moved; a companion row changed, such as the state of a redemption."""
    HOLD_EXTEND = 17
    STATUS = 18
    REVERSE_ADJUST = 19
    REVERSE_EXCHANGE = 20
    TRANSFER_BACK = 21
    """A transfer that was received is sent back; the sender gets it as a transfer."""
    APPROVE = 22
    """Points that waited for a person's decision ripen, at once or later."""


BY_TIME = frozenset({JournalKind.ACTIVATE, JournalKind.EXPIRE, JournalKind.HOLD_EXPIRE})
"""What time does: it is effective when it is due, however late it is recorded."""

LATE_US = 60_000_000
"""What is told later than this after it happened is told late, and has an index."""

REVERSALS = {
    JournalKind.EARN: JournalKind.REVERSE_EARN,
    JournalKind.REDEEM: JournalKind.REVERSE_REDEEM,
    JournalKind.CAPTURE: JournalKind.REVERSE_REDEEM,
    JournalKind.ADJUST: JournalKind.REVERSE_ADJUST,
    JournalKind.EXCHANGE: JournalKind.REVERSE_EXCHANGE,
    JournalKind.TRANSFER_IN: JournalKind.TRANSFER_BACK,
}
"""What can be reversed, and the kind of the transaction that does it."""


class RefusalCode(IntEnum):
    """Why a command was refused. Stored with its key, so a retry hears the same."""

    INSUFFICIENT_POINTS = 1
    HOLDER_UNKNOWN = 2
    HOLDER_NOT_ACTIVE = 3
    HOLD_UNKNOWN = 4
    HOLD_CLOSED = 5
    TRANSACTION_UNKNOWN = 6
    NOT_REVERSIBLE = 7
    EXCEEDS_ORIGINAL = 8
    LIMIT_REACHED = 9
    KEY_REUSED = 10
    REFERENCE_REUSED = 11
    OUT_OF_STOCK = 12
    STATE_CONFLICT = 13
    AMOUNT_TOO_LARGE = 14
    HOLDER_EXISTS = 15
    TOO_MANY_LOTS = 16
    CURRENCY_UNKNOWN = 17
    NOT_REDEEMABLE = 18
    NOT_TRANSFERABLE = 19
    AMOUNT_TOO_SMALL = 20
    EXPIRY_NOT_LATER = 21
    HOLDER_CLOSED = 22
    HOLD_EXPIRED = 23
    IN_THE_FUTURE = 24
    QUOTE_STALE = 25
    NOT_WAITING = 26


TRACELESS = frozenset(
    {
        RefusalCode.CURRENCY_UNKNOWN,
        RefusalCode.HOLDER_UNKNOWN,
        RefusalCode.HOLDER_CLOSED,
        RefusalCode.HOLD_UNKNOWN,
        RefusalCode.TRANSACTION_UNKNOWN,
        RefusalCode.IN_THE_FUTURE,
    }
)
"""Refusals of input that names what is not there, or not yet: nothing is stored."""
