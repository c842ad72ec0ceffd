"""The table of a program's versions."""

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Flag, Words
from core.storage.ledger_tables import STRICT


class ProgramVersion(SQLModel, table=True):
    """A whole program as one document; of the published ones, one stands.

    `base` is the version that stood when this one was drafted, `restores` the one whose
    document it repeats. Who drafted, approved and published are API clients. What is
    published, but not finished, has its rows, and maybe not yet its units of stock.
    """

    __tablename__ = "program_version"
    __table_args__ = (
        Index(
            "program_version_stands",
            "program_id",
            unique=True,
            postgresql_where=text("state = 'PUBLISHED'"),
            sqlite_where=text("state = 'PUBLISHED'"),
        ),
        Index(
            "program_version_due",
            "publish_at_us",
            postgresql_where=text("publish_at_us IS NOT NULL"),
            sqlite_where=text("publish_at_us IS NOT NULL"),
        ),
        STRICT,
    )
    program_id: int = Field(primary_key=True, sa_type=Big)
    number: int = Field(primary_key=True, sa_type=Big)
    state: str = Field(sa_type=Words)
    document: str = Field(sa_type=Words)
    sha256: str = Field(sa_type=Words)
    note: str | None = Field(default=None, sa_type=Words)
    base: int | None = Field(default=None, sa_type=Big)
    restores: int | None = Field(default=None, sa_type=Big)
    idem_key: str | None = Field(default=None, sa_type=Words)
    drafted_by: str = Field(sa_type=Words)
    drafted_at_us: int = Field(sa_type=Big)
    approved_by: str | None = Field(default=None, sa_type=Words)
    approved_at_us: int | None = Field(default=None, sa_type=Big)
    publish_at_us: int | None = Field(default=None, sa_type=Big)
    failure: str | None = Field(default=None, sa_type=Words)
    published_by: str | None = Field(default=None, sa_type=Words)
    published_at_us: int | None = Field(default=None, sa_type=Big)
    retired_at_us: int | None = Field(default=None, sa_type=Big)
    is_finished: bool = Field(default=False, sa_type=Flag)
