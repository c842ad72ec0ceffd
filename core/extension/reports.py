"""A reported activity, as the engine and its rules see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from core.errors import InvalidPayloadError, PluginFailedError
from core.extension import in_place
from core.extension.documents import UnacceptableError, accept, write
from core.extension.earning_action import AnyEarningAction, Fact
from core.extension.names import CODE

MAX_REFERENCE = 255


@dataclass(frozen=True, slots=True)
class Report:
    """What a payload says."""

    document: str
    """The payload as it is stored, canonical: equal reports have equal documents."""
    reference: str
    """What makes it unique, where the action's `uniqueness` says."""
    facts: Mapping[str, Fact]
    occurred_at: datetime | None
    """When it happened, if the payload says so; aware."""


def read_report(action: AnyEarningAction, values: Mapping[str, Any]) -> Report:
    """Read the payload of an activity.

    Raises:
        InvalidPayloadError: names the field and says what is wrong.
        PluginFailedError: the plugin raised, or answered against the contract.
    """
    code = action.code
    model: type[BaseModel] = action.payload
    try:
        payload = in_place.run(
            code, "payload", lambda: accept(model, values), passing=(UnacceptableError,)
        )
    except UnacceptableError as error:
        raise InvalidPayloadError(field=error.field, reason=error.reason) from error
    return Report(
        document=write(payload),
        reference=_reference(action, payload),
        facts=_facts(action, payload),
        occurred_at=_occurred_at(action, payload),
    )


def _reference(action: AnyEarningAction, payload: BaseModel) -> str:
    found: Any = in_place.run(
        action.code, "reference", lambda: action.reference(payload)
    )
    if not isinstance(found, str) or not 1 <= len(found) <= MAX_REFERENCE:
        reason = f"reference is not a text of 1 to {MAX_REFERENCE} characters"
        raise PluginFailedError(plugin=action.code, reason=reason)
    return found


def _facts(action: AnyEarningAction, payload: BaseModel) -> Mapping[str, Fact]:
    found: Any = in_place.run(action.code, "facts", lambda: action.facts(payload))
    if not isinstance(found, Mapping):
        raise PluginFailedError(plugin=action.code, reason="facts is not a mapping")
    for name, value in found.items():
        if not isinstance(name, str) or not CODE.fullmatch(name):
            reason = f"the fact {name!r} is not named in snake_case"
            raise PluginFailedError(plugin=action.code, reason=reason)
        if not isinstance(value, int | str):
            reason = f"the fact {name} is a {type(value).__name__}"
            raise PluginFailedError(plugin=action.code, reason=reason)
    return dict(found)


def _occurred_at(action: AnyEarningAction, payload: BaseModel) -> datetime | None:
    found: Any = in_place.run(
        action.code, "occurred_at", lambda: action.occurred_at(payload)
    )
    if found is None:
        return None
    if not isinstance(found, datetime) or found.tzinfo is None:
        reason = "occurred_at is not an instant with a time zone"
        raise PluginFailedError(plugin=action.code, reason=reason)
    return found
