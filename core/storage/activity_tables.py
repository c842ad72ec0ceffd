"""Tables of activities: what members did, and the types that programs registered.

Types that plugins bring have no row. An activity is written by the ledger in the
transaction that gives its points, as a companion of the command.
"""

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Flag, Words
from core.storage.ledger_tables import STRICT


class ActivityType(SQLModel, table=True):
    """A version of a type of activity that was registered at run time.

    `payload_schema` is a JSON Schema, `reference` the path of the member that makes
    an activity unique, `facts` a JSON array of the paths that rules may use.
    """

    __tablename__ = "activity_type"
    __table_args__ = (STRICT,)
    program_id: int = Field(primary_key=True, sa_type=Big)
    code: str = Field(primary_key=True, sa_type=Words)
    version: int = Field(primary_key=True, sa_type=Big)
    name: str = Field(sa_type=Words)
    description: str | None = Field(default=None, sa_type=Words)
    payload_schema: str = Field(sa_type=Words)
    reference: str = Field(sa_type=Words)
    trust: str = Field(sa_type=Words)
    uniqueness: str = Field(sa_type=Words)
    needs_approval: bool = Field(default=False, sa_type=Flag)
    facts: str = Field(sa_type=Words)
    is_active: bool = Field(default=True, sa_type=Flag)
    created_at_us: int = Field(sa_type=Big)


class Activity(SQLModel, table=True):
    """Something a member did: the fact behind a transaction, `seq` of the same row.

    `awards` is what each rule gave, `decision` all that was seen while it was decided;
    both are JSON. `approval` is null where none is needed. What waits for one has
    `approval_id`, its place in the queue.
    """

    __table_args__ = (
        Index(
            "activity_pending",
            "program_id",
            "approval_id",
            postgresql_where=text("approval = 'PENDING'"),
            sqlite_where=text("approval = 'PENDING'"),
        ),
        STRICT,
    )
    holder_id: int = Field(primary_key=True, sa_type=Big)
    seq: int = Field(primary_key=True, sa_type=Big)
    program_id: int = Field(sa_type=Big)
    type: str = Field(sa_type=Words)
    source: str = Field(sa_type=Words)
    external_id: str = Field(sa_type=Words)
    occurred_at_us: int = Field(sa_type=Big)
    received_at_us: int = Field(sa_type=Big)
    payload: str = Field(sa_type=Words)
    awards: str = Field(sa_type=Words)
    decision: str = Field(default="{}", sa_type=Words)
    approval: str | None = Field(default=None, sa_type=Words)
    approval_id: int | None = Field(default=None, sa_type=Big)
    decided_seq: int | None = Field(default=None, sa_type=Big)
