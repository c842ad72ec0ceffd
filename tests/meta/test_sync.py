"""What is said in two places says the same."""

import ast
import importlib
import re
import tomllib
from dataclasses import fields
from importlib.metadata import entry_points
from pathlib import Path

import guerdon
from core import errors
from core.extension.registry import Registry
from core.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]


def test_installed_plugins_are_those_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    declared = project["project"]["entry-points"]["guerdon"]
    installed = {
        point.name: point.value
        for point in entry_points(group="guerdon")
        if point.dist is not None and point.dist.name == "guerdon"
    }

    assert installed == declared, "install again: pip install -e ."
    assert {one.name for one in Registry.installed().plugins} >= set(declared)


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text()

    rows = dict(
        re.findall(r"^\| `(GUERDON_\w+)` \| `([^`]*)` \|", readme, re.MULTILINE)
    )

    assert rows == {
        PREFIX + one.name.upper(): str(one.default) for one in fields(Settings)
    }


def test_the_facade_exports_what_it_lists() -> None:
    listed = guerdon.__all__

    assert listed == sorted(listed)
    for name in listed:
        assert hasattr(guerdon, name)


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn: dict[str, str] = {}
    parents: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ([│ ├└─]*)(\w+Error)\b", line):
            depth = len(match[1]) // 4
            parents[depth] = match[2]
            drawn[match[2]] = parents[depth - 1] if depth else "Exception"

    actual = {
        name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__
    }

    assert drawn == actual


def test_error_codes_are_unique() -> None:
    classes = [getattr(errors, name) for name in errors.__all__]

    codes = [kind.code for kind in classes if "code" in vars(kind)]

    assert len(codes) == len(set(codes))


def test_every_module_says_what_it_is_for() -> None:
    for package in ("core", "gateway", "guerdon", "plugins"):
        for path in (ROOT / package).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text())), path


def test_every_module_can_be_imported() -> None:
    for package in ("core", "gateway", "guerdon", "plugins"):
        for path in (ROOT / package).rglob("*.py"):
            relative = path.relative_to(ROOT).with_suffix("")
            if "migrations" in relative.parts:
                continue
            importlib.import_module(".".join(relative.parts).removesuffix(".__init__"))
