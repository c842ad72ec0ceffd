"""From pydantic's findings to the one field and reason that a caller is told."""

from pydantic import ValidationError


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Return the field, as a dotted path, and what is wrong with it."""
    found = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in found["loc"]) or "input"
    reason = found["msg"]
    return field, reason[:1].lower() + reason[1:]
