"""The part of the read model that activities fill."""

from core.actors import OF_MEMBERS
from core.reads.model import (
    PROGRAM_SCOPE,
    Attribute,
    Entity,
    Form,
    Relation,
    instant,
    text,
)

ACTIVITY = Entity(
    source="activity {t}",
    key=("holder_id", "seq"),
    program_scope=PROGRAM_SCOPE,
    holder_scope="{t}.holder_id = {holder}",
    needs=OF_MEMBERS,
    attributes={
        "type": text("type"),
        "reference": text("external_id"),
        "payload": Attribute("{t}.payload", Form.DOCUMENT),
        "occurred_at": instant("occurred_at_us"),
        "received_at": instant("received_at_us"),
        "approval": text("approval"),
    },
    relations={
        "member": Relation("member", "{t}.holder_id = {p}.holder_id"),
        "transaction": Relation(
            "transaction", "{t}.holder_id = {p}.holder_id AND {t}.seq = {p}.seq"
        ),
        "decision": Relation(
            "transaction", "{t}.holder_id = {p}.holder_id AND {t}.seq = {p}.decided_seq"
        ),
    },
)
"""Something that a member did; `decision` leads to what decided about it."""
