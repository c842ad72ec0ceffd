"""What becomes of the rows whose parts are in the document no more.

A rule retires and a reward goes off offer: their rows stay, since what was earned and
redeemed refers to them. A tier goes; so does a currency that nobody ever had.
"""

from sqlmodel import Session, col, select

from core.errors import ConfigurationError
from core.program.document import Document
from core.storage import ledger_tables
from core.storage import program_tables as tables


def end_rules(
    session: Session, program_id: int, document: Document, now_us: int
) -> bool:
    """End the rules that *document* does not name; tell whether there were any.

    What happened before now is still judged by them.
    """
    named = {one.code for one in document.rules}
    active = select(tables.Rule).where(
        tables.Rule.program_id == program_id, col(tables.Rule.is_active)
    )
    gone = [one for one in session.exec(active) if one.code not in named]
    for rule in gone:
        rule.is_active, rule.valid_until_us = False, now_us
        session.add(rule)
    return bool(gone)


def remove_missing(session: Session, program_id: int, document: Document) -> None:
    """Let go of what *document* does not name.

    Raises:
        ConfigurationError: members have, or had, points of a currency that is missing.
    """
    rewards = {one.code for one in document.rewards}
    for reward in session.exec(
        select(tables.Reward).where(
            tables.Reward.program_id == program_id, col(tables.Reward.is_active)
        )
    ):
        if reward.code not in rewards:
            reward.is_active = False
            session.add(reward)
    tiers = {one.code for one in document.tiers}
    for tier in session.exec(
        select(tables.Tier).where(tables.Tier.program_id == program_id)
    ):
        if tier.code not in tiers:
            session.delete(tier)
    currencies = {one.code for one in document.currencies}
    for currency in session.exec(
        select(tables.Currency).where(tables.Currency.program_id == program_id)
    ):
        if currency.code not in currencies:
            _remove_currency(session, currency)


def _remove_currency(session: Session, currency: tables.Currency) -> None:
    wallet, reward = ledger_tables.Wallet, tables.Reward
    currency_id = currency.currency_id
    had = select(wallet).where(wallet.currency_id == currency_id).limit(1)
    priced = select(reward).where(reward.currency_id == currency_id).limit(1)
    if session.exec(had).first() or session.exec(priced).first():
        raise ConfigurationError(
            f"currency {currency.code} cannot go: it is, or was, in use"
        )
    session.delete(currency)
