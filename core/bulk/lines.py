"""The lines of an import of finished history, and what each of them must have.

A line is a JSON object. `type` says what it tells of; fields that are not listed here
are errors, so that a misspelled one cannot be ignored silently.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from core.clock import to_us
from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.program.validation import MAX_REASON, first_problem


class LineError(NamedTuple):
    """A line that is wrong: which of its fields, if it is one, and why."""

    line: int
    field: str | None
    reason: str

    def __str__(self) -> str:
        """Tell it."""
        field = "" if self.field is None else f"{self.field}: "
        return f"line {self.line}: {field}{self.reason}"


def _instant(value: Any) -> int:
    try:
        instant_us = to_us(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        raise PydanticCustomError(
            "instant", "must be an instant with a zone, such as 2019-03-01T10:00:00Z"
        ) from None
    if not 0 <= instant_us < NEVER_US:
        raise PydanticCustomError("instant", "must be an instant from 1970 to 2255")
    return instant_us


def _not_nothing(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("nothing", "must not be 0")
    return value


def _text(longest: int) -> Any:
    return StringConstraints(min_length=1, max_length=longest, pattern=r"^[^\x00]*$")


Instant = Annotated[int, PlainValidator(_instant)]
Name = Annotated[str, _text(255)]
Reason = Annotated[str, _text(MAX_REASON)]
Points = Annotated[int, Field(strict=True, gt=0, le=MAX_AMOUNT)]
Change = Annotated[
    int,
    Field(strict=True, ge=-MAX_AMOUNT, le=MAX_AMOUNT),
    AfterValidator(_not_nothing),
]


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class Opening(_Object):
    """A balance of which no lot is known any more; below 0 it is a debt."""

    currency: str
    points: Change
    at: Instant | None = None
    expires_at: Instant | None = None


class MemberLine(_Object):
    """A member."""

    type: Literal["member"]
    number: str
    joined_at: Instant
    display_name: str | None = None
    email: str | None = None
    opening: tuple[Opening, ...] = ()


class _Transaction(_Object):
    member: str
    id: Name
    at: Instant
    currency: str
    source: Name = "import"
    reference: Name | None = None


class EarnLine(_Transaction):
    """Points that a member was given."""

    type: Literal["earn"]
    points: Points
    available_at: Instant | None = None
    expires_at: Instant | None = None


class RedeemLine(_Transaction):
    """Points that a member spent."""

    type: Literal["redeem"]
    points: Points


class AdjustLine(_Transaction):
    """Points that were given (above 0) or taken (below 0) by hand."""

    type: Literal["adjust"]
    points: Change
    reason: Reason
    expires_at: Instant | None = None


_TYPES = "must be member, earn, redeem or adjust"

TransactionLine = EarnLine | RedeemLine | AdjustLine
Line = MemberLine | TransactionLine
_ADAPTER: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Told:
    """A line that was read, and a fingerprint of what it says."""

    number: int
    line: Line
    fingerprint: bytes


def read_line(number: int, raw: bytes) -> Told | LineError:
    """Read the line with this number."""
    if not raw.endswith(b"\n"):
        return LineError(number, None, "the file ends in the middle of this line")
    try:
        document = orjson.loads(raw)
        line = _ADAPTER.validate_json(raw)
    except orjson.JSONDecodeError:
        return LineError(number, None, "is not JSON")
    except ValidationError as error:
        field, reason = first_problem(error)
        _, _, field = field.partition(".")  # it begins with the type of the line
        return LineError(number, field or "type", reason if field else _TYPES)
    said = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return Told(number, line, hashlib.sha256(said).digest()[:16])
