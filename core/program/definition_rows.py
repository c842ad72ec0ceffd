"""The rows that a program document becomes, written in one unit of work."""

from sqlmodel import Session, col, func, select

from core.engine import Engine
from core.errors import ConfigurationError
from core.extension import in_place
from core.extension.reward_documents import read_config
from core.program.document import Document, RewardPart
from core.storage import program_tables as tables


class DefinitionWriter:
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
            currency = _currency(currencies, part.currency, f"reward {part.code}")
            if not currency.is_redeemable:
                raise ConfigurationError(
                    f"reward {part.code}: {part.currency} is not redeemable"
                )
            row.currency_id = currency.currency_id
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


def _currency(
    currencies: dict[str, tables.Currency], code: str, where: str
) -> tables.Currency:
    if code not in currencies:
        raise ConfigurationError(f"{where}: the program has no currency {code!r}")
    return currencies[code]
