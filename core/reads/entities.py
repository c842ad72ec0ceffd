"""The read model: every entity, what can be read of it, and where it leads."""

from core.actors import OF_MEMBERS, Needs, Scope
from core.ledger.codes import STOCK_UNIT
from core.reads import balances, past
from core.reads.activity_entities import ACTIVITY
from core.reads.key_entities import API_KEY, API_KEYS
from core.reads.ledger_entities import (
    BALANCE,
    BALANCE_AFTER,
    CHANGE,
    CLOSING,
    EFFECT,
    EXPIRATION,
    OPENING,
    PRESENT,
    SNAPSHOT,
    STATEMENT,
    STATEMENT_LINE,
    TRANSACTION,
    TRANSACTIONS,
)
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
    wording,
)
from core.reads.program_entities import CURRENCY, TIER

_LEFT = (
    "(SELECT CAST(sum(coalesce(w.available, 0)) AS bigint) FROM stock s "
    "LEFT JOIN wallet w ON w.holder_id = s.holder_id "
    f"AND w.currency_id = {STOCK_UNIT} WHERE s.reward_id = {{t}}.reward_id)"
)
"""What is left of a reward; null if its units are not counted."""

_WAITING = (
    "(SELECT count(*) FROM redemption w WHERE w.status = 'REQUESTED' "
    "AND w.stock_holder_id = {t}.holder_id)"
)
_PLACE = (
    "CASE WHEN {t}.status = 'REQUESTED' THEN (SELECT count(*) FROM redemption w "
    "WHERE w.status = 'REQUESTED' AND w.stock_holder_id = {t}.stock_holder_id "
    "AND (w.requested_at_us < {t}.requested_at_us "
    "OR (w.requested_at_us = {t}.requested_at_us AND (w.holder_id < {t}.holder_id "
    "OR (w.holder_id = {t}.holder_id AND w.hold_id <= {t}.hold_id))))) END"
)
"""The place of a redemption in the waiting list; 1: it is the next."""
_TIER_OF_MEMBER = (
    "{t}.tier_id = (SELECT x.tier_id FROM tier x WHERE x.program_id = {p}.program_id "
    "AND x.threshold <= coalesce((SELECT k.value FROM counter k "
    "WHERE k.holder_id = {p}.holder_id AND k.name = 'earned' AND k.period = 'all'), 0) "
    "ORDER BY x.threshold DESC LIMIT 1)"
)
_ATTRIBUTES = (
    "('{' || coalesce((SELECT {joined:x:pair} FROM ("
    "SELECT '\"' || a.name || '\":' || a.value AS pair FROM member_attribute a "
    "WHERE a.holder_id = {t}.holder_id AND a.value <> 'null' AND a.seq = ("
    "SELECT max(b.seq) FROM member_attribute b "
    "WHERE b.holder_id = a.holder_id AND b.name = a.name) "
    "ORDER BY a.name) x), '') || '}')"
)
"""What is known of a member; names are snake_case, values are JSON."""

_PROGRAM_ENTITY = Entity(
    source="program {t}",
    key=("program_id",),
    program_scope=PROGRAM_SCOPE,
    attributes={
        "id": Id("program", ("program_id",)),
        "code": text("code"),
        "name": wording("name", "names"),
        "time_zone": text("time_zone"),
        "clock": instant("clock_us"),
        "language": text("language"),
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
            needs=Needs.any_of((Scope.MEMBERS_READ, Scope.MEMBERS_LIST)),
        ),
        "pending": Relation(
            "activity",
            "{t}.program_id = {p}.program_id AND {t}.approval = 'PENDING'",
            is_many=True,
            order="approval_id",
            needs=Needs.any_of(Scope.ACTIVITIES_APPROVE),
        ),
        "keys": API_KEYS,
        "rewards": Relation(
            "reward",
            "{t}.program_id = {p}.program_id AND {t}.is_active",
            is_many=True,
            order="reward_id",
            descending=True,
        ),
    },
)


def _snapshot(source: str) -> Relation:
    return Relation(
        "snapshot", "", is_many=True, order="currency_id", source=source, rows=1_000
    )


_IDENTITY = Needs.any_of(Scope.MEMBERS_IDENTIFY, Scope.MEMBER_SELF)
_CONTACT = Needs.any_of(Scope.MEMBERS_CONTACT, Scope.MEMBER_SELF)

