"""Tables of the program: its configuration, its members and what they redeemed.

Configuration rows carry the program they belong to; `names` and `descriptions` are JSON
objects of all wordings by language, or null where there is one only. Rows of a holder
(`member`, `member_attribute`, `redemption`) are written by the ledger in the
transaction that moves the points, as companions of the command.
"""

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Flag, Small, Words
from core.storage.ledger_tables import HOT, STRICT


class Program(SQLModel, table=True):
    """Currencies, rules, tiers and catalog under one promise.

    `rules_revision` grows with every change of rules, currencies and budgets: who keeps
    rules in memory compares it.
    """

    __table_args__ = (UniqueConstraint("code", name="program_code"), STRICT)
    program_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    code: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    names: str | None = Field(default=None, sa_type=Words)
    time_zone: str = Field(default="UTC", sa_type=Words)
    language: str = Field(default="en", sa_type=Words)
    clock_us: int | None = Field(default=None, sa_type=Big)
    rules_revision: int = Field(default=1, sa_type=Big)


class Currency(SQLModel, table=True):
    """A unit of loyalty value; amounts are in its minor units."""

    __table_args__ = (
        UniqueConstraint("program_id", "code", name="currency_code"),
        STRICT,
    )
    currency_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    code: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    names: str | None = Field(default=None, sa_type=Words)
    scale: int = Field(default=0, sa_type=Small)
    is_redeemable: bool = Field(default=True, sa_type=Flag)
    is_qualifying: bool = Field(default=False, sa_type=Flag)
    is_transferable: bool = Field(default=False, sa_type=Flag)
    floor: int = Field(default=0, sa_type=Big)


class Rule(SQLModel, table=True):
    """A version of what an activity earns; `definition` is a JSON document.

    It judges what happened from `valid_from_us` on, and before `valid_until_us`.
    """

    __table_args__ = (
        UniqueConstraint("program_id", "code", "version", name="rule_version"),
        STRICT,
    )
    rule_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    code: str = Field(sa_type=Words)
    version: int = Field(default=1, sa_type=Big)
    activity_type: str = Field(sa_type=Words)
    currency_id: int = Field(sa_type=Big)
    definition: str = Field(sa_type=Words)
    is_active: bool = Field(default=True, sa_type=Flag)
    valid_from_us: int = Field(default=0, sa_type=Big)
    valid_until_us: int | None = Field(default=None, sa_type=Big)


class Tier(SQLModel, table=True):
    """A level of membership, reached by points earned."""

    __table_args__ = (
        UniqueConstraint("program_id", "code", name="tier_code"),
        STRICT,
    )
    tier_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    code: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    names: str | None = Field(default=None, sa_type=Words)
    rank: int = Field(sa_type=Small)
    threshold: int = Field(sa_type=Big)


class Reward(SQLModel, table=True):
    """An item of the catalog. `config` is the reward type's own JSON document."""

    __table_args__ = (
        UniqueConstraint("program_id", "code", name="reward_code"),
        Index("reward_page", "program_id", "reward_id"),
        STRICT,
    )
    reward_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    code: str = Field(sa_type=Words)
    reward_type: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    names: str | None = Field(default=None, sa_type=Words)
    description: str | None = Field(default=None, sa_type=Words)
    descriptions: str | None = Field(default=None, sa_type=Words)
    currency_id: int = Field(sa_type=Big)
    price: int = Field(sa_type=Big)
    config: str = Field(sa_type=Words)
    config_version: int = Field(default=1, sa_type=Big)
    limit_per_member: int | None = Field(default=None, sa_type=Big)
    is_active: bool = Field(default=True, sa_type=Flag)
    created_at_us: int = Field(sa_type=Big)


class Stock(SQLModel, table=True):
    """The units of one slot of a reward, counted by a holder of their own.

    `units` is how many there are to be in all, sold ones among them. Each change of it
    is a `revision`, posted to the holder once under a key of that number. A closed slot
    was recalled, and is never on sale again.
    """

    __table_args__ = (STRICT,)
    reward_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    slot: str = Field(primary_key=True, sa_type=Words)
    program_id: int = Field(sa_type=Big)
    holder_id: int = Field(sa_type=Big)
    units: int = Field(default=0, sa_type=Big)
    revision: int = Field(default=0, sa_type=Big)
    change: int = Field(default=0, sa_type=Big)
    is_closed: bool = Field(default=False, sa_type=Flag)


