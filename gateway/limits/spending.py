"""What callers may spend: a leaky bucket for each client, whatever it comes by.

Buckets are in the process, or shared through PostgreSQL. Should the shared ones fail,
those of the process count until they are back: neither is everything let in, nor does
everybody wait for a table that holds nothing of worth.
"""

import asyncio
import logging
from dataclasses import dataclass

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import UnavailableError
from core.program import allowances
from core.settings import Settings
from gateway.limits.buckets import Buckets, Taken, Terms

_FORGET_EVERY = 1_000
_MINUTE_S = 60.0
_SECOND_US = 1_000_000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Account:
    """What a caller may spend."""

    bucket: str
    terms: Terms | None
    """None: any amount."""


class Spending:
    """The buckets of all callers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._settings = engine.settings
        self._buckets = Buckets()
        self._attempts = Buckets()
        self._shared_takes = 0

    def __len__(self) -> int:
        return len(self._buckets) + len(self._attempts)

    def account_of(self, actor: Actor) -> Account:
        """Return the account of a caller: its client's, not its credential's."""
        bucket = f"{actor.program_id}:{actor.client_id}"
        return Account(bucket, terms_of(self._settings, actor.role))

    async def take(self, account: Account, cost: int) -> Taken:
        """Spend *cost*, if the caller may."""
        if account.terms is None:
            return Taken(is_granted=True, remaining=0)
        if self._settings.shared_rates:
            try:
                shared = await self._take_shared(account.bucket, cost, account.terms)
            except (OSError, UnavailableError, *allowances.FAILURES) as error:
                _log.warning("shared rates: %s; this process counts alone", error)
            else:
                if shared is not None:
                    return shared
        now_s = asyncio.get_running_loop().time()
        return self._buckets.take(account.bucket, cost, account.terms, now_s)

    async def give_back(self, account: Account, cost: int, taken: Taken) -> None:
        """Put back what was asked for and not needed, where it was taken from."""
        if account.terms is None or cost <= 0:
            return
        if not taken.is_shared:
            self._buckets.give_back(account.bucket, cost, account.terms)
        else:
            cost_us = round(cost / account.terms.per_second * _SECOND_US)
            try:
                await allowances.give_back(self._engine, account.bucket, cost_us)
            except (OSError, *allowances.FAILURES) as error:
                _log.warning("shared rates: %s", error)

    def may_attempt(self, address: str) -> Taken:
        """Tell whether somebody unknown at *address* may try to authenticate."""
        return self._attempt(address, 0)

    def count_failure(self, address: str) -> None:
        """Count a credential that nobody knows."""
        self._attempt(address, 1)

    def _attempt(self, address: str, cost: int) -> Taken:
        settings = self._settings
        if not settings.attempt_burst or not settings.attempts_per_minute:
            return Taken(is_granted=True, remaining=0)
        terms = Terms(settings.attempt_burst, settings.attempts_per_minute / _MINUTE_S)
        now_s = asyncio.get_running_loop().time()
        if cost:
            return self._attempts.take(address, cost, terms, now_s)
        return self._attempts.look(address, 1, terms, now_s)

    async def _take_shared(self, bucket: str, cost: int, terms: Terms) -> Taken | None:
        self._shared_takes += 1
        if self._shared_takes % _FORGET_EVERY == 0:
            await allowances.forget(self._engine)
        window_us = round(terms.window_s * _SECOND_US)
        cost_us = round(min(cost, terms.burst) / terms.per_second * _SECOND_US)
        found = await allowances.take(self._engine, bucket, cost_us, window_us)
        if found is None:
            return None
        is_granted, fills_us = found
        remaining = terms.remaining(fills_us / _SECOND_US, 0.0)
        retry_s = 0.0 if is_granted else (fills_us + cost_us - window_us) / _SECOND_US
        return Taken(is_granted, remaining, max(0.0, retry_s), is_shared=True)


def terms_of(settings: Settings, role: Role) -> Terms | None:
    """Return what a role may spend; None: any amount."""
    is_system = role is Role.INTEGRATOR
    burst = settings.system_rate_burst if is_system else settings.rate_burst
    per_second = (
        settings.system_rate_per_second if is_system else settings.rate_per_second
    )
    return Terms(burst, per_second) if burst and per_second else None
