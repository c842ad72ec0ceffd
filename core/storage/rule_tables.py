"""Tables of what rules may give."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Words
from core.storage.ledger_tables import STRICT


class Budget(SQLModel, table=True):
    """Points that rules may give in all, counted by a holder of their own.

    `points` is how many there are to be, given ones among them. Each change of it is a
    `revision`, posted to the holder once under a key of that number.
    """

    __table_args__ = (
        UniqueConstraint("program_id", "code", name="budget_code"),
        STRICT,
    )
    holder_id: int = Field(
        primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False}
    )
    program_id: int = Field(sa_type=Big)
    code: str = Field(sa_type=Words)
    points: int = Field(default=0, sa_type=Big)
    revision: int = Field(default=0, sa_type=Big)
    change: int = Field(default=0, sa_type=Big)
