"""The registry: an index of what plugins bring, and loud about anything wrong."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from types import ModuleType
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model

from core.errors import PluginLoadError
from core.extension.answers import Unknown
from core.extension.earning_action import EarningAction
from core.extension.hookspecs import hookimpl
from core.extension.loading import PluginInfo
from core.extension.money import Money
from core.extension.registry import Registry
from core.extension.reward_type import RewardRequest, RewardType
from core.extension.visibility import Visibility
from plugins import discount, donation, experience, free_shipping, purchase
from plugins.discount import Discount


class Config(BaseModel):
    airport: str = Field(description="Where.")


class Pass(BaseModel):
    ticket: str = Field(description="Shown at the desk.")


class Lounge(RewardType[Config, None, Pass]):
    code = "lounge"
    config, options, fulfillment = Config, None, Pass

    def fulfill(self, request: RewardRequest[Config, None]) -> Pass:
        return Pass(ticket=request.token)

    def probe(self, request: RewardRequest[Config, None]) -> Unknown:
        return Unknown()


class Visit(BaseModel):
    visit_id: str = Field(description="Id of the visit.")


class Visiting(EarningAction[Visit]):
    code = "visiting"
    payload = Visit

    def reference(self, payload: Visit) -> str:
        return payload.visit_id


def plugin_of(
    *reward_types: object, actions: Iterable[object] = (), name: str = "acme_lounge"
) -> ModuleType:
    """Make a plugin module that brings these."""
    module = ModuleType(name)

    @hookimpl
    def register_reward_types() -> Iterable[Any]:
        return list(reward_types)

    @hookimpl
    def register_earning_actions() -> Iterable[Any]:
        return list(actions)

    vars(module).update(
        register_reward_types=register_reward_types,
        register_earning_actions=register_earning_actions,
    )
    return module


def changed(kind: type, **attributes: object) -> Any:
    """Make an instance of *kind* with other class attributes."""
    return type(kind.__name__, (kind,), attributes)()


def complaint(*plugins: object) -> PluginLoadError:
    with pytest.raises(PluginLoadError) as caught:
        Registry.of(*plugins)
    return caught.value


def test_index_finds_by_code() -> None:
    registry = Registry.of(discount, purchase, free_shipping)

    found = registry.reward_type("discount")
    assert isinstance(found, Discount)
    assert registry.reward_types[0] is found
    assert [one.code for one in registry.reward_types] == ["discount", "free_shipping"]
    assert [one.code for one in registry.earning_actions] == ["purchase"]
    assert registry.earning_action("purchase") is registry.earning_actions[0]


def test_unknown_code_is_none() -> None:
    registry = Registry.of(discount, purchase)

    assert registry.reward_type("purchase") is None
    assert registry.earning_action("discount") is None


def test_plugins_say_what_they_bring() -> None:
    registry = Registry.of(discount, plugin_of(Lounge(), actions=[Visiting()]))

    assert registry.plugins == (
        PluginInfo(
            name="plugins.discount",
            module="plugins.discount",
            distribution=None,
            version=None,
            brings=("reward type discount",),
            settings=(
                ("GUERDON_PLUGIN_PLUGINS_DISCOUNT_CALLBACK_SECRET", False, True),
            ),
        ),
        PluginInfo(
            name="acme_lounge",
            module="acme_lounge",
            distribution=None,
            version=None,
            brings=("reward type lounge", "earning action visiting"),
            settings=(("GUERDON_PLUGIN_ACME_LOUNGE_CALLBACK_SECRET", False, True),),
        ),
    )


def test_what_was_brought_leads_to_its_plugin() -> None:
    registry = Registry.of(discount, donation)
    (first, second) = registry.reward_types

    assert registry.plugin_of(first).module == "plugins.discount"
    assert registry.plugin_of(second).module == "plugins.donation"
    with pytest.raises(LookupError, match="discount was not loaded by this registry"):
        registry.plugin_of(Discount())


def test_duplicate_code_names_both_plugins() -> None:
    error = complaint(discount, plugin_of(changed(Lounge, code="discount")))

    assert error.plugin == "acme_lounge"
    assert error.reason == (
        "the code 'discount' is taken by plugin 'plugins.discount'; rename one, or "
        "start with --skip-plugin acme_lounge"
    )


def test_duplicate_earning_action_names_both_plugins() -> None:
    error = complaint(purchase, plugin_of(actions=[changed(Visiting, code="purchase")]))

    assert error.plugin == "acme_lounge"
    assert error.reason.startswith("the code 'purchase' is taken by plugin 'plugins.pu")


def test_codes_that_publish_one_name_clash() -> None:
    class OtherConfig(Config):
        pass

    other = changed(Lounge, code="loun_ge", config=OtherConfig)
    plain = changed(Lounge, code="lounge")
    assert Registry.of(plugin_of(other), plugin_of(plain, name="b")).plugins

    error = complaint(
        plugin_of(changed(Lounge, code="x_1", config=OtherConfig)),
        plugin_of(changed(Lounge, code="x1"), name="other"),
    )

    assert error.plugin == "acme_lounge"
    assert error.reason == (
        "x_1 would publish OtherConfig as X1Reward, the name of Config of x1 of plugin "
        "'other'; rename a code or a model, or start with --skip-plugin acme_lounge"
    )


def test_refusals_take_part_in_the_clash_of_names() -> None:
    inner = type("TooYoung", (Pass,), {})
    shown = create_model("Shown", who=(inner, Field(description="Who.")))

    error = complaint(
        plugin_of(changed(Lounge, fulfillment=shown, refusals=(TooYoung,)))
    )

    assert error.plugin == "acme_lounge"
    assert error.reason.startswith(
        "lounge would publish TooYoung as LoungeTooYoung, the name of TooYoung of "
    )


def nested_in(name: str) -> type[BaseModel]:
    class Size(StrEnum):
        SMALL = "s"

    namespace = {
        "__annotations__": {"size": Size},
        "size": Field(description="How large."),
        "__module__": __name__,
    }
    return type(name, (BaseModel,), namespace)


def test_nested_types_of_one_name_clash() -> None:
    error = complaint(
        plugin_of(
            changed(Lounge, config=nested_in("A"), fulfillment=nested_in("B")),
        )
    )

    assert "lounge would publish Size as LoungeSize, the name of Size" in error.reason


class UndescribedConfig(BaseModel):
    airport: str


class FloatConfig(BaseModel):
    weight: float = Field(description="Weight.")


class NamedConfig(BaseModel):
    name: str = Field(description="Name.")


class Hidden(BaseModel):
    number: Annotated[str, Visibility.STAFF] = Field(description="Secret.")


class HidingOptions(BaseModel):
    inner: list[Hidden] = Field(description="More.")


class TooYoung(BaseModel):
    minimum_age: int = Field(description="Years.")


class CodedRefusal(BaseModel):
    code: str = Field(description="Taken.")


class OutOfStock(TooYoung):
    pass


class UsedConfig(BaseModel):
    airport: str = Field(description="Where.")
    young: TooYoung = Field(description="Who.")


class RedemptionPass(BaseModel):
    redemption: str = Field(description="Number.")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"code": "Lounge"}, "Lounge: the code 'Lounge' is not snake_case"),
        ({"code": "two__parts"}, "Lounge: the code 'two__parts' is not snake_case"),
        ({"code": "x" * 51}, f"Lounge: the code '{'x' * 51}' is not snake_case"),
        ({"code": 7}, "Lounge: the code 7 is not snake_case of at most 50 characters"),
        ({"code": None}, 'Lounge: there is no code; set code = "..." in the class'),
        ({"code": "retired"}, "Lounge: the code 'retired' is reserved"),
        ({"version": 0}, "Lounge: version must be a whole number from 1"),
        ({"deadline_seconds": 0}, "Lounge: deadline_seconds must be a number above 0"),
        ({"config": None}, "Lounge: config must be a pydantic model class"),
        ({"options": 7}, "Lounge: options must be a pydantic model class"),
        ({"fulfillment": Pass(ticket="x")}, "Lounge: fulfillment must be a pydantic"),
        (
            {"config": UndescribedConfig},
            "Lounge: UndescribedConfig.airport has no description",
        ),
        (
            {"options": UndescribedConfig},
            "Lounge: UndescribedConfig.airport has no description",
        ),
        (
            {"fulfillment": UndescribedConfig},
            "Lounge: UndescribedConfig.airport has no description",
        ),
        ({"config": FloatConfig}, "Lounge: FloatConfig.weight is a float"),
        (
            {"config": NamedConfig},
            "Lounge: NamedConfig.name is a field that every config shows already",
        ),
        (
            {"fulfillment": RedemptionPass},
            "Lounge: RedemptionPass.redemption is a field that every fulfillment shows",
        ),
        (
            {"options": HidingOptions},
            "Lounge: Hidden.number has a Visibility, which means nothing in options",
        ),
        (
            {"refusals": [TooYoung]},
            "Lounge: refusals must be a tuple of pydantic model classes",
        ),
        (
            {"refusals": ("TooYoung",)},
            "Lounge: a refusal must be a pydantic model class",
        ),
        (
            {"refusals": (UndescribedConfig,)},
            "Lounge: UndescribedConfig.airport has no description",
        ),
        ({"refusals": (FloatConfig,)}, "Lounge: FloatConfig.weight is a float"),
        (
            {"refusals": (CodedRefusal,)},
            "Lounge: CodedRefusal.code is a field that every refusal shows already",
        ),
        (
            {"refusals": (Hidden,)},
            "Lounge: Hidden.number has a Visibility, which means nothing in a refusal",
        ),
        (
            {"refusals": (OutOfStock,)},
            "Lounge: OutOfStock would have the code OUT_OF_STOCK of Guerdon's own",
        ),
        (
            {"refusals": (TooYoung, type("TooYoung", (TooYoung,), {}))},
            "Lounge: two refusals are called TooYoung; rename one",
        ),
        (
            {"refusals": (TooYoung,), "config": UsedConfig},
            "Lounge: TooYoung is part of another model, too",
        ),
        ({"refusals": (Money,)}, "Lounge: Money is part of another model, too"),
    ],
)
def test_wrong_reward_type_is_named(attributes: dict[str, Any], reason: str) -> None:
    error = complaint(plugin_of(changed(Lounge, **attributes)))

    assert error.plugin == "acme_lounge"
    assert error.reason.startswith(reason)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"code": "order-paid"}, "Visiting: the code 'order-paid' is not snake_case"),
        ({"version": True}, "Visiting: version must be a whole number from 1"),
        ({"trust": "anybody"}, "Visiting: trust must be a member of Trust"),
        ({"uniqueness": None}, "Visiting: uniqueness must be a member of Uniqueness"),
        (
            {"payload": UndescribedConfig},
            "Visiting: UndescribedConfig.airport has no description",
        ),
        ({"payload": FloatConfig}, "Visiting: FloatConfig.weight is a float"),
        (
            {"payload": HidingOptions},
            "Visiting: Hidden.number has a Visibility, which means nothing in payload",
        ),
    ],
)
def test_wrong_earning_action_is_named(attributes: dict[str, Any], reason: str) -> None:
    error = complaint(plugin_of(actions=[changed(Visiting, **attributes)]))

    assert error.reason.startswith(reason)


def test_missing_options_are_not_none() -> None:
    class Forgetful(RewardType[Config, None, Pass]):
        code = "forgetful"
        config, fulfillment = Config, Pass
        fulfill = Lounge.fulfill
        probe = Lounge.probe

    error = complaint(plugin_of(Forgetful()))

    assert error.reason == "Forgetful: options must be a pydantic model class"


def test_class_instead_of_instance_is_named() -> None:
    error = complaint(plugin_of(Lounge))

    assert error.reason == (
        "register_reward_types returned the class Lounge; return an instance"
    )


def test_stranger_is_named() -> None:
    error = complaint(plugin_of(Visiting()))

    assert error.reason.startswith("register_reward_types returned <")
    assert error.reason.endswith("which is no RewardType")


def hook(function: Callable[..., Any], name: str) -> ModuleType:
    module = plugin_of(Lounge())
    setattr(module, name, hookimpl(function))
    return module


def nothing() -> list[Any]:
    return []


def test_unknown_hook_is_named() -> None:
    error = complaint(hook(nothing, "register_reward_typs"))

    assert error.plugin == "acme_lounge"
    assert "unknown hook 'register_reward_typs'" in error.reason
    assert error.reason.endswith(
        "the hooks are register_earning_actions, register_reward_types, "
        "register_settings; the only argument is settings, of those that return what "
        "the plugin brings"
    )


def test_hook_with_unknown_argument_is_named() -> None:
    error = complaint(hook(lambda config: [config], "register_reward_types"))

    assert error.reason.startswith("Plugin 'acme_lounge' for hook 'register_reward_t")
    assert error.reason.endswith(
        "Argument(s) {'config'} are declared in the hookimpl but can not be found in "
        "the hookspec; the hooks are register_earning_actions, register_reward_types, "
        "register_settings; the only argument is settings, of those that return what "
        "the plugin brings"
    )


def test_raising_hook_is_named() -> None:
    error = complaint(hook(lambda: 1 // 0, "register_reward_types"))

    assert error.reason == (
        "register_reward_types raised ZeroDivisionError: integer division or modulo by "
        "zero"
    )


def test_forgotten_marker_is_named() -> None:
    module = ModuleType("acme_lounge")
    vars(module)["register_reward_types"] = lambda: [Lounge()]

    error = complaint(module)

    assert error.reason == (
        "brings nothing; mark its hooks with @hookimpl: register_earning_actions, "
        "register_reward_types, register_settings"
    )


def test_same_module_twice_is_named() -> None:
    module = plugin_of(Lounge())
    error = complaint(discount, module, module)

    assert error.plugin == "acme_lounge"
    assert error.reason == (
        "two installed packages have a plugin of this name; uninstall one"
    )


def test_built_in_plugins_load_together() -> None:
    registry = Registry.of(discount, donation, experience, free_shipping, purchase)

    assert [one.code for one in registry.reward_types] == [
        "discount",
        "donation",
        "experience",
        "free_shipping",
    ]
