"""The read model: every entity, what can be read of it, and where it leads."""

from core.ledger.codes import STOCK_UNIT, JournalKind
from core.reads import balances
from core.reads.model import Attribute, Entity, Form, Id, Relation

_PROGRAM = "{t}.program_id = {program}"

_KINDS = " ".join(f"WHEN {kind.value} THEN '{kind.name}'" for kind in JournalKind)
_REVERSALS = f"({int(JournalKind.REVERSE_EARN)}, {int(JournalKind.REVERSE_REDEEM)})"
_TOUCHED = "{each:balances} JOIN currency {t} ON {t}.currency_id = {element:0}"
_LEFT = (
    "(SELECT w.available FROM wallet w WHERE w.holder_id = {t}.stock_holder_id "
    f"AND w.currency_id = {STOCK_UNIT})"
)
_TIER_OF_MEMBER = (
    "{t}.tier_id = (SELECT x.tier_id FROM tier x WHERE x.program_id = {p}.program_id "
    "AND x.threshold <= coalesce((SELECT k.value FROM counter k "
    "WHERE k.holder_id = {p}.holder_id AND k.name = 'earned' AND k.period = 'all'), 0) "
    "ORDER BY x.threshold DESC LIMIT 1)"
)
_MEMBER_SCOPE = (
    "EXISTS (SELECT 1 FROM member s WHERE s.holder_id = {t}.holder_id "
    "AND s.program_id = {program})"
)


def _number(column: str) -> Attribute:
    return Attribute(f"{{t}}.{column}", Form.INTEGER)


def _instant(column: str) -> Attribute:
    return Attribute(f"{{t}}.{column}", Form.INSTANT)


def _text(column: str) -> Attribute:
    return Attribute(f"{{t}}.{column}")


_CURRENCY = Entity(
    source="currency {t}",
    key=("currency_id",),
    program_scope=_PROGRAM,
    attributes={
        "code": _text("code"),
        "name": _text("name"),
        "scale": _number("scale"),
    },
)

_TIER = Entity(
    source="tier {t}",
    key=("tier_id",),
    program_scope=_PROGRAM,
    attributes={
        "id": Id("tier", ("tier_id",)),
        "code": _text("code"),
        "name": _text("name"),
        "rank": _number("rank"),
        "threshold": _number("threshold"),
    },
)

_PROGRAM_ENTITY = Entity(
    source="program {t}",
    key=("program_id",),
    program_scope=_PROGRAM,
    attributes={
        "id": Id("program", ("program_id",)),
        "code": _text("code"),
        "name": _text("name"),
        "time_zone": _text("time_zone"),
    },
    relations={
        "currencies": Relation(
            "currency",
            "{t}.program_id = {p}.program_id",
            is_many=True,
            order="currency_id",
        ),
        "tiers": Relation(
            "tier", "{t}.program_id = {p}.program_id", is_many=True, order="rank"
        ),
        "members": Relation(
            "member",
            "{t}.program_id = {p}.program_id",
            is_many=True,
            order="holder_id",
        ),
        "rewards": Relation(
            "reward",
            "{t}.program_id = {p}.program_id AND {t}.is_active",
            is_many=True,
            order="reward_id",
            descending=True,
        ),
    },
)

_MEMBER = Entity(
    source="member {t}",
    key=("holder_id",),
    program_scope=_PROGRAM,
    holder_scope="{t}.holder_id = {holder}",
    attributes={
        "id": Id("member", ("holder_id",)),
        "number": _text("number"),
        "display_name": _text("display_name"),
        "email": _text("email"),
        "joined_at": _instant("joined_at_us"),
    },
    relations={
        "balances": Relation(
            "balance",
            "{t}.program_id = {p}.program_id",
            is_many=True,
            order="currency_id",
            source=balances.SOURCE,
        ),
        "tier": Relation("tier", _TIER_OF_MEMBER),
        "transactions": Relation(
            "transaction",
            "{t}.holder_id = {p}.holder_id",
            is_many=True,
            order="seq",
            descending=True,
        ),
        "redemptions": Relation(
            "redemption",
            "{t}.holder_id = {p}.holder_id",
            is_many=True,
            order="hold_id",
            descending=True,
        ),
    },
)

