"""A plugin as its folder tells it: the `pyproject.toml`, and where its modules lie."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.checking.findings import Finding, fault

_PROJECT = "pyproject.toml"
_NORMAL = re.compile(r"[-_.]+")
_END_OF_NAME = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with a `pyproject.toml`, or a module by itself.

    Attributes:
        folder: where the project, or else the module, lies.
        entry_points: the module of each plugin, by name.
        project: the table `project`; None for a module by itself.
    """

    folder: Path
    entry_points: dict[str, str]
    project: dict[str, Any] | None = field(default=None, repr=False)

    @classmethod
    def read(cls, path: Path) -> "Package | Finding":
        """Read what lies at *path*."""
        if path.is_file():
            return _module(path)
        file = path / _PROJECT
        if not file.is_file():
            text = f"there is no {_PROJECT} in {path}; name a module, or write one"
            return fault("packaging", text)
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            return fault("packaging", f"{_PROJECT} cannot be read: {error}")
        table = document.get("project")
        if not isinstance(table, dict):
            return fault("packaging", f"{_PROJECT} has no table [project]; add it")
        points = table.get("entry-points", {}).get("guerdon", {})
        named = {str(name): str(target) for name, target in points.items()}
        return cls(path, named, table)

    @property
    def name(self) -> str:
        """Name of the distribution; empty if it has none."""
        return str((self.project or {}).get("name", ""))

    @property
    def version(self) -> str | None:
        """Version of the distribution; None if it is worked out when it is built."""
        found = (self.project or {}).get("version")
        return None if found is None else str(found)

    @property
    def dependencies(self) -> frozenset[str]:
        """Normalized names of what it depends on."""
        lines = (self.project or {}).get("dependencies", [])
        return frozenset(normal(_END_OF_NAME.split(str(one))[0]) for one in lines)

    @property
    def modules(self) -> frozenset[str]:
        """Top-level names of the modules that its entry points name."""
        return frozenset(top_level(target) for target in self.entry_points.values())

    def is_dynamic(self, key: str) -> bool:
        """Tell whether a key of the project is worked out when it is built."""
        return key in (self.project or {}).get("dynamic", [])

    def roots(self) -> list[Path]:
        """Return where its modules may lie."""
        return [one for one in (self.folder / "src", self.folder) if one.is_dir()]

    def sources(self, module: str) -> list[Path]:
        """Return the source files of a top-level module or package of this folder."""
        return [
            path
            for root in self.roots()
            for path in (root / f"{module}.py", *sorted((root / module).rglob("*.py")))
            if path.is_file()
        ]

    def tests(self) -> Iterator[Path]:
        """Yield the files with tests."""
        for pattern in ("test_*.py", "*_test.py"):
            yield from self.folder.glob(pattern)
            for name in ("test", "tests"):
                yield from (self.folder / name).rglob(pattern)


def normal(name: str) -> str:
    """Return the name of a distribution in the form in which names are compared."""
    return _NORMAL.sub("-", name).lower()


def top_level(target: str) -> str:
    """Return the top-level module of an entry point's target."""
    return target.partition(":")[0].partition(".")[0].strip()


def _module(path: Path) -> Package:
    """Return a module by itself, which may lie in a package."""
    folder, names = path.parent, [path.stem]
    while (folder / "__init__.py").is_file():
        folder, names = folder.parent, [folder.name, *names]
    if names[-1] == "__init__":
        names.pop()
    return Package(folder, {names[0]: ".".join(names)})
