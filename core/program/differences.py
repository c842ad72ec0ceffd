"""What differs between two documents of a program, as data and in words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.program.document import Document
from core.program.faults import lists

_SINGULAR = {
    "currencies": "currency",
    "activities": "activity",
    "rules": "rule",
    "tiers": "tier",
    "rewards": "reward",
}
_GOES = {
    "rule": "retires: it gives no more points, and those it gave stay",
    "reward": "goes off offer, and stays with those who have it",
    "tier": "goes: members fall to the tier below",
    "activity": "is recorded no more",
}


class Kind(StrEnum):
    """What became of a part."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that differs; None: it is not there. `path` has dots."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that differs; the program itself is the part `program`."""

    kind: Kind
    part: str
    code: str
    changes: tuple[ValueChange, ...]

    @property
    def words(self) -> str:
        """Return what happens, as one sentence."""
        named = f"{self.part} {self.code}"
        if self.kind is Kind.ADDED:
            return f"{named} is new"
        if self.kind is Kind.REMOVED:
            return f"{named} {_GOES.get(self.part, 'goes')}"
        told = (
            f"{one.path} {_value(one.before)} -> {_value(one.after)}"
            for one in self.changes
        )
        return f"{named} changes: {', '.join(told)}"


def compare(old: Document | None, new: Document) -> list[Difference]:
    """Return what makes *new* of *old*; None: there was nothing."""
    before = {} if old is None else _values(old)
    after, said = _values(new), _values(new, exclude_defaults=True)
    found = list(_of_program(before, after if before else said))
    for name in lists():
        sides = [side.get(name, []) for side in (before, after, said)]
        found += _of_list(_SINGULAR.get(name, name), *sides)
    return found


def _values(document: Document, *, exclude_defaults: bool = False) -> dict[str, Any]:
    return document.model_dump(
        mode="json",
        by_alias=True,
        exclude_none=True,
        exclude_defaults=exclude_defaults,
    )


def _of_program(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    own = [
        {name: one for name, one in side.items() if name not in lists()}
        for side in (before, after)
    ]
    changes = _changes(*own)
    if changes:
        kind = Kind.CHANGED if before else Kind.ADDED
        yield Difference(kind, "program", after["code"], changes)


def _of_list(part: str, before: Any, after: Any, said: Any) -> Iterator[Difference]:
    """Compare by code; of what is new, what its author said is told, no defaults."""
    old = {one["code"]: one for one in before}
    new = {one["code"]: one for one in after}
    for (code, item), told in zip(new.items(), said, strict=True):
        if code not in old:
            yield Difference(Kind.ADDED, part, code, _changes({}, told))
        elif changes := _changes(old[code], item):
            yield Difference(Kind.CHANGED, part, code, changes)
    for code, item in old.items():
        if code not in new:
            yield Difference(Kind.REMOVED, part, code, _changes(item, {}))


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[ValueChange, ...]:
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    return tuple(
        ValueChange(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*old, *new])
        if path != "code" and old.get(path) != new.get(path)
    )


def _leaves(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        inner = f"{path}.{name}" if path else name
        if isinstance(one, Mapping) and one:
            yield from _leaves(one, inner)
        else:
            yield inner, one


def _value(value: Any) -> str:
    return "nothing" if value is None else repr(value)