_BALANCE = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": _text("code"),
        "available": Attribute(balances.AVAILABLE, Form.INTEGER),
        "pending": Attribute(balances.PENDING, Form.INTEGER),
        "held": Attribute(balances.HELD, Form.INTEGER),
        "debt": Attribute(balances.DEBT, Form.INTEGER),
    },
)

_TRANSACTION = Entity(
    source="journal {t}",
    key=("holder_id", "seq"),
    program_scope=_MEMBER_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    attributes={
        "id": Id("transaction", ("holder_id", "seq")),
        "kind": Attribute(f"CASE {{t}}.kind {_KINDS} END"),
        "posted_at": _instant("at_us"),
        "effective_at": _instant("effective_us"),
        "activity_type": _text("source"),
        "reference": _text("external_id"),
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

_BALANCE_AFTER = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": _text("code"),
        "available": Attribute("1", Form.ELEMENT),
        "pending": Attribute("2", Form.ELEMENT),
        "held": Attribute("3", Form.ELEMENT),
        "debt": Attribute("4", Form.ELEMENT),
    },
)

_PRESENT = Entity(
    source="holder {t}",
    key=("holder_id",),
    program_scope=_PROGRAM,
    holder_scope="{t}.holder_id = {holder}",
    attributes={"seq": _number("last_seq")},
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

_CHANGE = Entity(
    source="journal {t}",
    key=("holder_id", "seq"),
    program_scope=_MEMBER_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    attributes={"seq": _number("seq")},
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

_EFFECT = Entity(
    source="",
    key=(),
    program_scope="",
    attributes={
        "currency": _text("code"),
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

_REWARD = Entity(
    source="reward {t}",
    key=("reward_id",),
    program_scope=_PROGRAM,
    discriminator="reward_type",
    attributes={
        "id": Id("reward", ("reward_id",)),
        "code": _text("code"),
        "type": _text("reward_type"),
        "name": _text("name"),
        "description": _text("description"),
        "price": _number("price"),
        "remaining": Attribute(_LEFT, Form.INTEGER),
        "limit_per_member": _number("limit_per_member"),
        "availability": Attribute(
            "CASE WHEN NOT {t}.is_active THEN 'NOT_ON_OFFER' "
            f"WHEN {{t}}.stock_holder_id IS NOT NULL AND coalesce({_LEFT}, 0) <= 0 "
            "THEN 'SOLD_OUT' ELSE 'AVAILABLE' END"
        ),
        "retired_availability": Attribute("'NOT_ON_OFFER'"),
        "created_at": _instant("created_at_us"),
        "config": Attribute("{t}.config", Form.DOCUMENT),
    },
    relations={
        "currency": Relation("currency", "{t}.currency_id = {p}.currency_id"),
    },
)

_REDEMPTION = Entity(
    source="redemption {t}",
    key=("holder_id", "hold_id"),
    program_scope=_PROGRAM,
    holder_scope="{t}.holder_id = {holder}",
    discriminator="reward_type",
    attributes={
        "id": Id("redemption", ("holder_id", "hold_id")),
        "type": _text("reward_type"),
        "status": _text("status"),
        "quantity": _number("quantity"),
        "points_spent": _number("price"),
        "reason": _text("reason"),
        "requested_at": _instant("requested_at_us"),
        "ended_at": _instant("ended_at_us"),
        "fulfillment": Attribute("{t}.fulfillment", Form.DOCUMENT),
    },
    relations={
        "member": Relation("member", "{t}.holder_id = {p}.holder_id"),
        "reward": Relation("reward", "{t}.reward_id = {p}.reward_id"),
    },
)

ENTITIES = {
    "program": _PROGRAM_ENTITY,
    "currency": _CURRENCY,
    "tier": _TIER,
    "member": _MEMBER,
    "balance": _BALANCE,
    "transaction": _TRANSACTION,
    "effect": _EFFECT,
    "balance_after": _BALANCE_AFTER,
    "present": _PRESENT,
    "change": _CHANGE,
    "reward": _REWARD,
    "redemption": _REDEMPTION,
}
"""Every entity by name."""
