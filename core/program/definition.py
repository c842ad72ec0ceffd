"""A program as one document: currencies, rules, tiers and rewards.

Applying a document creates what is missing and updates what is there, by code; it never
removes, and applying it again changes nothing. What was decided under an earlier state
stays as it was recorded.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session, col, func, select

from core.engine import Engine
from core.errors import ConfigurationError
from core.extension import in_place
from core.extension.documents import write
from core.extension.reward_documents import accept_config, read_config
from core.ledger.codes import MAX_AMOUNT, STOCK_UNIT, HolderKind
from core.ledger.commands import (
    Adjust,
    Command,
    Open,
    Operation,
    Step,
    fingerprint_of,
)
from core.program.refusals import accepted
from core.program.rules import RuleDefinition
from core.program.validation import first_problem
from core.storage import program_tables as tables

_CODE = "^[a-z][a-z0-9_]{0,62}$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CurrencyPart(_Part):
    """A currency."""

    code: str = Field(pattern="^[A-Z][A-Z0-9]{1,11}$")
    name: str = Field(min_length=1)
    scale: int = Field(default=0, ge=0, le=6)
    qualifying: bool = True


class RulePart(RuleDefinition):
    """What an activity earns."""

    code: str = Field(pattern=_CODE)
    activity: str = Field(pattern=_CODE)
    currency: str


class TierPart(_Part):
    """A level, reached at `threshold` qualifying points earned ever."""

    code: str = Field(pattern=_CODE)
    name: str = Field(min_length=1)
    threshold: int = Field(ge=0, le=MAX_AMOUNT)


class RewardPart(_Part):
    """An item of the catalog; `config` is as its reward type says."""

    code: str = Field(pattern=_CODE)
    type: str = Field(pattern=_CODE)
    name: str = Field(min_length=1)
    description: str | None = None
    currency: str
    price: int = Field(gt=0, le=MAX_AMOUNT)
    limit_per_member: int | None = Field(default=None, gt=0)
    active: bool = True
    config: dict[str, Any] = Field(default_factory=dict)


class Document(_Part):
    """A whole program."""

    code: str = Field(pattern=_CODE)
    name: str = Field(min_length=1)
    time_zone: str = "UTC"
    currencies: list[CurrencyPart] = Field(min_length=1)
    rules: list[RulePart] = Field(default_factory=list)
    tiers: list[TierPart] = Field(default_factory=list)
    rewards: list[RewardPart] = Field(default_factory=list)


async def find(engine: Engine, code: str | None = None) -> int | None:
    """Return the program *code*, or the oldest; None if there is none."""
    if code is None:
        sql = "SELECT program_id FROM program ORDER BY program_id LIMIT 1"
        rows = await engine.database.read(sql)
    else:
        sql = "SELECT program_id FROM program WHERE code = $1"
        rows = await engine.database.read(sql, code)
    return rows[0][0] if rows else None


async def apply(engine: Engine, values: Mapping[str, Any]) -> int:
    """Make the program what the document *values* says, and return its id.

    Raises:
        ConfigurationError: names the part of the document and says what is wrong.
    """
    try:
        document = Document.model_validate(values)
    except ValidationError as error:
        field, reason = first_problem(error)
        raise ConfigurationError(f"program document, {field}: {reason}") from error
    configs = [_config(engine, reward) for reward in document.rewards]
    writer = _Writer(engine, document, configs)
    program_id = await engine.database.configure(writer.write)
    for stock_holder_id, units in writer.stocks.items():
        await _open_stock(engine, program_id, stock_holder_id, units)
    return program_id


def _config(engine: Engine, reward: RewardPart) -> tuple[str, int, int | None]:
    """Return a reward's config as stored, its version, and how many units there are."""
    reward_type = engine.registry.reward_type(reward.type)
    if reward_type is None:
        raise ConfigurationError(
            f"reward {reward.code}: no plugin brings the reward type {reward.type!r}"
        )
    config = accept_config(reward_type, reward.config)
    capacity = in_place.capacity(reward_type, config)
    return write(config), reward_type.version, capacity


async def _open_stock(
    engine: Engine, program_id: int, holder_id: int, units: int
) -> None:
    """Create the holder that counts a reward's units, and fill it once."""
    await _post(engine, holder_id, "open", Open(program_id, HolderKind.STOCK))
    if units:
        await _post(engine, holder_id, "fill", Adjust(STOCK_UNIT, units))


async def _post(
    engine: Engine, holder_id: int, name: str, operation: Operation
) -> None:
    key = f"definition:{name}"
    command = Command(key, fingerprint_of(key, {}), (Step(holder_id, operation),))
    accepted(await engine.ledger.post(command))


