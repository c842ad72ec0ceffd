"""The rows that a program document becomes, written in one unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from core.engine import Engine
from core.errors import ConfigurationError
from core.program.document import Document, RewardPart
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
    ) -> None:
        self._engine = engine
        self._document = document
        self._configs = configs
        self.reward_ids: list[int] = []
        """The rewards of the document, in its order."""

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
            row.name, row.scale = part.name, part.scale
            row.is_qualifying, row.is_redeemable = part.qualifying, part.redeemable
            row.is_transferable, row.floor = part.transferable, part.floor
            session.add(row)
            found[part.code] = row
        return found

    def _rules(
        self, session: Session, program_id: int, currencies: dict[str, tables.Currency]
    ) -> None:
        """Add a version where a rule is new or differs; the one before retires."""
        table = tables.Rule
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
        self, session: Session, program_id: int, currencies: dict[str, tables.Currency]
    ) -> None:
        table = tables.Reward
        self.reward_ids = []
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
            self.reward_ids.append(row.reward_id)

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
