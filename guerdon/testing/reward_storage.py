"""What storage and the API rely on in a reward type."""

import json
from collections.abc import Callable

from pydantic import BaseModel

from core.extension.documents import write
from core.extension.fields import check_model
from core.extension.registry import Registry
from core.extension.reward_documents import (
    accept_config,
    read_config,
    read_fulfillment,
    read_options,
)
from core.extension.reward_type import AnyRewardType, Part
from guerdon.testing.samples import Bundle, RewardTypeSamples


class StorageTests(RewardTypeSamples):
    """Its models can be loaded, stored, read again and published."""

    def test_loads(self) -> None:
        """Guerdon starts with it: code, models, descriptions and types are fine."""
        registry = Registry.of(Bundle(self.reward_type))

        assert registry.reward_types == (self.reward_type,)

    def test_config_survives_storage(self) -> None:
        """The catalog keeps configs, and an operator may enter this one."""
        text = write(self.config)

        version = self.reward_type.version
        assert read_config(self.reward_type, text, version) == self.config
        values = self.config.model_dump()
        assert accept_config(self.reward_type, values) == self.config

    def test_options_survive_storage(self) -> None:
        """Recovery asks with the options as they were stored."""
        text = None if self.options is None else write(self.options)

        version = self.reward_type.version
        assert read_options(self.reward_type, text, version) == self.options

    def test_fulfillment_survives_storage(self) -> None:
        """A member may look at it years later."""
        fulfillment = self.with_host(self.fulfilled)

        text = write(fulfillment)
        version = self.reward_type.version
        assert read_fulfillment(self.reward_type, text, version) == fulfillment

    def test_refusals_can_be_published(self) -> None:
        """Clients get the details of a refusal as a typed error of the API."""
        for model in self.reward_type.refusals:
            check_model(model)

    def test_old_documents_are_upgraded(self) -> None:
        """Stored data keeps the version it was written with, for ever."""
        read: dict[Part, Callable[[AnyRewardType, str, int], BaseModel | None]] = {
            Part.CONFIG: read_config,
            Part.OPTIONS: read_options,
            Part.FULFILLMENT: read_fulfillment,
        }
        if self.reward_type.version > 1:
            assert self.stored, "give a sample of each earlier version in `stored`"
        for old in self.stored:
            text = json.dumps(old.document)
            model = read[old.part](self.reward_type, text, old.version)
            assert isinstance(model, getattr(self.reward_type, old.part))
