"""What is wrong with a program document: everything at once, each with its place.

Each part is checked as far as it can be read, so that one mistake hides no other. What
only the database knows is checked in `core.program.standing`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from core.errors import InvalidInputError
from core.extension.registry import Registry
from core.extension.reward_documents import config_faults
from core.ledger.codes import MAX_AMOUNT
from core.ledger.shape import UNSTORABLE
from core.program import activity_types
from core.program.document import Document, RewardPart
from core.program.fitting import Fault, Parts, Placed, misfits, own_language


class Read(NamedTuple):
    """A document as far as it can be read; `document` is None if not the whole."""

    document: Document | None
    parts: Parts
    faults: list[Fault]


def plain(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return *values* as JSON has them, instants as texts; None if it cannot."""
    try:
        found: Any = json.loads(to_json(values))
    except (PydanticSerializationError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def read(
    values: Mapping[str, Any],
    registry: Registry,
    known: set[str] | None,
    untouched: Mapping[str, RewardPart] | None = None,
) -> Read:
    """Read a document that comes from outside, and find all that is wrong in it.

    Args:
        values: the document.
        registry: the plugins that are loaded.
        known: types of activity that the program has, whatever the document says; None:
            any may be registered later.
        untouched: rewards that stand; one that is just so is not checked again.
    """
    given = plain(values)
    if given is None:
        return Read(None, {}, [Fault("", "is not valid JSON")])
    faults = list(_unwritable(given, ""))
    document = None
    try:
        document = Document.model_validate(given)
    except ValidationError as error:
        faults += [
            Fault(path_of(one["loc"]), _begun(one["msg"]))
            for one in error.errors(include_url=False, include_input=False)
        ]
    parts = {name: _placed(given.get(name), model) for name, model in lists().items()}
    faults += misfits(parts)
    language = document.language if document else given.get("language", "en")
    faults += own_language(language, given)
    faults += _activities(parts, registry, known)
    faults += _rewards(parts, registry, untouched or {})
    zone = given.get("time_zone")
    if isinstance(zone, str) and not _is_zone(zone):
        faults.append(Fault("time_zone", f"there is no zone {zone!r}"))
    return Read(None if faults else document, parts, faults)


def lists() -> dict[str, type[BaseModel]]:
    """Return the lists of a document, and what their items are."""
    return {
        name: get_args(field.annotation)[0]
        for name, field in Document.model_fields.items()
        if get_args(field.annotation)
        and isinstance(get_args(field.annotation)[0], type)
        and issubclass(get_args(field.annotation)[0], BaseModel)
    }


def path_of(steps: Sequence[int | str]) -> str:
    """Return steps into a document as a path."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def _placed(items: Any, model: type[BaseModel]) -> list[Placed]:
    found = []
    for place, item in enumerate(items if isinstance(items, list) else []):
        try:
            found.append(Placed(place, model.model_validate(item)))
        except ValidationError:
            continue
    return found


def _unwritable(value: Any, path: str) -> Iterator[Fault]:
    """Find what a document cannot say in all its forms, or no database could hold."""
    match value:
        case None:
            yield Fault(path, "there is no null in a document: leave it out")
        case dict():
            for name, one in value.items():
                inner = f"{path}.{name}" if path else str(name)
                if UNSTORABLE.search(str(name)):
                    yield Fault(path, "a name has a character that cannot be stored")
                yield from _unwritable(one, inner)
        case list():
            for place, one in enumerate(value):
                yield from _unwritable(one, f"{path}[{place}]")
        case str() if UNSTORABLE.search(value):
            yield Fault(path, "has a character that cannot be stored")
        case float() if not math.isfinite(value):
            yield Fault(path, "is not a finite number")
        case int() if abs(value) > MAX_AMOUNT:
            yield Fault(path, f"is not within ±{MAX_AMOUNT}")
        case _:
            return


def _activities(
    parts: Parts, registry: Registry, known: set[str] | None
) -> Iterator[Fault]:
    for place, part in parts["activities"]:
        given = part.model_dump()
        schema = given.pop("payload_schema")
        try:
            activity_types.define(registry, schema=schema, **given)
        except InvalidInputError as error:
            yield Fault(f"activities[{place}].{error.field}", error.reason)
    if known is None:
        return
    codes = known | {part.code for _, part in parts["activities"]}
    for place, part in parts["rules"]:
        if part.activity in codes or registry.earning_action(part.activity):
            continue
        reason = f"nothing brings the type of activity {part.activity!r}"
        yield Fault(f"rules[{place}].activity", reason)


def _rewards(
    parts: Parts, registry: Registry, untouched: Mapping[str, RewardPart]
) -> Iterator[Fault]:
    rewards: list[tuple[int, RewardPart]] = list(parts["rewards"])
    for place, part in rewards:
        reward_type = registry.reward_type(part.type)
        if reward_type is None:
            reason = f"no plugin brings the reward type {part.type!r}"
            yield Fault(f"rewards[{place}].type", reason)
            continue
        if untouched.get(part.code) == part:
            continue
        for field, reason in config_faults(reward_type, part.config):
            path = f"rewards[{place}].config" + (f".{field}" if field else "")
            yield Fault(path, _begun(reason))


def _begun(reason: str) -> str:
    """Return a reason as it goes on after a path."""
    said = reason.removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
