"""The rows that a program document becomes, written in one unit of work.

They follow the document: what is new is added, what differs is changed, and what is in
it no more goes (`core.program.removal`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from core.engine import Engine
from core.errors import ConfigurationError
from core.program import removal
from core.program.document import CurrencyPart, Document, RewardPart, TierPart
from core.program.wording import stored
from core.storage import program_tables as tables


@dataclass(frozen=True, slots=True)
class RewardConfig:
    """The config of a reward as stored; `capacity` by slot, None: no limit."""

    document: str
    version: int
    capacity: Mapping[str, int] | None
    uses_codes: bool


class DefinitionWriter:
    """Writes a document's rows in one unit of work."""

    def __init__(
        self,
        engine: Engine,
        document: Document,
        configs: Sequence[RewardConfig],
        now_us: int,
    ) -> None:
        self._engine = engine
        self._now_us = now_us
        self._document = document
        self._configs = configs
        self._is_changed = False

    def write(self, session: Session, program: tables.Program) -> None:
        """Create or update the rows of a program."""
        document = self._document
        program.name = document.name
        self._is_changed = program.time_zone != document.time_zone
        program.time_zone = document.time_zone
        program.language = document.language
        program.names = self._names(document, "program")
        session.add(program)
        currencies = self._currencies(session, program.program_id)
        self._rules(session, program.program_id, currencies)
        is_gone = removal.end_rules(session, program.program_id, document, self._now_us)
        if self._is_changed or is_gone:
            program.rules_revision += 1
        self._tiers(session, program.program_id)
        self._rewards(session, program.program_id, currencies)
        removal.remove_missing(session, program.program_id, document)

    def _currencies(
        self, session: Session, program_id: int
    ) -> dict[str, tables.Currency]:
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
                    currency_id=highest,
                    program_id=program_id,
                    code=part.code,
                    name="",
                    scale=part.scale,
                )
            elif row.scale != part.scale:
                raise ConfigurationError(
                    f"currency {part.code}: its scale cannot change, since amounts are "
                    "stored in minor units; use another currency and an exchange"
                )
            self._is_changed |= row.is_qualifying != part.qualifying
            row.name, row.scale = part.name, part.scale
            row.names = self._names(part, f"currency {part.code}")
            row.is_qualifying, row.is_redeemable = part.qualifying, part.redeemable
            row.is_transferable, row.floor = part.transferable, part.floor
            session.add(row)
            found[part.code] = row
        return found

    def _rules(
        self, session: Session, program_id: int, currencies: dict[str, tables.Currency]
    ) -> None:
        """Add a version where a rule is new or differs; the one before retires.

        What happened before now is still judged by the one before; the first version
        of all judges whatever happened before it, too.
        """
        table = tables.Rule
        now_us = self._now_us
        for part in self._document.rules:
            definition = part.model_dump_json(exclude={"code", "activity", "currency"})
            currency = _currency(currencies, part.currency, f"rule {part.code}")
            currency_id = currency.currency_id
            newest = session.exec(
                select(table)
                .where(table.program_id == program_id, table.code == part.code)
                .order_by(col(table.version).desc())
            ).first()
            values = (part.activity, currency_id, definition)
            if newest is not None:
                old = (newest.activity_type, newest.currency_id, newest.definition)
                if old == values and newest.is_active:
                    continue
                newest.is_active, newest.valid_until_us = False, now_us
                session.add(newest)
            self._is_changed = True
            session.add(
                table(
                    rule_id=self._engine.clock.new_id(),
                    program_id=program_id,
                    code=part.code,
                    version=1 if newest is None else newest.version + 1,
                    activity_type=part.activity,
                    currency_id=currency_id,
                    definition=definition,
                    valid_from_us=0 if newest is None else now_us,
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
            row.names = self._names(part, f"tier {part.code}")
            session.add(row)

    def _rewards(
        self, session: Session, program_id: int, currencies: dict[str, tables.Currency]
    ) -> None:
        table = tables.Reward
        for part, config in zip(self._document.rewards, self._configs, strict=True):
            row = session.exec(
                select(table).where(
                    table.program_id == program_id, table.code == part.code
                )
            ).first()
            if row is None:
                row = self._new_reward(program_id, part)
            elif row.reward_type != part.type:
                raise ConfigurationError(
                    f"reward {part.code}: its type cannot change; use another code"
                )
            self._check_stock(session, part.code, row.reward_id, config)
            row.name, row.description = part.name, part.description
            row.names = self._names(part, f"reward {part.code}")
            row.descriptions = stored(
                self._document.language,
                part.description,
                part.descriptions,
                f"reward {part.code}, descriptions",
            )
            row.price, row.is_active = part.price, part.active
            currency = _currency(currencies, part.currency, f"reward {part.code}")
            if not currency.is_redeemable:
                raise ConfigurationError(
                    f"reward {part.code}: {part.currency} is not redeemable"
                )
            row.currency_id = currency.currency_id
            row.config, row.config_version = config.document, config.version
            row.limit_per_member = part.limit_per_member
            session.add(row)

    def _names(
        self, part: Document | CurrencyPart | TierPart | RewardPart, where: str
    ) -> str | None:
        language = self._document.language
        return stored(language, part.name, part.names, f"{where}, names")

    def _check_stock(
        self, session: Session, code: str, reward_id: int, config: RewardConfig
    ) -> None:
        """Refuse to make what is counted endless: nobody would know what is sold."""
        is_counted = config.uses_codes or config.capacity is not None
        table = tables.Stock
        sold = session.exec(select(table.slot).where(table.reward_id == reward_id))
        if not is_counted and sold.first() is not None:
            raise ConfigurationError(
                f"reward {code}: its units are counted, and that cannot end; use "
                "another code"
            )

    def _new_reward(self, program_id: int, part: RewardPart) -> tables.Reward:
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
            created_at_us=clock.now_us(),
        )


def _currency(
    currencies: dict[str, tables.Currency], code: str, where: str
) -> tables.Currency:
    if code not in currencies:
        raise ConfigurationError(f"{where}: the program has no currency {code!r}")
    return currencies[code]
