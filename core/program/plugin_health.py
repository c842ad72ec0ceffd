"""How the plugins do: in this process, and in the redemptions that wait for them."""

from dataclasses import dataclass

from core.actors import Actor, Scope
from core.engine import Engine
from core.extension.breaker import State
from core.extension.loading import PluginInfo
from core.program.access import needs

_OPEN = (
    "SELECT reward_type, count(*), "
    "sum(CASE WHEN review_at_us <= $1 THEN 1 ELSE 0 END) FROM redemption "
    "WHERE next_attempt_us IS NOT NULL GROUP BY reward_type"
)


@dataclass(frozen=True, slots=True)
class PluginReport:
    """One plugin.

    Attributes:
        info: where it comes from, and what it brings.
        state: of its circuit breaker in this process.
        running: its calls under way in this process.
        open: redemptions that wait for its answer, whoever asks.
        in_review: those of them that wait for a person.
    """

    info: PluginInfo
    state: State
    running: int
    open: int
    in_review: int


@needs(Scope.PLUGINS_READ)
async def plugin_reports(
    engine: Engine,
    *,
    by: Actor,  # noqa: ARG001  (`needs` looks at it)
) -> list[PluginReport]:
    """Return how each plugin does, by name.

    Raises:
        ForbiddenError: the caller lacks `plugins:read`.
    """
    return await reports(engine)


async def reports(engine: Engine) -> list[PluginReport]:
    """Return how each plugin does, for the operator of the installation."""
    now_us = engine.clock.now_us()
    rows = await engine.database.read(_OPEN, now_us, bounded=False)
    waiting = {code: (count, reviewed) for code, count, reviewed in rows}
    health = engine.host.health()
    found = []
    for info in engine.registry.plugins:
        codes = [
            one.code
            for one in engine.registry.reward_types
            if engine.registry.plugin_of(one) is info
        ]
        counts = [waiting.get(code, (0, 0)) for code in codes]
        state = health[info.name]
        found.append(
            PluginReport(
                info,
                state.state,
                state.running,
                sum(count for count, _ in counts),
                sum(reviewed for _, reviewed in counts),
            )
        )
    return found
