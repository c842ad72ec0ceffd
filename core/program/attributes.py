"""Attributes: what is known of a member by name, such as a shoe size.

Rewards that ask for them are told (`RewardType.reads_attributes`). A value is a text, a
whole number or a truth value. Each change is a transaction that moves nothing, so it is
done once for its key and stands in the member's stream of events.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import InvalidInputError
from core.extension.earning_action import Fact
from core.extension.names import CODE
from core.ledger.change import compact
from core.ledger.codes import MAX_AMOUNT
from core.ledger.commands import (
    Command,
    Note,
    Posted,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import NewAttribute
from core.ledger.shape import UNSTORABLE
from core.program.access import needs, require_member
from core.program.refusals import accepted
from core.storage.database import View

MAX_ATTRIBUTES = 100
"""So many can be set at once."""

_MAX_NAME = 50
_MAX_TEXT = 500
_NEWEST = (
    "SELECT a.name, a.value FROM member_attribute a WHERE a.holder_id = $1 "
    "AND a.name {among} AND a.seq = (SELECT max(b.seq) FROM member_attribute b "
    "WHERE b.holder_id = a.holder_id AND b.name = a.name)"
)
_AMONG = {
    "postgresql": "= ANY($2::text[])",
    "sqlite": "IN (SELECT value FROM json_each($2))",
}


async def read(engine: Engine, holder_id: int, names: Iterable[str]) -> dict[str, Fact]:
    """Return the attributes of a member that are among *names*, as far as known."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    view: View = engine.database
    sql = _NEWEST.format(among=_AMONG[view.dialect])
    argument = wanted if view.dialect == "postgresql" else json.dumps(wanted)
    rows = await view.read(sql, holder_id, argument)
    found = {name: json.loads(value) for name, value in sorted(rows)}
    return {name: value for name, value in found.items() if value is not None}


@needs(Scope.MEMBERS_WRITE)
async def change(
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    attributes: Mapping[str, Any],
) -> Posted:
    """Set attributes of a member; those not named stay as they are.

    Args:
        engine: the engine.
        by: the caller; needs `members:write`.
        key: idempotency key.
        holder_id: the member.
        attributes: values by name; None removes one.

    Raises:
        ForbiddenError: the caller may not write members.
        InvalidInputError: a name is not snake_case, a value is no text of at most 500
            characters, whole number within ±(2^53-1) or truth value, or there are
            none, or more than 100.
        MemberNotFoundError: no such member.
        IdempotencyConflictError: the key was used for something else.
    """
    _check(attributes)
    await require_member(engine, by, holder_id)
    given = {"member": holder_id, "attributes": dict(attributes)}
    rows = tuple(
        NewAttribute(name, compact(value), by.client_id)
        for name, value in sorted(attributes.items())
    )
    command = Command(
        key_of(by.client_id, key),
        fingerprint_of("attributes", given),
        (Step(holder_id, Note(), companions=rows),),
        meta={"actor": by.client_id},
    )
    return accepted(await engine.ledger.post(command))


def _check(attributes: Mapping[str, Any]) -> None:
    if not 1 <= len(attributes) <= MAX_ATTRIBUTES:
        raise InvalidInputError(
            field="attributes", reason=f"must have 1 to {MAX_ATTRIBUTES} members"
        )
    for name, value in attributes.items():
        if not CODE.fullmatch(name) or len(name) > _MAX_NAME:
            raise InvalidInputError(
                field="attributes",
                reason=f"names must be snake_case of at most {_MAX_NAME} characters",
            )
        if not _is_value(value):
            raise InvalidInputError(
                field=f"attributes.{name}",
                reason=f"must be a text of at most {_MAX_TEXT} characters, a whole "
                "number within ±(2^53-1), true, false, or null to remove it",
            )


def _is_value(value: Any) -> bool:
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) <= MAX_AMOUNT
        case str():
            return len(value) <= _MAX_TEXT and not UNSTORABLE.search(value)
        case _:
            return False
