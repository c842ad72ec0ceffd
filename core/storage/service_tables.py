"""Tables beside the journal: names, requests, streams, totals and anchors."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Bytes, Small, Words
from core.storage.ledger_tables import STRICT


class Directory(SQLModel, table=True):
    """From an identifier to its holder; a shard key of its own."""

    __table_args__ = (STRICT,)
    program_id: int = Field(primary_key=True, sa_type=Big)
    kind: str = Field(primary_key=True, sa_type=Words)
    value: str = Field(primary_key=True, sa_type=Words)
    holder_id: int = Field(sa_type=Big)


class Request(SQLModel, table=True):
    """Idempotency of mutations that have no holder yet, such as enrolling."""

    __table_args__ = (STRICT,)
    program_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    client_id: str = Field(primary_key=True, sa_type=Words)
    idem_key: str = Field(primary_key=True, sa_type=Words)
    fingerprint: bytes = Field(sa_type=Bytes)
    holder_id: int | None = Field(default=None, sa_type=Big)
    refusal: str | None = Field(default=None, sa_type=Words)
    at_us: int = Field(sa_type=Big)


class Installation(SQLModel, table=True):
    """One row: the epoch that makes stream cursors of a restored copy invalid."""

    __table_args__ = (CheckConstraint("id = 1", name="installation_single"), STRICT)
    id: int = Field(
        default=1,
        primary_key=True,
        sa_type=Small,
        sa_column_kwargs={"autoincrement": False},
    )
    epoch: int = Field(sa_type=Big)
    secret: bytes = Field(sa_type=Bytes)


class Allowance(SQLModel, table=True):
    """A leaky bucket that several processes share: when it is full again."""

    __table_args__ = (STRICT,)
    bucket: str = Field(primary_key=True, sa_type=Words)
    full_at_us: int = Field(sa_type=Big)


class TransferSaga(SQLModel, table=True):
    """A transfer under way between holders of different shards."""

    __tablename__ = "transfer_saga"
    __table_args__ = (STRICT,)
    holder_id: int = Field(primary_key=True, sa_type=Big)
    corr_id: str = Field(primary_key=True, sa_type=Words)
    to_holder: int = Field(sa_type=Big)
    state: int = Field(sa_type=Small)
    deadline_us: int = Field(sa_type=Big)


class FeedCursor(SQLModel, table=True):
    """How far a consumer of the feed of all holders has come."""

    __tablename__ = "feed_cursor"
    __table_args__ = (STRICT,)
    consumer: str = Field(primary_key=True, sa_type=Words)
    shard: int = Field(
        primary_key=True, sa_type=Small, sa_column_kwargs={"autoincrement": False}
    )
    epoch: int = Field(sa_type=Big)
    feed: int = Field(sa_type=Big)
    holder_id: int = Field(sa_type=Big)
    seq: int = Field(sa_type=Big)


class ProgramTotal(SQLModel, table=True):
    """Turnover of a program's account on a day, summed up from the feed."""

    __tablename__ = "program_total"
    __table_args__ = (STRICT,)
    program_id: int = Field(primary_key=True, sa_type=Big)
    day: int = Field(primary_key=True, sa_type=Big)
    account: int = Field(primary_key=True, sa_type=Small)
    currency_id: int = Field(primary_key=True, sa_type=Big)
    sys_ref: int = Field(primary_key=True, sa_type=Big)
    incoming: int = Field(sa_type=Big)
    outgoing: int = Field(sa_type=Big)
    upto: int = Field(sa_type=Big)


class Anchor(SQLModel, table=True):
    """A Merkle root over all chain heads at one moment."""

    __table_args__ = (STRICT,)
    at_us: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    holders: int = Field(sa_type=Big)
    root: bytes = Field(sa_type=Bytes)