_MEMBER = Entity(
    source="member {t}",
    key=("holder_id",),
    program_scope=PROGRAM_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    needs=OF_MEMBERS,
    attributes={
        "id": Id("member", ("holder_id",)),
        "number": text("number").seen_by(_IDENTITY),
        "display_name": text("display_name").seen_by(_IDENTITY),
        "email": text("email").seen_by(_CONTACT),
        "joined_at": instant("joined_at_us"),
        "attributes": Attribute(_ATTRIBUTES, Form.DOCUMENT, needs=_CONTACT),
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
        "balances_known_at": _snapshot(past.KNOWN_AT),
        "balances_as_of": _snapshot(past.AS_OF),
        "transactions": TRANSACTIONS,
        "redemptions": Relation(
            "redemption",
            "{t}.holder_id = {p}.holder_id",
            is_many=True,
            order="hold_id",
            descending=True,
        ),
    },
)

_REWARD = Entity(
    source="reward {t}",
    key=("reward_id",),
    program_scope=PROGRAM_SCOPE,
    discriminator="reward_type",
    attributes={
        "id": Id("reward", ("reward_id",)),
        "code": text("code"),
        "type": text("reward_type"),
        "name": wording("name", "names"),
        "description": wording("description", "descriptions"),
        "price": number("price"),
        "remaining": Attribute(_LEFT, Form.INTEGER),
        "limit_per_member": number("limit_per_member"),
        "availability": Attribute(
            "CASE WHEN NOT {t}.is_active THEN 'NOT_ON_OFFER' "
            f"WHEN {_LEFT} <= 0 "
            "THEN 'SOLD_OUT' ELSE 'AVAILABLE' END"
        ),
        "retired_availability": Attribute("'NOT_ON_OFFER'"),
        "created_at": instant("created_at_us"),
        "config": Attribute("{t}.config", Form.DOCUMENT, "{t}.config_version"),
    },
    relations={
        "currency": Relation("currency", "{t}.currency_id = {p}.currency_id"),
        "slots": Relation(
            "slot",
            "{t}.reward_id = {p}.reward_id",
            is_many=True,
            order="slot",
            rows=1_000,
        ),
    },
)

_SLOT = Entity(
    source="stock {t}",
    key=("reward_id", "slot"),
    program_scope=PROGRAM_SCOPE,
    attributes={
        "code": text("slot"),
        "units": number("units"),
        "remaining": Attribute(
            "coalesce((SELECT w.available FROM wallet w WHERE w.holder_id = "
            f"{{t}}.holder_id AND w.currency_id = {STOCK_UNIT}), 0)",
            Form.INTEGER,
        ),
        "waiting": Attribute(_WAITING, Form.INTEGER),
    },
)
"""The units of a reward that are counted together."""

_REDEMPTION = Entity(
    source="redemption {t}",
    key=("holder_id", "hold_id"),
    program_scope=PROGRAM_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    needs=OF_MEMBERS,
    discriminator="reward_type",
    attributes={
        "id": Id("redemption", ("holder_id", "hold_id")),
        "type": text("reward_type"),
        "status": text("status"),
        "quantity": number("quantity"),
        "slot": Attribute("nullif({t}.slot, '')"),
        "fulfilled_quantity": number("fulfilled_quantity"),
        "points_spent": Attribute(
            "{t}.price / {t}.quantity * coalesce({t}.fulfilled_quantity, {t}.quantity)",
            Form.INTEGER,
        ),
        "waiting_place": Attribute(_PLACE, Form.INTEGER),
        "review_since": Attribute(
            "CASE WHEN {t}.review_at_us <= {now} THEN {t}.review_at_us END",
            Form.INSTANT,
        ),
        "reason": text("reason"),
        "requested_at": instant("requested_at_us"),
        "ended_at": instant("ended_at_us"),
        "fulfillment": Attribute(
            # What failed was not handed out, whatever a partner says later.
            "CASE WHEN {t}.status <> 'FAILED' THEN {t}.fulfillment END",
            Form.DOCUMENT,
            "{t}.fulfillment_version",
        ),
    },
    relations={
        "member": Relation("member", "{t}.holder_id = {p}.holder_id"),
        "reward": Relation("reward", "{t}.reward_id = {p}.reward_id"),
    },
)

ENTITIES = {
    "program": _PROGRAM_ENTITY,
    "currency": CURRENCY,
    "tier": TIER,
    "member": _MEMBER,
    "balance": BALANCE,
    "expiration": EXPIRATION,
    "snapshot": SNAPSHOT,
    "statement": STATEMENT,
    "statement_line": STATEMENT_LINE,
    "opening": OPENING,
    "closing": CLOSING,
    "transaction": TRANSACTION,
    "effect": EFFECT,
    "balance_after": BALANCE_AFTER,
    "present": PRESENT,
    "change": CHANGE,
    "activity": ACTIVITY,
    "reward": _REWARD,
    "slot": _SLOT,
    "redemption": _REDEMPTION,
    "api_key": API_KEY,
}
"""Every entity by name."""