class PoolCode(SQLModel, table=True):
    """A code of a reward's pool; `token` is that of the redemption that has it.

    A redemption has no two codes in one `place`, so two processes never give it twice
    as many.
    """

    __tablename__ = "pool_code"
    __table_args__ = (
        UniqueConstraint("reward_id", "code", name="pool_code_once"),
        Index("pool_code_drawn", "reward_id", "token", "place", unique=True),
        STRICT,
    )
    reward_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    number: int = Field(primary_key=True, sa_type=Big)
    code: str = Field(sa_type=Words)
    token: str | None = Field(default=None, sa_type=Words)
    place: int | None = Field(default=None, sa_type=Big)


class Member(SQLModel, table=True):
    """A person or group enrolled in a program; the id is the holder's."""

    __table_args__ = (
        Index("member_page", "program_id", "holder_id"),
        HOT,
    )
    holder_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    number: str | None = Field(default=None, sa_type=Words)
    display_name: str | None = Field(default=None, sa_type=Words)
    email: str | None = Field(default=None, sa_type=Words)
    joined_at_us: int = Field(sa_type=Big)


class MemberAttribute(SQLModel, table=True):
    """What is known of a member under a name, from `seq` on; `value` is JSON.

    Rows are only added: the one with the highest `seq` of a name counts, and the value
    `null` says that there is none.
    """

    __tablename__ = "member_attribute"
    __table_args__ = (STRICT,)
    holder_id: int = Field(primary_key=True, sa_type=Big)
    name: str = Field(primary_key=True, sa_type=Words)
    seq: int = Field(primary_key=True, sa_type=Big)
    value: str = Field(sa_type=Words)
    source: str = Field(sa_type=Words)
    recorded_at_us: int = Field(sa_type=Big)


class Redemption(SQLModel, table=True):
    """The saga of one reward for one member; `hold_id` is the `seq` that began it.

    `hold_seq` is the transaction that set the points aside: the same one, or a later
    one if the member had to wait. From `review_at_us` on a person is asked.
    """

    __table_args__ = (
        Index(
            "redemption_due",
            "next_attempt_us",
            postgresql_where=text("next_attempt_us IS NOT NULL"),
            sqlite_where=text("next_attempt_us IS NOT NULL"),
        ),
        Index(
            "redemption_review",
            "program_id",
            "review_at_us",
            postgresql_where=text("review_at_us IS NOT NULL"),
            sqlite_where=text("review_at_us IS NOT NULL"),
        ),
        Index(
            "redemption_waiting",
            "stock_holder_id",
            "requested_at_us",
            postgresql_where=text("status = 'REQUESTED'"),
            sqlite_where=text("status = 'REQUESTED'"),
        ),
        Index("redemption_of_reward", "reward_id", "holder_id", "hold_id"),
        HOT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    hold_id: int = Field(primary_key=True, sa_type=Big)
    program_id: int = Field(sa_type=Big)
    idem_key: str = Field(sa_type=Words)
    reward_id: int = Field(sa_type=Big)
    reward_type: str = Field(sa_type=Words)
    config: str = Field(sa_type=Words)
    config_version: int = Field(sa_type=Big)
    options: str | None = Field(default=None, sa_type=Words)
    attributes: str = Field(default="{}", sa_type=Words)
    slot: str = Field(default="", sa_type=Words)
    quantity: int = Field(sa_type=Big)
    fulfilled_quantity: int | None = Field(default=None, sa_type=Big)
    currency_id: int = Field(sa_type=Big)
    price: int = Field(sa_type=Big)
    status: str = Field(sa_type=Words)
    reason: str | None = Field(default=None, sa_type=Words)
    refusal_type: str | None = Field(default=None, sa_type=Words)
    refusal: str | None = Field(default=None, sa_type=Words)
    fulfillment: str | None = Field(default=None, sa_type=Words)
    fulfillment_version: int | None = Field(default=None, sa_type=Big)
    token: str = Field(sa_type=Words)
    hold_seq: int | None = Field(default=None, sa_type=Big)
    stock_holder_id: int | None = Field(default=None, sa_type=Big)
    stock_hold_id: int | None = Field(default=None, sa_type=Big)
    captured_seq: int | None = Field(default=None, sa_type=Big)
    attempts: int = Field(sa_type=Big)
    next_attempt_us: int | None = Field(default=None, sa_type=Big)
    review_at_us: int | None = Field(default=None, sa_type=Big)
    requested_at_us: int = Field(sa_type=Big)
    ended_at_us: int | None = Field(default=None, sa_type=Big)
