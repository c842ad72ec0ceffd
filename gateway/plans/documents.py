"""The documents of plugins: what is shown of them, to whom, out of which version."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from core.extension.fields import Shape, shapes
from core.extension.visibility import Visibility
from core.reads.selection import Member
from gateway.plans.sight import Sight


@dataclass(frozen=True, slots=True)
class Part:
    """A member of a document, as far as it can be shown.

    Attributes:
        name: of it.
        default: JSON text; its value in documents that do not have it.
        visibility: who may read it.
        is_list: whether `parts` are those of each item.
        parts: those of a nested object.
    """

    name: str
    default: str = "null"
    visibility: Visibility = Visibility.EVERYONE
    is_list: bool = False
    parts: tuple["Part", ...] = ()

    def read_by(self, sight: Sight) -> Member:
        """Return what is to be read for a caller."""
        if self.visibility not in sight.seen:
            return Member(self.name, is_hidden=True)
        members = tuple(part.read_by(sight) for part in self.parts)
        if not any(one.is_hidden or one.members for one in members):
            members = ()
        return Member(self.name, self.default, is_list=self.is_list, members=members)


def part_of(shape: Shape) -> Part:
    """Return the part that a field of a model is."""
    is_model = issubclass(shape.type, BaseModel)
    return Part(
        name=shape.name,
        default=json.dumps(shape.default, ensure_ascii=False),
        visibility=shape.visibility,
        is_list=shape.is_list,
        parts=tuple(map(part_of, shapes(shape.type))) if is_model else (),
    )


def taken(document: Mapping[str, Any], member: Member) -> Any:
    """Return the value of a member, as SQL would."""
    if member.is_hidden:
        return None
    if member.name not in document:
        value = json.loads(member.default)
    else:
        value = document[member.name]
    if value is None or not member.members:
        return value
    if member.is_list:
        return [_object(one, member) for one in value]
    return _object(value, member)


def _object(document: Mapping[str, Any], member: Member) -> dict[str, Any]:
    return {one.name: taken(document, one) for one in member.members}


@dataclass(frozen=True, slots=True)
class Versioned:
    """The document of a type: what it is today, and how an older one becomes that.

    Attributes:
        attribute: of the read model.
        version: today's.
        read: makes of a stored document and its version one of today, or raises
            PluginFailedError.
        retires: a row whose document cannot be read is shown as one whose type is not
            installed; else it is null, with an error.
    """

    attribute: str
    version: int
    read: Callable[[dict[str, Any], int], dict[str, Any]]
    retires: bool
