"""The schema, a function of what is installed."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from core.extension.registry import Registry
from gateway import rights
from gateway.limits.weights import weigh
from gateway.mutations import build_mutation
from gateway.plugin_types import PluginTypes
from gateway.quoting import build_query
from gateway.scalars import SCALARS
from gateway.subscriptions import Subscription
from gateway.types.rewards import RetiredFulfillment, RetiredReward
from gateway.user_errors import TYPES


def build_schema(registry: Registry) -> strawberry.Schema:
    """Make the schema of an installation with these plugins."""
    types = PluginTypes(registry)
    schema = strawberry.Schema(
        query=build_query(types),
        mutation=build_mutation(types),
        subscription=Subscription,
        types=[RetiredReward, RetiredFulfillment, *TYPES, *types.outputs],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    weigh(schema._schema)  # noqa: SLF001  (see gateway/execution.py)
    rights.mark(schema._schema)  # noqa: SLF001  (see gateway/execution.py)
    return schema
