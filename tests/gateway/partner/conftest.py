"""The gateway with a partner's lounge, and a member with 310 points."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from core.actors import Role
from core.engine import Engine
from core.extension.registry import Registry
from core.program import definition, tokens
from core.settings import Settings
from gateway.app import create_app
from plugins import purchase
from tests.conftest import PROGRAM
from tests.gateway.conftest import Api
from tests.gateway.partner.acme import GRAZ, VIENNA, Lounge, Plugin

Shop = Callable[[str], Awaitable[Api]]


@pytest.fixture
def partner() -> Lounge:
    return Lounge()


@pytest.fixture
def registry(partner: Lounge) -> Registry:
    return Registry.of(purchase, Plugin(partner))


@pytest.fixture
def program() -> dict[str, Any]:
    rules = [one for one in PROGRAM["rules"] if one["activity"] == "purchase"]  # type: ignore[index]
    return {**PROGRAM, "rules": rules, "rewards": [VIENNA, GRAZ]}


@pytest.fixture
async def program_id(engine: Engine, program: dict[str, Any]) -> int:
    return await definition.apply(engine, program)


@pytest.fixture
async def shop_api(caller: Any) -> Api:
    """The shop's own system."""
    found: Api = await caller("integrator")
    return found


@asynccontextmanager
async def opened(
    url: str, registry: Registry, clock: Any
) -> AsyncIterator[tuple[Engine, Callable[..., Awaitable[Api]]]]:
    """The same database with other plugins, and its callers."""
    async with Engine.open(Settings(database_url=url), registry, clock) as engine:
        app = create_app(engine)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test"
        ) as client:

            async def make(role: str, holder_id: int | None = None) -> Api:
                program_id = await definition.find(engine)
                assert program_id is not None
                secret = await tokens.create(
                    engine, program_id=program_id, role=Role(role), holder_id=holder_id
                )
                return Api(engine, app, client, program_id, secret)

            yield engine, make