class _Writer:
    """Writes a document's rows in one unit of work."""

    def __init__(
        self,
        engine: Engine,
        document: Document,
        configs: list[tuple[str, int, int | None]],
    ) -> None:
        self._engine = engine
        self._document = document
        self._configs = configs
        self.stocks: dict[int, int] = {}

    def write(self, session: Session) -> int:
        """Create or update the rows, and return the program's id."""
        document, new_id = self._document, self._engine.clock.new_id
        program = session.exec(
            select(tables.Program).where(tables.Program.code == document.code)
        ).first()
        if program is None:
            program = tables.Program(
                program_id=new_id(), code=document.code, name=document.name
            )
        program.name = document.name
        program.time_zone = document.time_zone
        session.add(program)
        currencies = self._currencies(session, program.program_id)
        self._rules(session, program.program_id, currencies)
        self._tiers(session, program.program_id)
        self._rewards(session, program.program_id, currencies)
        return program.program_id

    def _currencies(self, session: Session, program_id: int) -> dict[str, int]:
        table = tables.Currency
        found = {
            row.code: row
            for row in session.exec(select(table).where(table.program_id == program_id))
        }
        highest = session.exec(select(func.max(table.currency_id))).one() or 0
        for part in self._document.currencies:
            row = found.get(part.code)
            if row is None:
                highest += 1
                row = table(
                    currency_id=highest, program_id=program_id, code=part.code, name=""
                )
            row.name, row.scale = part.name, part.scale
            row.is_qualifying = part.qualifying
            session.add(row)
            found[part.code] = row
        return {code: row.currency_id for code, row in found.items()}

    def _rules(
        self, session: Session, program_id: int, currencies: dict[str, int]
    ) -> None:
        """Add a version where a rule is new or differs; the one before retires."""
        table = tables.Rule
        for part in self._document.rules:
            definition = part.model_dump_json(exclude={"code", "activity", "currency"})
            currency_id = _currency(currencies, part.currency, f"rule {part.code}")
            newest = session.exec(
                select(table)
                .where(table.program_id == program_id, table.code == part.code)
                .order_by(col(table.version).desc())
            ).first()
            values = (part.activity, currency_id, definition)
            if newest is not None:
                old = (newest.activity_type, newest.currency_id, newest.definition)
                if old == values:
                    continue
                newest.is_active = False
                session.add(newest)
            session.add(
                table(
                    rule_id=self._engine.clock.new_id(),
                    program_id=program_id,
                    code=part.code,
                    version=1 if newest is None else newest.version + 1,
                    activity_type=part.activity,
                    currency_id=currency_id,
                    definition=definition,
                )
            )

    def _tiers(self, session: Session, program_id: int) -> None:
        table = tables.Tier
        for rank, part in enumerate(self._document.tiers):
            row = session.exec(
                select(table).where(
                    table.program_id == program_id, table.code == part.code
                )
            ).first() or table(
                tier_id=self._engine.clock.new_id(),
                program_id=program_id,
                code=part.code,
                name=part.name,
                rank=rank,
                threshold=part.threshold,
            )
            row.name, row.rank, row.threshold = part.name, rank, part.threshold
            session.add(row)

    def _rewards(
        self, session: Session, program_id: int, currencies: dict[str, int]
    ) -> None:
        table = tables.Reward
        for part, (config, version, capacity) in zip(
            self._document.rewards, self._configs, strict=True
        ):
            row = session.exec(
                select(table).where(
                    table.program_id == program_id, table.code == part.code
                )
            ).first()
            if row is None:
                row = self._new_reward(program_id, part, capacity)
            elif row.reward_type != part.type or capacity != self._capacity(row):
                raise ConfigurationError(
                    f"reward {part.code}: its type and its number of units cannot "
                    "change; use another code"
                )
            row.name, row.description = part.name, part.description
            row.price, row.is_active = part.price, part.active
            row.currency_id = _currency(
                currencies, part.currency, f"reward {part.code}"
            )
            row.config, row.config_version = config, version
            row.limit_per_member = part.limit_per_member
            session.add(row)
            if row.stock_holder_id is not None and capacity is not None:
                self.stocks[row.stock_holder_id] = capacity

    def _capacity(self, row: tables.Reward) -> int | None:
        """Return how many units a reward was made with."""
        reward_type = self._engine.registry.reward_type(row.reward_type)
        if reward_type is None:
            return None
        config = read_config(reward_type, row.config, row.config_version)
        return in_place.capacity(reward_type, config)

    def _new_reward(
        self, program_id: int, part: RewardPart, capacity: int | None
    ) -> tables.Reward:
        clock = self._engine.clock
        return tables.Reward(
            reward_id=clock.new_id(),
            program_id=program_id,
            code=part.code,
            reward_type=part.type,
            name=part.name,
            currency_id=0,
            price=part.price,
            config="{}",
            stock_holder_id=None if capacity is None else clock.new_id(),
            created_at_us=clock.now_us(),
        )


def _currency(currencies: dict[str, int], code: str, where: str) -> int:
    if code not in currencies:
        raise ConfigurationError(f"{where}: the program has no currency {code!r}")
    return currencies[code]
