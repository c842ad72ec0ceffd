"""Table of the keys with which callers show who they are."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.storage.columns import Big, Bytes, Words
from core.storage.ledger_tables import STRICT


class Token(SQLModel, table=True):
    """A key, known only by the SHA-256 of its secret; `key_id` is public.

    `scopes` are the only ones of the role that it has, with spaces between them; null:
    all. `made_by_key_id` is the key by which its maker came. `last_used_at_us` may be
    late by a minute.
    """

    __table_args__ = (
        Index("token_key", "key_id", unique=True),
        Index("token_page", "program_id", "key_id"),
        Index("token_made", "made_by_key_id"),
        STRICT,
    )
    token_hash: bytes = Field(primary_key=True, sa_type=Bytes)
    key_id: int = Field(sa_type=Big)
    hint: str = Field(sa_type=Words)
    program_id: int = Field(sa_type=Big)
    client_id: str = Field(sa_type=Words)
    role: str = Field(sa_type=Words)
    scopes: str | None = Field(default=None, sa_type=Words)
    holder_id: int | None = Field(default=None, sa_type=Big)
    created_at_us: int = Field(sa_type=Big)
    created_by: str | None = Field(default=None, sa_type=Words)
    made_by_key_id: int | None = Field(default=None, sa_type=Big)
    expires_at_us: int | None = Field(default=None, sa_type=Big)
    revoked_at_us: int | None = Field(default=None, sa_type=Big)
    last_used_at_us: int | None = Field(default=None, sa_type=Big)
