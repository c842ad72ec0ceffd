"""The part of the read model that the ledger fills: balances and transactions."""

from collections.abc import Mapping

from core.actors import OF_MEMBERS
from core.ledger.codes import NEVER_US, REVERSALS, JournalKind
from core.reads import balances, past, statements
from core.reads.model import (
    PROGRAM_SCOPE,
    Attribute,
    Entity,
    Form,
    Id,
    Relation,
    element,
    instant,
    number,
    text,
)

_KINDS = " ".join(f"WHEN {kind.value} THEN '{kind.name}'" for kind in JournalKind)
_REVERSALS = f"({', '.join(str(int(one)) for one in sorted(set(REVERSALS.values())))})"
_TOUCHED = (
    "{each:{p}.balances:{t}e} JOIN currency {t} ON {t}.currency_id = {element:{t}e:0}"
)
_TOUCHES = (
    "EXISTS (SELECT 1 FROM posting q JOIN currency c ON c.currency_id = q.currency_id "
    "WHERE q.holder_id = {t}.holder_id AND q.seq = {t}.seq AND c.code = {currency})"
)
_MANY = 1_000
"""What touches so many rows or more takes its time."""

_MEMBER_SCOPE = (
    "EXISTS (SELECT 1 FROM member s WHERE s.holder_id = {t}.holder_id "
    "AND s.program_id = {program})"
)


def _of_kind(kind: int) -> str:
    """Return the condition of a kind; all but earnings are found by an index."""
    condition = f"{{t}}.kind = {kind}"
    if kind == JournalKind.EARN:
        return condition
    return f"{condition} AND {{t}}.kind <> {JournalKind.EARN.value}"


TRANSACTIONS = Relation(
    "transaction",
    "{t}.holder_id = {p}.holder_id",
    is_many=True,
    order="seq",
    descending=True,
    filters={
        "from": statements.BOOKED_FROM,
        "to": statements.BOOKED_TO,
        "currency": _TOUCHES,
    },
    choices={"kinds": _of_kind},
)
"""The transactions of a member: all, or those of a period, a currency, some kinds."""


def _parts(prefix: str = "{t}.") -> dict[str, Attribute]:
    """Return the parts of a balance, and their sum, of columns that have *prefix*."""
    sql = {part: f"{prefix}{part}" for part in balances.PARTS}
    return _with_total(sql)


def _with_total(sql: Mapping[str, str]) -> dict[str, Attribute]:
    total = "{available} + {pending} + {held} - {debt}".format_map(sql)
    parts = {part: Attribute(one, Form.INTEGER) for part, one in sql.items()}
    return parts | {"total": Attribute(total, Form.INTEGER)}


BALANCE = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": text("code"),
        **_with_total({part: balances.present(part) for part in balances.PARTS}),
    },
    relations={
        "expirations": Relation(
            "expiration",
            "",
            is_many=True,
            order="expires_at_us",
            source=balances.EXPIRATIONS,
            rows=_MANY,
        ),
    },
)

EXPIRATION = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "expires_at": Attribute(
            f"nullif({{t}}.expires_at_us, {NEVER_US})", Form.INSTANT
        ),
        "available": number("available"),
        "pending": number("pending"),
    },
)

SNAPSHOT = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={"currency": text("code"), **_parts()},
)
"""A balance at a past instant."""

STATEMENT = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "from": Attribute("{from}", Form.INSTANT),
        "to": Attribute("{to}", Form.INSTANT),
    },
    relations={
        "lines": Relation(
            "statement_line",
            "",
            is_many=True,
            order="currency_id",
            source=statements.LINES,
            filters={"currency": "{t}.code = {currency}"},
            rows=_MANY,
        ),
        "transactions": TRANSACTIONS,
    },
)
"""A member, seen as what happened to it in a period, which is given."""

STATEMENT_LINE = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": text("code"),
        **{name: number(name) for name in statements.EVENTS},
        "expired": Attribute("{t}.expired + {t}.unwritten", Form.INTEGER),
    },
)

OPENING, CLOSING = (
    Entity(
        source="",
        key=(),
        program_scope="",
        attributes={"currency": text("code"), **_parts(f"{{t}}.{end}_")},
    )
    for end in ("opening", "closing")
)
"""The ends of a line of a statement, seen as balances."""

TRANSACTION = Entity(
    source="journal {t}",
    key=("holder_id", "seq"),
    program_scope=_MEMBER_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    needs=OF_MEMBERS,
    attributes={
        "id": Id("transaction", ("holder_id", "seq")),
        "kind": Attribute(f"CASE {{t}}.kind {_KINDS} END"),
        "posted_at": instant("at_us"),
        "effective_at": instant("effective_us"),
        "booked_at": Attribute(past.BOOKED, Form.INSTANT),
        "activity_type": text("source"),
        "reference": text("external_id"),
        "approval": Attribute(
            "(SELECT a.approval FROM activity a WHERE a.holder_id = {t}.holder_id "
            "AND a.seq = {t}.seq)"
        ),
        "meta": Attribute("{t}.meta", Form.DOCUMENT),
    },
    relations={
        "effects": Relation(
            "effect",
            "",
            is_many=True,
            order="currency_id",
            source=_TOUCHED,
        ),
        "member": Relation("member", "{t}.holder_id = {p}.holder_id"),
        "reverses": Relation(
            "transaction",
            "{t}.holder_id = {p}.holder_id AND {t}.seq = {p}.ref_seq "
            f"AND {{p}}.kind IN {_REVERSALS}",
        ),
    },
)

BALANCE_AFTER = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": text("code"),
        **_with_total(
            {
                part: f"{{element:{{t}}e:{place}}}"
                for place, part in enumerate(balances.PARTS, start=1)
            }
        ),
    },
)

PRESENT = Entity(
    source="holder {t}",
    key=("holder_id",),
    program_scope=PROGRAM_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    needs=OF_MEMBERS,
    attributes={"seq": number("last_seq")},
    relations={
        "member": Relation("member", "{t}.holder_id = {p}.holder_id"),
        "balances": Relation(
            "balance",
            "{t}.program_id = {p}.program_id",
            is_many=True,
            order="currency_id",
            source=balances.SOURCE,
        ),
        "transaction": Relation(
            "transaction", "{t}.holder_id = {p}.holder_id AND {t}.seq = 0"
        ),
    },
)
"""The state of a holder now, in the form of a change: without a transaction."""

CHANGE = Entity(
    source="journal {t}",
    key=("holder_id", "seq"),
    program_scope=_MEMBER_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    needs=OF_MEMBERS,
    attributes={"seq": number("seq")},
    relations={
        "member": Relation("member", "{t}.holder_id = {p}.holder_id"),
        "balances": Relation(
            "balance_after",
            "",
            is_many=True,
            order="currency_id",
            source=_TOUCHED,
        ),
        "transaction": Relation(
            "transaction", "{t}.holder_id = {p}.holder_id AND {t}.seq = {p}.seq"
        ),
    },
)
"""A transaction as a change of balances."""

EFFECT = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": text("code"),
        "available_after": element(1),
        "pending_after": element(2),
        "held_after": element(3),
        "debt_after": element(4),
        "available": element(5),
        "pending": element(6),
        "held": element(7),
        "debt": element(8),
    },
)
