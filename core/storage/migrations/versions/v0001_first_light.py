"""The whole ledger, the program and its members.

The chain of hashes that fills `journal.hash` is version 1 of `core.ledger.chain`.
"""

import secrets

import sqlalchemy as sa
from alembic import op

from core.storage import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    _create_tables()
    _forbid_changes("journal")
    _forbid_changes("posting")
    for table in ("journal", "lot", "posting"):
        _expect_many_per_holder(table)
    _spare_the_log("allowance")
    _install()


def _install() -> None:
    installation = sa.table(
        "installation",
        sa.column("id", columns.Small()),
        sa.column("epoch", columns.Big()),
        sa.column("secret", columns.Bytes()),
    )
    row = {"id": 1, "epoch": 1, "secret": secrets.token_bytes(32)}
    op.bulk_insert(installation, [row])


def _forbid_changes(table: str) -> None:
    """Make *table* append-only: whoever updates or deletes is stopped."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def _expect_many_per_holder(table: str) -> None:
    """Let PostgreSQL plan for ten rows a holder, whatever it counts.

    Where most holders have one row, any index that begins with the holder looks as good
    as the whole key, and each posting to a busy holder would read all its history.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN holder_id SET (n_distinct = -0.1)"
        )


def _spare_the_log(table: str) -> None:
    """Write no log of *table*: after a crash it may be empty."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} SET UNLOGGED")


def _create_tables() -> None:
    op.create_table(
        "activity",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("seq", columns.Big(), nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("type", columns.Words(), nullable=False),
        sa.Column("source", columns.Words(), nullable=False),
        sa.Column("external_id", columns.Words(), nullable=False),
        sa.Column("occurred_at_us", columns.Big(), nullable=False),
        sa.Column("received_at_us", columns.Big(), nullable=False),
        sa.Column("payload", columns.Words(), nullable=False),
        sa.Column("awards", columns.Words(), nullable=False),
        sa.Column("decision", columns.Words(), nullable=False),
        sa.Column("approval", columns.Words(), nullable=True),
        sa.Column("approval_id", columns.Big(), nullable=True),
        sa.Column("decided_seq", columns.Big(), nullable=True),
        sa.PrimaryKeyConstraint("holder_id", "seq"),
        sqlite_strict=True,
    )
    op.create_index(
        "activity_pending",
        "activity",
        ["program_id", "approval_id"],
        unique=False,
        postgresql_where=sa.text("approval = 'PENDING'"),
        sqlite_where=sa.text("approval = 'PENDING'"),
    )
    op.create_table(
        "activity_type",
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("version", columns.Big(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("description", columns.Words(), nullable=True),
        sa.Column("payload_schema", columns.Words(), nullable=False),
        sa.Column("reference", columns.Words(), nullable=False),
        sa.Column("trust", columns.Words(), nullable=False),
        sa.Column("uniqueness", columns.Words(), nullable=False),
        sa.Column("needs_approval", columns.Flag(), nullable=False),
        sa.Column("facts", columns.Words(), nullable=False),
        sa.Column("is_active", columns.Flag(), nullable=False),
        sa.Column("created_at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "code", "version"),
        sqlite_strict=True,
    )
    op.create_table(
        "allocation",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("hold_id", columns.Big(), nullable=False),
        sa.Column("lot_id", columns.Big(), nullable=False),
        sa.Column("ord", columns.Small(), nullable=False),
        sa.Column("authorized", columns.Big(), nullable=False),
        sa.Column("captured", columns.Big(), nullable=False),
        sa.Column("released", columns.Big(), nullable=False),
        sa.CheckConstraint("authorized > 0", name="allocation_authorized"),
        sa.CheckConstraint(
            "captured + released <= authorized", name="allocation_within"
        ),
        sa.CheckConstraint(
            "captured >= 0 AND released >= 0", name="allocation_not_negative"
        ),
        sa.PrimaryKeyConstraint("holder_id", "hold_id", "lot_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_table(
        "allowance",
        sa.Column("bucket", columns.Words(), nullable=False),
        sa.Column("full_at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("bucket"),
        sqlite_strict=True,
    )
    op.create_table(
        "anchor",
        sa.Column("at_us", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("holders", columns.Big(), nullable=False),
        sa.Column("root", columns.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("at_us"),
        sqlite_strict=True,
    )
    op.create_table(
        "budget",
        sa.Column("holder_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("points", columns.Big(), nullable=False),
        sa.Column("revision", columns.Big(), nullable=False),
        sa.Column("change", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id"),
        sa.UniqueConstraint("program_id", "code", name="budget_code"),
        sqlite_strict=True,
    )
    op.create_table(
        "counter",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("period", columns.Words(), nullable=False),
        sa.Column("value", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "name", "period"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_table(
        "currency",
        sa.Column("currency_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("names", columns.Words(), nullable=True),
        sa.Column("scale", columns.Small(), nullable=False),
        sa.Column("is_redeemable", columns.Flag(), nullable=False),
        sa.Column("is_qualifying", columns.Flag(), nullable=False),
        sa.Column("is_transferable", columns.Flag(), nullable=False),
        sa.Column("floor", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("currency_id"),
        sa.UniqueConstraint("program_id", "code", name="currency_code"),
        sqlite_strict=True,
    )
    op.create_table(
        "directory",
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("kind", columns.Words(), nullable=False),
        sa.Column("value", columns.Words(), nullable=False),
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "kind", "value"),
        sqlite_strict=True,
    )
    op.create_table(
        "feed_cursor",
        sa.Column("consumer", columns.Words(), nullable=False),
        sa.Column("shard", columns.Small(), autoincrement=False, nullable=False),
        sa.Column("epoch", columns.Big(), nullable=False),
        sa.Column("feed", columns.Big(), nullable=False),
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("seq", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "shard"),
        sqlite_strict=True,
    )
    op.create_table(
        "hold",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("hold_id", columns.Big(), nullable=False),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("authorized", columns.Big(), nullable=False),
        sa.Column("captured", columns.Big(), nullable=False),
        sa.Column("released", columns.Big(), nullable=False),
        sa.Column("expires_at_us", columns.Big(), nullable=True),
        sa.Column("is_open", columns.Flag(), nullable=False),
        sa.CheckConstraint("authorized > 0", name="hold_authorized"),
        sa.CheckConstraint("captured + released <= authorized", name="hold_within"),
        sa.CheckConstraint("captured >= 0 AND released >= 0", name="hold_not_negative"),
        sa.PrimaryKeyConstraint("holder_id", "hold_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index(
        "hold_open",
        "hold",
        ["holder_id", "hold_id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
        sqlite_where=sa.text("is_open"),
    )
    op.create_table(
        "holder",
        sa.Column("holder_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("kind", columns.Small(), nullable=False),
        sa.Column("status", columns.Small(), nullable=False),
        sa.Column("last_seq", columns.Big(), nullable=False),
        sa.Column("last_at_us", columns.Big(), nullable=False),
        sa.Column("last_hash", columns.Bytes(), nullable=False),
        sa.Column("next_due_us", columns.Big(), nullable=True),
        sa.CheckConstraint("last_seq >= 0", name="holder_last_seq"),
        sa.PrimaryKeyConstraint("holder_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index(
        "holder_due",
        "holder",
        ["next_due_us"],
        unique=False,
        postgresql_where=sa.text("next_due_us IS NOT NULL"),
        sqlite_where=sa.text("next_due_us IS NOT NULL"),
    )
    op.create_table(
        "installation",
        sa.Column("id", columns.Small(), autoincrement=False, nullable=False),
        sa.Column("epoch", columns.Big(), nullable=False),
        sa.Column("secret", columns.Bytes(), nullable=False),
        sa.CheckConstraint("id = 1", name="installation_single"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "journal",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("seq", columns.Big(), nullable=False),
        sa.Column("kind", columns.Small(), nullable=False),
        sa.Column("idem_key", columns.Words(), nullable=False),
        sa.Column("fingerprint", columns.Bytes(), nullable=False),
        sa.Column("at_us", columns.Big(), nullable=False),
        sa.Column("effective_us", columns.Big(), nullable=False),
        sa.Column("ref_seq", columns.Big(), nullable=True),
        sa.Column("corr_id", columns.Words(), nullable=True),
        sa.Column("source", columns.Words(), nullable=True),
        sa.Column("external_id", columns.Words(), nullable=True),
        sa.Column("balances", columns.Words(), nullable=False),
        sa.Column("terms", columns.Words(), nullable=False),
        sa.Column("meta", columns.Words(), nullable=False),
        sa.Column("hash", columns.Bytes(), nullable=False),
        sa.Column(
            "feed",
            columns.Feed(),
            server_default=columns.feed_default(),
            nullable=False,
        ),
        sa.CheckConstraint("seq > 0", name="journal_seq"),
        sa.PrimaryKeyConstraint("holder_id", "seq"),
        sqlite_strict=True,
    )
    op.create_index(
        "journal_feed", "journal", ["feed", "holder_id", "seq"], unique=False
    )
    op.create_index("journal_key", "journal", ["holder_id", "idem_key"], unique=True)
    op.create_index(
        "journal_kind",
        "journal",
        ["holder_id", "kind", "seq"],
        unique=False,
        postgresql_where=sa.text("kind <> 2"),
        sqlite_where=sa.text("kind <> 2"),
    )
    op.create_index(
        "journal_late",
        "journal",
        ["holder_id", "seq"],
        unique=False,
        postgresql_where=sa.text(
            "kind NOT IN (3, 10, 11) AND effective_us < at_us - 60000000"
        ),
        sqlite_where=sa.text(
            "kind NOT IN (3, 10, 11) AND effective_us < at_us - 60000000"
        ),
    )
    op.create_index(
        "journal_reference",
        "journal",
        ["holder_id", "source", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
        sqlite_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "journal_target",
        "journal",
        ["holder_id", "ref_seq"],
        unique=False,
        postgresql_where=sa.text("ref_seq IS NOT NULL"),
        sqlite_where=sa.text("ref_seq IS NOT NULL"),
    )
    op.create_table(
        "lot",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("lot_id", columns.Big(), nullable=False),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("original", columns.Big(), nullable=False),
        sa.Column("pending", columns.Big(), nullable=False),
        sa.Column("available", columns.Big(), nullable=False),
        sa.Column("held", columns.Big(), nullable=False),
        sa.Column("expired", columns.Big(), nullable=False),
        sa.Column("available_at_us", columns.Big(), nullable=False),
        sa.Column("expires_at_us", columns.Big(), nullable=False),
        sa.Column("is_open", columns.Flag(), nullable=False),
        sa.Column("origin_holder", columns.Big(), nullable=True),
        sa.Column("origin_lot", columns.Big(), nullable=True),
        sa.Column("policy", columns.Words(), nullable=False),
        sa.CheckConstraint("original > 0", name="lot_original"),
        sa.CheckConstraint(
            "pending + available + held + expired <= original",
            name="lot_within_original",
        ),
        sa.CheckConstraint(
            "pending >= 0 AND available >= 0 AND held >= 0 AND expired >= 0",
            name="lot_not_negative",
        ),
        sa.PrimaryKeyConstraint("holder_id", "lot_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index(
        "lot_fifo",
        "lot",
        ["holder_id", "currency_id", "expires_at_us", "lot_id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
        sqlite_where=sa.text("is_open"),
    )
    op.create_table(
        "member",
        sa.Column("holder_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("number", columns.Words(), nullable=True),
        sa.Column("display_name", columns.Words(), nullable=True),
        sa.Column("email", columns.Words(), nullable=True),
        sa.Column("joined_at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index("member_page", "member", ["program_id", "holder_id"], unique=False)
    op.create_table(
        "member_attribute",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("seq", columns.Big(), nullable=False),
        sa.Column("value", columns.Words(), nullable=False),
        sa.Column("source", columns.Words(), nullable=False),
        sa.Column("recorded_at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "name", "seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "program",
        sa.Column("program_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("names", columns.Words(), nullable=True),
        sa.Column("time_zone", columns.Words(), nullable=False),
        sa.Column("language", columns.Words(), nullable=False),
        sa.Column("clock_us", columns.Big(), nullable=True),
        sa.Column("rules_revision", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("program_id"),
        sa.UniqueConstraint("code", name="program_code"),
        sqlite_strict=True,
    )
    op.create_table(
        "program_total",
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("day", columns.Big(), nullable=False),
        sa.Column("account", columns.Small(), nullable=False),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("sys_ref", columns.Big(), nullable=False),
        sa.Column("incoming", columns.Big(), nullable=False),
        sa.Column("outgoing", columns.Big(), nullable=False),
        sa.Column("upto", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint(
            "program_id", "day", "account", "currency_id", "sys_ref"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "program_version",
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("number", columns.Big(), nullable=False),
        sa.Column("state", columns.Words(), nullable=False),
        sa.Column("document", columns.Words(), nullable=False),
        sa.Column("sha256", columns.Words(), nullable=False),
        sa.Column("note", columns.Words(), nullable=True),
        sa.Column("base", columns.Big(), nullable=True),
        sa.Column("restores", columns.Big(), nullable=True),
        sa.Column("idem_key", columns.Words(), nullable=True),
        sa.Column("drafted_by", columns.Words(), nullable=False),
        sa.Column("drafted_at_us", columns.Big(), nullable=False),
        sa.Column("approved_by", columns.Words(), nullable=True),
        sa.Column("approved_at_us", columns.Big(), nullable=True),
        sa.Column("publish_at_us", columns.Big(), nullable=True),
        sa.Column("failure", columns.Words(), nullable=True),
        sa.Column("published_by", columns.Words(), nullable=True),
        sa.Column("published_at_us", columns.Big(), nullable=True),
        sa.Column("retired_at_us", columns.Big(), nullable=True),
        sa.Column("is_finished", columns.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "number"),
        sqlite_strict=True,
    )
    op.create_index(
        "program_version_due",
        "program_version",
        ["publish_at_us"],
        unique=False,
        postgresql_where=sa.text("publish_at_us IS NOT NULL"),
        sqlite_where=sa.text("publish_at_us IS NOT NULL"),
    )
    op.create_index(
        "program_version_stands",
        "program_version",
        ["program_id"],
        unique=True,
        postgresql_where=sa.text("state = 'PUBLISHED'"),
        sqlite_where=sa.text("state = 'PUBLISHED'"),
    )
    op.create_table(
        "redemption",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("hold_id", columns.Big(), nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("idem_key", columns.Words(), nullable=False),
        sa.Column("reward_id", columns.Big(), nullable=False),
        sa.Column("reward_type", columns.Words(), nullable=False),
        sa.Column("config", columns.Words(), nullable=False),
        sa.Column("config_version", columns.Big(), nullable=False),
        sa.Column("options", columns.Words(), nullable=True),
        sa.Column("attributes", columns.Words(), nullable=False),
        sa.Column("slot", columns.Words(), nullable=False),
        sa.Column("quantity", columns.Big(), nullable=False),
        sa.Column("fulfilled_quantity", columns.Big(), nullable=True),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("price", columns.Big(), nullable=False),
        sa.Column("status", columns.Words(), nullable=False),
        sa.Column("reason", columns.Words(), nullable=True),
        sa.Column("refusal_type", columns.Words(), nullable=True),
        sa.Column("refusal", columns.Words(), nullable=True),
        sa.Column("fulfillment", columns.Words(), nullable=True),
        sa.Column("fulfillment_version", columns.Big(), nullable=True),
        sa.Column("token", columns.Words(), nullable=False),
        sa.Column("hold_seq", columns.Big(), nullable=True),
        sa.Column("stock_holder_id", columns.Big(), nullable=True),
        sa.Column("stock_hold_id", columns.Big(), nullable=True),
        sa.Column("captured_seq", columns.Big(), nullable=True),
        sa.Column("attempts", columns.Big(), nullable=False),
        sa.Column("next_attempt_us", columns.Big(), nullable=True),
        sa.Column("review_at_us", columns.Big(), nullable=True),
        sa.Column("requested_at_us", columns.Big(), nullable=False),
        sa.Column("ended_at_us", columns.Big(), nullable=True),
        sa.PrimaryKeyConstraint("holder_id", "hold_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index(
        "redemption_due",
        "redemption",
        ["next_attempt_us"],
        unique=False,
        postgresql_where=sa.text("next_attempt_us IS NOT NULL"),
        sqlite_where=sa.text("next_attempt_us IS NOT NULL"),
    )
    op.create_index(
        "redemption_of_reward",
        "redemption",
        ["reward_id", "holder_id", "hold_id"],
        unique=False,
    )
    op.create_index(
        "redemption_review",
        "redemption",
        ["program_id", "review_at_us"],
        unique=False,
        postgresql_where=sa.text("review_at_us IS NOT NULL"),
        sqlite_where=sa.text("review_at_us IS NOT NULL"),
    )
    op.create_index(
        "redemption_waiting",
        "redemption",
        ["stock_holder_id", "requested_at_us"],
        unique=False,
        postgresql_where=sa.text("status = 'REQUESTED'"),
        sqlite_where=sa.text("status = 'REQUESTED'"),
    )
    op.create_table(
        "refusal",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("idem_key", columns.Words(), nullable=False),
        sa.Column("fingerprint", columns.Bytes(), nullable=False),
        sa.Column("code", columns.Small(), nullable=False),
        sa.Column("detail", columns.Words(), nullable=False),
        sa.Column("at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "idem_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "request",
        sa.Column("program_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("client_id", columns.Words(), nullable=False),
        sa.Column("idem_key", columns.Words(), nullable=False),
        sa.Column("fingerprint", columns.Bytes(), nullable=False),
        sa.Column("holder_id", columns.Big(), nullable=True),
        sa.Column("refusal", columns.Words(), nullable=True),
        sa.Column("at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "client_id", "idem_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "reward",
        sa.Column("reward_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("reward_type", columns.Words(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("names", columns.Words(), nullable=True),
        sa.Column("description", columns.Words(), nullable=True),
        sa.Column("descriptions", columns.Words(), nullable=True),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("price", columns.Big(), nullable=False),
        sa.Column("config", columns.Words(), nullable=False),
        sa.Column("config_version", columns.Big(), nullable=False),
        sa.Column("limit_per_member", columns.Big(), nullable=True),
        sa.Column("is_active", columns.Flag(), nullable=False),
        sa.Column("created_at_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("reward_id"),
        sa.UniqueConstraint("program_id", "code", name="reward_code"),
        sqlite_strict=True,
    )
    op.create_index("reward_page", "reward", ["program_id", "reward_id"], unique=False)
    op.create_table(
        "rule",
        sa.Column("rule_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("version", columns.Big(), nullable=False),
        sa.Column("activity_type", columns.Words(), nullable=False),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("definition", columns.Words(), nullable=False),
        sa.Column("is_active", columns.Flag(), nullable=False),
        sa.Column("valid_from_us", columns.Big(), nullable=False),
        sa.Column("valid_until_us", columns.Big(), nullable=True),
        sa.PrimaryKeyConstraint("rule_id"),
        sa.UniqueConstraint("program_id", "code", "version", name="rule_version"),
        sqlite_strict=True,
    )
    op.create_table(
        "stock",
        sa.Column("reward_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("slot", columns.Words(), nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("units", columns.Big(), nullable=False),
        sa.Column("revision", columns.Big(), nullable=False),
        sa.Column("change", columns.Big(), nullable=False),
        sa.Column("is_closed", columns.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("reward_id", "slot"),
        sqlite_strict=True,
    )
    op.create_table(
        "tier",
        sa.Column("tier_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("name", columns.Words(), nullable=False),
        sa.Column("names", columns.Words(), nullable=True),
        sa.Column("rank", columns.Small(), nullable=False),
        sa.Column("threshold", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("tier_id"),
        sa.UniqueConstraint("program_id", "code", name="tier_code"),
        sqlite_strict=True,
    )
    op.create_table(
        "token",
        sa.Column("token_hash", columns.Bytes(), nullable=False),
        sa.Column("key_id", columns.Big(), nullable=False),
        sa.Column("hint", columns.Words(), nullable=False),
        sa.Column("program_id", columns.Big(), nullable=False),
        sa.Column("client_id", columns.Words(), nullable=False),
        sa.Column("role", columns.Words(), nullable=False),
        sa.Column("scopes", columns.Words(), nullable=True),
        sa.Column("holder_id", columns.Big(), nullable=True),
        sa.Column("created_at_us", columns.Big(), nullable=False),
        sa.Column("created_by", columns.Words(), nullable=True),
        sa.Column("made_by_key_id", columns.Big(), nullable=True),
        sa.Column("expires_at_us", columns.Big(), nullable=True),
        sa.Column("revoked_at_us", columns.Big(), nullable=True),
        sa.Column("last_used_at_us", columns.Big(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
        sqlite_strict=True,
    )
    op.create_index("token_key", "token", ["key_id"], unique=True)
    op.create_index("token_page", "token", ["program_id", "key_id"])
    op.create_index("token_made", "token", ["made_by_key_id"])
    op.create_table(
        "transfer_saga",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("corr_id", columns.Words(), nullable=False),
        sa.Column("to_holder", columns.Big(), nullable=False),
        sa.Column("state", columns.Small(), nullable=False),
        sa.Column("deadline_us", columns.Big(), nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "corr_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "wallet",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("pending", columns.Big(), nullable=False),
        sa.Column("available", columns.Big(), nullable=False),
        sa.Column("held", columns.Big(), nullable=False),
        sa.Column("debt", columns.Big(), nullable=False),
        sa.Column("as_of_seq", columns.Big(), nullable=False),
        sa.CheckConstraint(
            "pending >= 0 AND available >= 0 AND held >= 0 AND debt >= 0",
            name="wallet_not_negative",
        ),
        sa.PrimaryKeyConstraint("holder_id", "currency_id"),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_table(
        "pool_code",
        sa.Column("reward_id", columns.Big(), autoincrement=False, nullable=False),
        sa.Column("number", columns.Big(), nullable=False),
        sa.Column("code", columns.Words(), nullable=False),
        sa.Column("token", columns.Words(), nullable=True),
        sa.Column("place", columns.Big(), nullable=True),
        sa.PrimaryKeyConstraint("reward_id", "number"),
        sa.UniqueConstraint("reward_id", "code", name="pool_code_once"),
        sqlite_strict=True,
    )
    op.create_index(
        "pool_code_drawn", "pool_code", ["reward_id", "token", "place"], unique=True
    )
    op.create_table(
        "posting",
        sa.Column("holder_id", columns.Big(), nullable=False),
        sa.Column("seq", columns.Big(), nullable=False),
        sa.Column("line", columns.Small(), nullable=False),
        sa.Column("currency_id", columns.Big(), nullable=False),
        sa.Column("amount", columns.Big(), nullable=False),
        sa.Column("src", columns.Small(), nullable=False),
        sa.Column("src_lot", columns.Big(), nullable=True),
        sa.Column("dst", columns.Small(), nullable=False),
        sa.Column("dst_lot", columns.Big(), nullable=True),
        sa.Column("sys_ref", columns.Big(), nullable=True),
        sa.Column("order_line", columns.Big(), nullable=True),
        sa.Column("order_unit", columns.Big(), nullable=True),
        sa.CheckConstraint(
            "(dst IN (1, 2, 3)) = (dst_lot IS NOT NULL)", name="posting_dst_lot"
        ),
        sa.CheckConstraint(
            "(src IN (1, 2, 3)) = (src_lot IS NOT NULL)", name="posting_src_lot"
        ),
        sa.CheckConstraint("amount > 0", name="posting_amount"),
        sa.CheckConstraint("src <> dst", name="posting_moves"),
        sa.PrimaryKeyConstraint("holder_id", "seq", "line"),
        sqlite_strict=True,
    )
    op.create_index(
        "posting_currency",
        "posting",
        ["holder_id", "currency_id", "seq"],
        unique=False,
    )
