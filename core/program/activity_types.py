"""Types of activity that a program registers at run time, without any code.

A type is a code and a JSON Schema. Registered again with other content it gets the next
version, which counts from then on, in every process; with the same content nothing
changes. A code that a plugin brings is the plugin's, whoever came first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any, Self

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    IdempotencyConflictError,
    InvalidInputError,
    InvalidPayloadError,
)
from core.extension.earning_action import Fact, Trust, Uniqueness
from core.extension.names import CODE
from core.extension.registry import Registry
from core.extension.reports import MAX_REFERENCE, Report
from core.ledger.commands import fingerprint_of
from core.program import payload_checks, payload_schemas
from core.program.access import needs
from core.program.validation import check_text
from core.storage.activity_tables import ActivityType as Row
from core.storage.program_tables import Program
from core.storage.service_tables import Request

_MAX_CODE = 50
_MAX_NAME = 80
_MAX_DESCRIPTION = 500
_COLUMNS = (
    *("code", "name", "description", "payload_schema", "reference", "trust"),
    *("uniqueness", "needs_approval", "facts", "version"),
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM activity_type"  # noqa: S608  (constants)
_ALL = f"{_SELECT} WHERE program_id = $1 AND is_active ORDER BY code"
_ONE = f"{_SELECT} WHERE program_id = $1 AND code = $2 AND is_active"
_CODES = "SELECT DISTINCT code FROM activity_type WHERE is_active ORDER BY code"


@dataclass(frozen=True, slots=True)
class RegisteredType:
    """A version of a type; `payload_schema` is a JSON text, `facts` are paths."""

    code: str
    name: str
    description: str | None
    payload_schema: str
    reference: str
    trust: Trust
    uniqueness: Uniqueness
    needs_approval: bool
    facts: tuple[str, ...]
    version: int = 0

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Self:
        """Read a row with the columns of `_COLUMNS`."""
        values = dict(zip(_COLUMNS, row, strict=True))
        values["trust"] = Trust(values["trust"])
        values["uniqueness"] = Uniqueness(values["uniqueness"])
        values["needs_approval"] = bool(values["needs_approval"])
        values["facts"] = tuple(json.loads(values["facts"]))
        return cls(**values)

    def row(self) -> dict[str, Any]:
        """Return the columns of `_COLUMNS`."""
        return asdict(self) | {
            "trust": self.trust.value,
            "uniqueness": self.uniqueness.value,
            "facts": json.dumps(self.facts),
        }

    def read(self, values: Mapping[str, Any]) -> Report:
        """Read the payload of an activity.

        Raises:
            InvalidPayloadError: names the member and says what is wrong.
        """
        try:
            document = payload_checks.check(self.payload_schema, values)
        except payload_checks.MisfitError as error:
            raise InvalidPayloadError(field=error.field, reason=error.reason) from error
        reference = str(_at(values, self.reference))
        if not 1 <= len(reference) <= MAX_REFERENCE:
            raise InvalidPayloadError(
                field=self.reference,
                reason=f"must have 1 to {MAX_REFERENCE} characters",
            )
        facts: dict[str, Fact] = {}
        for path in self.facts:
            if (fact := _at(values, path)) is not None:
                facts[payload_schemas.fact_name(path)] = fact
        return Report(document, reference, facts, occurred_at=None)


def _at(values: Mapping[str, Any], path: str) -> Any:
    """Return the member at *path*, or None."""
    found: Any = values
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


@dataclass(frozen=True, slots=True)
class Registered:
    """The type that stands now, and whether the key was used for it before."""

    activity_type: RegisteredType
    replayed: bool


def define(  # noqa: PLR0913  (keyword-only)
    registry: Registry,
    *,
    code: str,
    name: str,
    schema: Mapping[str, Any],
    reference: str,
    description: str | None = None,
    trust: Trust = Trust.INTEGRATOR,
    uniqueness: Uniqueness = Uniqueness.PROGRAM,
    needs_approval: bool = False,
    facts: Sequence[str] = (),
) -> RegisteredType:
    """Check a type, and return it.

    Args:
        registry: the plugins that are loaded.
        code: its name in snake_case, at most 50 characters.
        name: shown to people, at most 80 characters.
        schema: JSON Schema 2020-12 of the payload, an object.
        reference: path, with dots, of the member that makes an activity unique.
        description: what it is for, at most 500 characters.
        trust: whose report is believed.
        uniqueness: where a reference may occur once only.
        needs_approval: whether points wait until a person has decided.
        facts: paths of the members that rules may use.

    Raises:
        InvalidInputError: names the field, in the schema the place, and the reason.
    """
    if not CODE.fullmatch(code) or len(code) > _MAX_CODE:
        reason = f"must be snake_case of at most {_MAX_CODE} characters"
        raise InvalidInputError(field="code", reason=reason)
    action = registry.earning_action(code)
    if action is not None:
        reason = f"is an earning action of the plugin {registry.plugin_of(action).name}"
        raise InvalidInputError(field="code", reason=reason)
    check_text(name, "name", _MAX_NAME)
    check_text(description, "description", _MAX_DESCRIPTION)
    text = payload_schemas.check(schema)
    payload_schemas.check_reference(schema, reference)
    payload_schemas.check_facts(schema, facts)
    return RegisteredType(
        code,
        name,
        description,
        text,
        reference,
        trust,
        uniqueness,
        needs_approval,
        tuple(facts),
    )


@needs(Scope.PROGRAM_WRITE)
async def register(engine: Engine, *, by: Actor, key: str, **given: Any) -> Registered:
    """Let the caller's program have a type.

    Args:
        engine: the engine.
        by: the caller; needs `program:write`.
        key: idempotency key.
        given: the type, as `define` takes it.

    Raises:
        ForbiddenError: the caller may not change the program.
        InvalidInputError: see `define`.
        IdempotencyConflictError: the key was used for something else.
    """
    activity_type = define(engine.registry, **given)
    fingerprint = fingerprint_of("register", {"type": astuple(activity_type)})
    now_us = engine.clock.now_us()

    def work(session: Session) -> Registered:
        # Who registers for one program takes turns; so its versions have no gaps.
        program = select(Program).where(Program.program_id == by.program_id)
        session.exec(program.with_for_update()).one()
        known = session.get(Request, (by.program_id, by.client_id, key))
        if known is None:
            session.add(
                Request(
                    program_id=by.program_id,
                    client_id=by.client_id,
                    idem_key=key,
                    fingerprint=fingerprint,
                    at_us=now_us,
                )
            )
            saved = save(session, by.program_id, activity_type, now_us)
            return Registered(saved, replayed=False)
        if bytes(known.fingerprint) != fingerprint:
            raise IdempotencyConflictError
        newest = _newest(session, by.program_id, activity_type.code)
        if newest is None:
            raise AssertionError("a type is never removed")
        return Registered(newest, replayed=True)

    try:
        return await engine.database.configure(work)
    except IntegrityError as error:  # another kind of request took it just now
        raise IdempotencyConflictError from error


def save(
    session: Session, program_id: int, activity_type: RegisteredType, now_us: int
) -> RegisteredType:
    """Write a type, if it is new or differs; return the version that stands now."""
    newest = _newest(session, program_id, activity_type.code)
    version = 1 if newest is None else newest.version + 1
    if newest is not None:
        key = (program_id, activity_type.code, newest.version)
        row = session.get_one(Row, key)
        if row.is_active and _content(newest) == _content(activity_type):
            return newest
        row.is_active = False
        session.add(row)
    made = replace(activity_type, version=version)
    session.add(Row(program_id=program_id, created_at_us=now_us, **made.row()))
    return made


def _newest(session: Session, program_id: int, code: str) -> RegisteredType | None:
    found = session.exec(
        select(Row)
        .where(Row.program_id == program_id, Row.code == code)
        .order_by(col(Row.version).desc())
    ).first()
    if found is None:
        return None
    return RegisteredType.of_row([getattr(found, name) for name in _COLUMNS])


def _content(activity_type: RegisteredType) -> tuple[Any, ...]:
    """Return what makes a version; in a schema the order of members is nothing."""
    schema = json.dumps(json.loads(activity_type.payload_schema), sort_keys=True)
    return astuple(replace(activity_type, payload_schema=schema, version=0))


async def find(engine: Engine, program_id: int, code: str) -> RegisteredType | None:
    """Return the type *code* of a program as it stands now, or None."""
    rows = await engine.database.read(_ONE, program_id, code)
    return RegisteredType.of_row(rows[0]) if rows else None


async def find_all(engine: Engine, program_id: int) -> list[RegisteredType]:
    """Return all types of a program as they stand now, by code."""
    rows = await engine.database.read(_ALL, program_id)
    return [RegisteredType.of_row(row) for row in rows]


async def shadowed(engine: Engine) -> list[str]:
    """Return the codes of types that count no more since a plugin brings them."""
    rows = await engine.database.read(_CODES)
    return [code for (code,) in rows if engine.registry.earning_action(code)]
