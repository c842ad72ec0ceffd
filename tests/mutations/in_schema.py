"""Faults of the tables: what the database would no longer refuse."""

from mutation import Mutation

MIGRATION = "core/storage/migrations/versions/v0001_first_light.py"
CONSTRAINTS = ("tests/core/storage/test_constraints.py",)
ALWAYS = "1 = 1"

_ON_TWO_LINES = ",\n            "


def _unchecked(name: str, condition: str, between: str = ", ") -> Mutation:
    stated = f'"{{}}"{between}name="{name}"'
    return Mutation(
        f"nobody checks {name}",
        MIGRATION,
        stated.format(condition),
        stated.format(ALWAYS),
        CONSTRAINTS,
    )


CHECKS = (
    _unchecked("holder_last_seq", "last_seq >= 0"),
    _unchecked(
        "wallet_not_negative",
        "pending >= 0 AND available >= 0 AND held >= 0 AND debt >= 0",
        _ON_TWO_LINES,
    ),
    _unchecked("journal_seq", "seq > 0"),
    _unchecked("posting_amount", "amount > 0"),
    _unchecked("posting_moves", "src <> dst"),
    _unchecked("posting_src_lot", "(src IN (1, 2, 3)) = (src_lot IS NOT NULL)"),
    _unchecked("posting_dst_lot", "(dst IN (1, 2, 3)) = (dst_lot IS NOT NULL)"),
    _unchecked("lot_original", "original > 0"),
    _unchecked(
        "lot_not_negative",
        "pending >= 0 AND available >= 0 AND held >= 0 AND expired >= 0",
        _ON_TWO_LINES,
    ),
    _unchecked(
        "lot_within_original",
        "pending + available + held + expired <= original",
        _ON_TWO_LINES,
    ),
    _unchecked("hold_authorized", "authorized > 0"),
    _unchecked("hold_not_negative", "captured >= 0 AND released >= 0"),
    _unchecked("hold_within", "captured + released <= authorized"),
    _unchecked("allocation_authorized", "authorized > 0"),
    _unchecked("allocation_not_negative", "captured >= 0 AND released >= 0"),
    _unchecked("allocation_within", "captured + released <= authorized"),
)

UNIQUE = (
    Mutation(
        "a key is used twice",
        MIGRATION,
        '"journal_key", "journal", ["holder_id", "idem_key"], unique=True',
        '"journal_key", "journal", ["holder_id", "idem_key"], unique=False',
        CONSTRAINTS,
    ),
    Mutation(
        "a key is used by one holder alone",
        MIGRATION,
        '"journal_key", "journal", ["holder_id", "idem_key"], unique=True',
        '"journal_key", "journal", ["idem_key"], unique=True',
        CONSTRAINTS,
    ),
    Mutation(
        "a reference is used twice",
        MIGRATION,
        """\
        ["holder_id", "source", "external_id"],
        unique=True,
""",
        """\
        ["holder_id", "source", "external_id"],
        unique=False,
""",
        CONSTRAINTS,
    ),
    Mutation(
        "a reference is used by one holder alone",
        MIGRATION,
        '        ["holder_id", "source", "external_id"],\n',
        '        ["source", "external_id"],\n',
        CONSTRAINTS,
    ),
)

APPEND_ONLY = (
    *(
        Mutation(
            f"the {table} can be changed",
            MIGRATION,
            f'    _forbid_changes("{table}")\n',
            "",
            CONSTRAINTS,
        )
        for table in ("journal", "posting")
    ),
    *(
        Mutation(
            f"SQLite lets the journal be changed: no trigger on {verb}",
            MIGRATION,
            'for verb in ("UPDATE", "DELETE"):',
            f'for verb in ("{other}",):',
            CONSTRAINTS,
        )
        for verb, other in (("UPDATE", "DELETE"), ("DELETE", "UPDATE"))
    ),
    *(
        Mutation(
            f"PostgreSQL lets the journal be changed: no trigger on {verb}",
            MIGRATION,
            "BEFORE UPDATE OR DELETE OR TRUNCATE ",
            f"BEFORE {' OR '.join(others)} ",
            CONSTRAINTS,
        )
        for verb, others in (
            ("UPDATE", ("DELETE", "TRUNCATE")),
            ("DELETE", ("UPDATE", "TRUNCATE")),
            ("TRUNCATE", ("UPDATE", "DELETE")),
        )
    ),
)

STRICT = (
    Mutation(
        "SQLite takes a text for a number",
        MIGRATION,
        """\
        sa.PrimaryKeyConstraint("holder_id", "seq", "line"),
        sqlite_strict=True,
""",
        """\
        sa.PrimaryKeyConstraint("holder_id", "seq", "line"),
""",
        CONSTRAINTS,
    ),
    Mutation(
        "a posting stands twice",
        MIGRATION,
        '        sa.PrimaryKeyConstraint("holder_id", "seq", "line"),\n',
        '        sa.PrimaryKeyConstraint("holder_id", "seq", "line", "amount"),\n',
        ("tests/core/storage/test_schema.py",),
    ),
)

IN_SCHEMA = (*CHECKS, *UNIQUE, *APPEND_ONLY, *STRICT)
