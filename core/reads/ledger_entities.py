"""The part of the read model that the ledger fills: balances and transactions."""

from core.ledger.codes import REVERSALS, JournalKind
from core.reads import balances
from core.reads.model import (
    PROGRAM_SCOPE,
    Attribute,
    Entity,
    Form,
    Id,
    Relation,
    instant,
    number,
    text,
)

_KINDS = " ".join(f"WHEN {kind.value} THEN '{kind.name}'" for kind in JournalKind)
_REVERSALS = f"({', '.join(str(int(one)) for one in sorted(set(REVERSALS.values())))})"
_TOUCHED = "{each:balances} JOIN currency {t} ON {t}.currency_id = {element:0}"
_MEMBER_SCOPE = (
    "EXISTS (SELECT 1 FROM member s WHERE s.holder_id = {t}.holder_id "
    "AND s.program_id = {program})"
)


BALANCE = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": text("code"),
        "available": Attribute(balances.AVAILABLE, Form.INTEGER),
        "pending": Attribute(balances.PENDING, Form.INTEGER),
        "held": Attribute(balances.HELD, Form.INTEGER),
        "debt": Attribute(balances.DEBT, Form.INTEGER),
    },
)

TRANSACTION = Entity(
    source="journal {t}",
    key=("holder_id", "seq"),
    program_scope=_MEMBER_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    attributes={
        "id": Id("transaction", ("holder_id", "seq")),
        "kind": Attribute(f"CASE {{t}}.kind {_KINDS} END"),
        "posted_at": instant("at_us"),
        "effective_at": instant("effective_us"),
        "activity_type": text("source"),
        "reference": text("external_id"),
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
        "available": Attribute("1", Form.ELEMENT),
        "pending": Attribute("2", Form.ELEMENT),
        "held": Attribute("3", Form.ELEMENT),
        "debt": Attribute("4", Form.ELEMENT),
    },
)

PRESENT = Entity(
    source="holder {t}",
    key=("holder_id",),
    program_scope=PROGRAM_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
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
        "available_after": Attribute("1", Form.ELEMENT),
        "pending_after": Attribute("2", Form.ELEMENT),
        "held_after": Attribute("3", Form.ELEMENT),
        "debt_after": Attribute("4", Form.ELEMENT),
        "available": Attribute("5", Form.ELEMENT),
        "pending": Attribute("6", Form.ELEMENT),
        "held": Attribute("7", Form.ELEMENT),
        "debt": Attribute("8", Form.ELEMENT),
    },
)
