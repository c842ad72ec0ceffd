"""Types made of what plugins declare: they know pydantic, and nothing of GraphQL.

For each reward type: `XReward implements Reward`, `XFulfillment implements
Fulfillment`, `XTooYoung implements UserError` for a refusal `TooYoung`, and, where a
member has something to choose, `XOptionsInput` as a member of `RedemptionOptionsInput
@oneOf`. The classes are made anew for each schema.
"""

from functools import partial
from typing import Any

from pydantic import BaseModel

from core.extension.fields import shapes
from core.extension.names import pascal
from core.extension.registry import Registry
from core.extension.reward_documents import present_document
from core.extension.reward_type import AnyRewardType, Part
from gateway.plans.documents import Versioned, part_of
from gateway.plans.sources import document_member, row_type
from gateway.plugin_inputs import OptionInputs
from gateway.plugin_models import Models, described, first_line, provided_by
from gateway.refusals import Refusal, refusals_of
from gateway.types.common import Node
from gateway.types.rewards import Fulfillment, Reward


class PluginTypes:
    """The types of all plugins of a registry, for one schema."""

    def __init__(self, registry: Registry) -> None:
        self._models = Models()
        self.outputs: list[type] = []
        self.refusals: dict[tuple[str | None, str | None], Refusal] = {}
        """User errors of plugins."""
        for reward_type in registry.reward_types:
            plugin = registry.plugin_of(reward_type).name
            self._add_reward(reward_type, plugin)
            self._add_fulfillment(reward_type, plugin)
            self.refusals |= refusals_of(
                self._models, reward_type.code, plugin, reward_type.refusals
            )
        self.outputs += (refusal.kind for refusal in self.refusals.values())
        self.options = OptionInputs(registry, self._models)
        """What members choose."""

    def _add_reward(self, reward_type: AnyRewardType, plugin: str) -> None:
        code = reward_type.code
        decorate = row_type(
            description=first_line(type(reward_type)) or f"A reward of type {code}.",
            entity="reward",
            variant=code,
            document=_versioned(reward_type, Part.CONFIG, retires=True),
            directives=provided_by(plugin),
        )
        name, model = f"{pascal(code)}Reward", reward_type.config
        body = self._members(code, plugin, model, Part.CONFIG)
        self.outputs.append(decorate(type(name, (Reward, Node), body)))

    def _add_fulfillment(self, reward_type: AnyRewardType, plugin: str) -> None:
        code, model = reward_type.code, reward_type.fulfillment
        decorate = row_type(
            description=first_line(model) or f"What {code} gives.",
            variant=code,
            document=_versioned(reward_type, Part.FULFILLMENT, retires=False),
            directives=provided_by(plugin),
        )
        name = f"{pascal(code)}Fulfillment"
        body = self._members(code, plugin, model, Part.FULFILLMENT)
        self.outputs.append(decorate(type(name, (Fulfillment,), body)))

    def _members(
        self, code: str, plugin: str, model: type[BaseModel], part: Part
    ) -> dict[str, Any]:
        """Return the fields of a reward or fulfillment."""
        body: dict[str, Any] = {"__annotations__": {}}
        for shape in shapes(model):
            kind, convert = self._models.output(code, plugin, model, shape)
            body["__annotations__"][shape.name] = kind
            body[shape.name] = document_member(
                part, part_of(shape), description=described(shape), convert=convert
            )
        return body


def _versioned(reward_type: AnyRewardType, part: Part, *, retires: bool) -> Versioned:
    return Versioned(
        attribute=part,
        version=reward_type.version,
        read=partial(present_document, reward_type, part),
        retires=retires,
    )
