"""Installed plugins: found by their metadata, and loud when something is wrong."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import PluginLoadError
from core.extension.registry import Registry

WORKING = """
from guerdon import hookimpl
from plugins.discount import Discount

class {title}(Discount):
    code = "{name}"

@hookimpl
def register_reward_types():
    return [{title}()]
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a module and its metadata where pip would."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def install(name: str, body: str = WORKING, *, entry: str | None = None) -> None:
        text = body.replace("{name}", name).replace("{title}", name.title())
        (tmp_path / f"{name}.py").write_text(text)
        metadata = tmp_path / f"{name}-2.1.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}-rewards\nVersion: 2.1\n"
        )
        point = f"{entry or name} = {name}"
        (metadata / "entry_points.txt").write_text(f"[guerdon]\n{point}\n")

    yield install
    for name in set(sys.modules) - before:
        if (tmp_path / f"{name}.py").exists():
            del sys.modules[name]


def complaint() -> PluginLoadError:
    with pytest.raises(PluginLoadError) as caught:
        Registry.installed()
    return caught.value


def test_partners_plugins_are_found(install: Install) -> None:
    install("zeta")
    install("alpha")

    registry = Registry.installed()

    found = [one for one in registry.plugins if one.distribution != "guerdon"]
    assert [(one.name, one.distribution, one.version) for one in found] == [
        ("alpha", "alpha-rewards", "2.1"),
        ("zeta", "zeta-rewards", "2.1"),
    ]


def test_broken_import_says_what_to_do(install: Install) -> None:
    install("broken", "import acme_is_missing\n")

    error = complaint()

    assert error.plugin == "broken"
    assert error.reason == (
        "cannot be imported (ModuleNotFoundError: No module named 'acme_is_missing'); "
        "repair or uninstall it, or start with --skip-plugin broken"
    )


def test_module_that_ends_the_process_does_not(install: Install) -> None:
    install("rude", "raise SystemExit(3)\n")

    assert complaint().reason.startswith("cannot be imported (SystemExit: 3)")


def test_two_packages_with_one_plugin_name(install: Install) -> None:
    install("first", entry="same")
    install("second", entry="same")

    error = complaint()

    assert error.plugin == "same"
    assert error.reason == (
        "two installed packages have a plugin of this name; uninstall one"
    )


def test_two_names_for_one_module(install: Install, tmp_path: Path) -> None:
    install("acme")
    metadata = tmp_path / "acme-2.1.dist-info" / "entry_points.txt"
    metadata.write_text("[guerdon]\nacme = acme\nacme_again = acme\n")

    error = complaint()

    assert error.plugin == "acme_again"
    assert error.reason == (
        "is the same module as plugin 'acme'; remove one entry point"
    )


def test_skipping_starts_without_a_broken_one(install: Install) -> None:
    install("broken", "import acme_is_missing\n")

    registry = Registry.installed(skip=["broken"])

    assert "broken" not in [one.name for one in registry.plugins]


def test_skipping_what_is_not_there_is_a_mistake(install: Install) -> None:
    install("acme")

    with pytest.raises(PluginLoadError) as caught:
        Registry.installed(skip=["acne"])

    assert caught.value.plugin == "acne"
    assert caught.value.reason.startswith("cannot be skipped, as it is not installed; ")
