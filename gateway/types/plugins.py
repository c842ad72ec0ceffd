"""Plugins, as operators see them."""

from enum import Enum
from typing import Self

import strawberry

from core.program.plugin_health import PluginReport
from gateway.scalars import SafeInt


@strawberry.enum(description="Whether a plugin is asked, in the process that answers.")
class PluginState(Enum):
    """See the description."""

    CLOSED = strawberry.enum_value("CLOSED", description="It is asked.")
    OPEN = strawberry.enum_value(
        "OPEN", description="It kept failing, and is left alone for a while."
    )
    TRYING = strawberry.enum_value(
        "TRYING", description="The pause is over: the next call tries it again."
    )


@strawberry.type(description="A plugin that is loaded.")
class Plugin:
    """See the description."""

    name: str = strawberry.field(description="Name of its entry point.")
    distribution: str | None = strawberry.field(
        description="Installed package that it belongs to."
    )
    version: str | None = strawberry.field(description="Version of that package.")
    brings: list[str] = strawberry.field(
        description="What it brings, such as `reward type discount`."
    )
    state: PluginState = strawberry.field(description="Whether it is asked.")
    running: SafeInt = strawberry.field(
        description="Its calls under way, in the process that answers."
    )
    open_redemptions: SafeInt = strawberry.field(
        description="Redemptions that wait for its answer."
    )
    in_review: SafeInt = strawberry.field(
        description="Redemptions of it that wait for a person."
    )

    @classmethod
    def of(cls, report: PluginReport) -> Self:
        """Show a report."""
        return cls(
            name=report.info.name,
            distribution=report.info.distribution,
            version=report.info.version,
            brings=list(report.info.brings),
            state=PluginState(report.state.value),
            running=SafeInt(report.running),
            open_redemptions=SafeInt(report.open),
            in_review=SafeInt(report.in_review),
        )
