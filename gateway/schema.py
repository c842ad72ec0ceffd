"""The schema, a function of what is installed."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from core.extension.registry import Registry
from gateway.plugin_types import PluginTypes
from gateway.queries import Query
from gateway.scalars import SCALARS
from gateway.types.rewards import RetiredFulfillment, RetiredReward


def build_schema(registry: Registry) -> strawberry.Schema:
    """Make the schema of an installation with these plugins."""
    types = PluginTypes(registry)
    return strawberry.Schema(
        query=Query,
        types=[RetiredReward, RetiredFulfillment, *types.outputs],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
