"""What a caller is told of a value that cannot be accepted: one field, one reason."""

from pydantic import ValidationError

from core.errors import InvalidInputError
from core.ledger.shape import UNSTORABLE

MAX_REASON = 500


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Return the field, as a dotted path, and what is wrong with it."""
    found = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in found["loc"]) or "input"
    reason = found["msg"]
    return field, reason[:1].lower() + reason[1:]


def check_text(value: str | None, field: str, longest: int) -> None:
    """Check what a person wrote, where something was written.

    Raises:
        InvalidInputError: it is blank, too long, or no database could hold it.
    """
    if value is None:
        return
    if not 1 <= len(value.strip()) <= longest or UNSTORABLE.search(value):
        raise InvalidInputError(
            field=field,
            reason=f"must have 1 to {longest} characters, none of them null",
        )
