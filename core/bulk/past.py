"""A member's past as commands, in the order in which they happened. Pure.

The keys are made from the name of the import and the ids of the lines, so that the same
line is known again whenever the import is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.bulk.lines import (
    AdjustLine,
    EarnLine,
    Line,
    LineError,
    MemberLine,
    Opening,
    RedeemLine,
    Told,
    TransactionLine,
)
from core.errors import InvalidInputError
from core.ledger import shape
from core.ledger.codes import NEVER_US, HolderKind
from core.ledger.commands import (
    Adjust,
    Award,
    Command,
    Count,
    Earn,
    Open,
    Operation,
    Redeem,
    Step,
    key_of,
)
from core.ledger.companions import NewMember
from core.ledger.state import Currency
from core.program import members
from core.program.activities import EARNED

MIGRATION = "migration"
"""The source of what stands for a past that nobody knows in detail."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A currency of the program; who earns a qualifying one rises in the tiers."""

    currency: Currency
    is_qualifying: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """What all members of an import share; `now_us` is the end of all pasts."""

    name: str
    program_id: int
    units: Mapping[str, Unit]
    now_us: int

    @property
    def currencies(self) -> dict[int, Currency]:
        """Return the rules of all currencies."""
        rules = [unit.currency for unit in self.units.values()]
        return {one.currency_id: one for one in rules}

    @property
    def prefix(self) -> str:
        """Return how all keys begin; no client of the API has a slash in its name."""
        return key_of(f"import/{self.name}", "")


class Event(NamedTuple):
    """Something that happened: when, which line says so, and what it asks for."""

    at_us: int
    line: int
    command: Command


class BadLineError(Exception):
    """Raised while a line is turned into commands."""

    def __init__(self, line: int, field: str, reason: str) -> None:
        self.error = LineError(line, field, reason)
        super().__init__(str(self.error))


def key_of_line(setting: Setting, line: Line) -> str:
    """Return the key under which a line is known again."""
    name = "member" if isinstance(line, MemberLine) else f"line/{line.id}"
    return f"{setting.prefix}{name}"


class Past:
    """Makes the commands of one member."""

    def __init__(self, setting: Setting, holder_id: int) -> None:
        self._setting = setting
        self._holder_id = holder_id

    def events(self, told: Told, joined_us: int) -> list[Event]:
        """Return what a line asks for, of a member who joined at *joined_us*.

        Raises:
            BadLineError: the line is wrong.
        """
        try:
            if isinstance(told.line, MemberLine):
                return self._beginning(told, told.line)
            return [self._transaction(told, told.line, joined_us)]
        except InvalidInputError as error:
            raise BadLineError(told.number, error.field, error.reason) from error

    def _beginning(self, told: Told, line: MemberLine) -> list[Event]:
        """Enroll the member, and bring its balances along."""
        members.check(line.number, line.display_name, line.email)
        codes = [opening.currency for opening in line.opening]
        if len(set(codes)) < len(codes):
            raise InvalidInputError(field="opening", reason="a currency stands twice")
        program_id = self._setting.program_id
        member = NewMember(program_id, line.number, line.display_name, line.email)
        opening = Open(program_id, HolderKind.MEMBER)
        step = Step(self._holder_id, opening, companions=(member,))
        self._check_time("joinedAt", line.joined_at, line.joined_at)
        key = key_of_line(self._setting, line)
        return [
            self._event(told, line.joined_at, key, step),
            *(self._balance(told, line, place) for place in range(len(line.opening))),
        ]

    def _balance(self, told: Told, line: MemberLine, place: int) -> Event:
        """Bring a balance along: one lot, or a debt."""
        opening, where = line.opening[place], f"opening.{place}"
        unit = self._unit(f"{where}.currency", opening.currency)
        is_debt = opening.points < 0
        if is_debt and opening.expires_at is not None:
            raise InvalidInputError(
                field=f"{where}.expiresAt", reason="is not for what is owed"
            )
        at_us = line.joined_at if opening.at is None else opening.at
        self._check_time(f"{where}.at", at_us, line.joined_at)
        operation = Adjust(
            unit.currency.currency_id, opening.points, _end(opening), owes=is_debt
        )
        return self._event(
            told,
            at_us,
            f"{self._setting.prefix}opening/{opening.currency}",
            Step(self._holder_id, operation),
            (MIGRATION, opening.currency),
            "opening balance",
        )

    def _transaction(self, told: Told, line: TransactionLine, joined_us: int) -> Event:
        unit = self._unit("currency", line.currency)
        self._check_time("at", line.at, joined_us)
        currency_id = unit.currency.currency_id
        counts: tuple[Count, ...] = ()
        if isinstance(line, EarnLine) and unit.is_qualifying:
            counts = (Count(*EARNED, currency_id=currency_id),)
        reason = line.reason if isinstance(line, AdjustLine) else None
        reference = None if line.reference is None else (line.source, line.reference)
        step = Step(self._holder_id, _operation(line, currency_id), counts)
        key = key_of_line(self._setting, line)
        return self._event(told, line.at, key, step, reference, reason)

    def _event(  # noqa: PLR0913, PLR0917  (the parts of a command)
        self,
        told: Told,
        at_us: int,
        key: str,
        step: Step,
        reference: tuple[str, str] | None = None,
        reason: str | None = None,
    ) -> Event:
        meta = {"imported": self._setting.name}
        if reason is not None:
            meta["reason"] = reason
        command = Command(
            key, told.fingerprint, (step,), reference=reference, meta=meta
        )
        shape.check(command)
        return Event(at_us, told.number, command)

    def _check_time(self, field: str, at_us: int, joined_us: int) -> None:
        if at_us < joined_us:
            reason = "must not be before the member joined"
            raise InvalidInputError(field=field, reason=reason)
        if at_us > self._setting.now_us:
            raise InvalidInputError(field=field, reason="must not lie ahead")

    def _unit(self, field: str, code: str) -> Unit:
        unit = self._setting.units.get(code)
        if unit is None:
            raise InvalidInputError(field=field, reason="the program has none such")
        return unit


def _operation(line: TransactionLine, currency_id: int) -> Operation:
    match line:
        case EarnLine():
            award = Award(currency_id, line.points, line.available_at, _end(line))
            return Earn((award,))
        case RedeemLine():
            return Redeem(currency_id, line.points)
        case AdjustLine():
            return Adjust(currency_id, line.points, _end(line))


def _end(line: Opening | EarnLine | AdjustLine) -> int:
    return NEVER_US if line.expires_at is None else line.expires_at
