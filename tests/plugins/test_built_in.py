"""The built-in plugins are declared as a partner's are, all of them, and load."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

from core.extension.registry import Registry

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DECLARED: dict[str, str] = PROJECT["project"]["entry-points"]["guerdon"]


def test_every_module_is_declared() -> None:
    modules = {path.stem for path in (ROOT / "plugins").glob("*.py")} - {"__init__"}

    assert {name: f"plugins.{name}" for name in modules} == DECLARED


def test_all_load_together() -> None:
    points = [EntryPoint(name, path, "guerdon") for name, path in DECLARED.items()]

    registry = Registry.of(*(point.load() for point in points))

    assert [one.code for one in registry.reward_types] == [
        "discount",
        "donation",
        "experience",
        "free_shipping",
    ]
    assert [one.code for one in registry.earning_actions] == [
        "purchase",
        "review",
        "sign_up",
    ]


def test_module_is_named_after_what_it_brings() -> None:
    points = [EntryPoint(name, path, "guerdon") for name, path in DECLARED.items()]

    registry = Registry.of(*(point.load() for point in points))

    for plugin in registry.plugins:
        (brought,) = plugin.brings
        assert brought.split()[-1] == plugin.module.removeprefix("plugins.")
