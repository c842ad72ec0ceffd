"""The limits of a field in words, for those who only see its description.

    count: int = Field(ge=0, le=9, description="How many.")

is published as "How many. 0 to 9." Words come from what pydantic checks, so they are
never out of date.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

_NUMBERS = (int, Decimal, date)  # an instant is a date


def limits_in_words(
    kind: type, metadata: Sequence[Any], items: Sequence[Any] | None = None
) -> str:
    """Return the limits of a field as sentences; an empty text if it has none.

    Args:
        kind: type of one value.
        metadata: what the annotation says of the field.
        items: what it says of each item, if the field is a list.
    """
    if items is None:
        return _sentences(_of_value(kind, metadata))
    words = _sentences(_range(metadata, "min_length", "max_length", "item"))
    of_item = ", ".join(_of_value(kind, items))
    return f"{words} Each item: {of_item}.".strip() if of_item else words


def _of_value(kind: type, metadata: Sequence[Any]) -> list[str]:
    if issubclass(kind, str):
        found = _range(metadata, "min_length", "max_length", "character")
        pattern = _limit(metadata, "pattern")
        if pattern is not None:
            found.append(f"matches `{getattr(pattern, 'pattern', pattern)}`")
        return found
    if not issubclass(kind, _NUMBERS) or kind is bool:
        return []
    found = _between(kind, metadata)
    step = _limit(metadata, "multiple_of")
    if step is not None:
        found.append(f"a multiple of {step}")
    for name, unit in (("max_digits", "digit"), ("decimal_places", "decimal place")):
        most = _limit(metadata, name)
        if most is not None:
            found.append(f"at most {_counted(most, unit)}")
    return found


def _between(kind: type, metadata: Sequence[Any]) -> list[str]:
    """Return the limits of a number or a date."""
    low, high = _limit(metadata, "ge"), _limit(metadata, "le")
    above, below = _limit(metadata, "gt"), _limit(metadata, "lt")
    if kind is int:
        if above is not None:
            low = above + 1 if low is None else max(low, above + 1)
        if below is not None:
            high = below - 1 if high is None else min(high, below - 1)
        above = below = None
    found = []
    if low is not None and high is not None:
        found.append(f"exactly {low}" if low == high else f"{low} to {high}")
    elif low is not None:
        found.append(f"at least {low}")
    elif high is not None:
        found.append(f"at most {high}")
    if above is not None:
        found.append(f"more than {above}")
    if below is not None:
        found.append(f"less than {below}")
    return found


def _range(metadata: Sequence[Any], least: str, most: str, unit: str) -> list[str]:
    """Return the limits of a length."""
    low, high = _limit(metadata, least), _limit(metadata, most)
    if not low and high is None:
        return []
    if high is None:
        return [f"at least {_counted(low, unit)}"]
    if not low:
        return [f"at most {_counted(high, unit)}"]
    if low == high:
        return [f"exactly {_counted(high, unit)}"]
    return [f"{low} to {_counted(high, unit)}"]


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _limit(metadata: Sequence[Any], name: str) -> Any:
    """Return the limit of this name; the last one counts, as pydantic has it."""
    found = [getattr(one, name, None) for one in metadata]
    return next((one for one in reversed(found) if one is not None), None)


def _sentences(found: Sequence[str]) -> str:
    return " ".join(f"{one[:1].upper()}{one[1:]}." for one in found)
