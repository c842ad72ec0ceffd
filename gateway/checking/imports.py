"""Checks of what a plugin imports: read from its source, without running it."""

import ast
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

from gateway.checking.findings import Finding, fault, ok
from gateway.checking.project import Package, normal

FORBIDDEN = frozenset({"core", "gateway", "graphql", "plugins", "strawberry"})
"""Modules that no plugin imports: behind `guerdon` everything may change."""

_ALLOWED = frozenset({"guerdon", "pydantic", "pydantic_core", "typing_extensions"})
_KIT = "guerdon.testing"
_TOPIC = "imports"


class _Import(NamedTuple):
    """A line that imports something."""

    path: Path
    line: int
    module: str

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def check_imports(package: Package) -> Iterator[Finding]:
    """Check that its modules, and those that they need, import only what they may."""
    providers = packages_distributions()
    is_clean = True
    for one in _all_imports(package):
        reason = _objection(package, one, providers)
        if reason is not None:
            is_clean = False
            where = f"{one.path.relative_to(package.folder)}:{one.line}"
            yield fault(_TOPIC, f"{where} imports {one.module}{reason}")
    if is_clean:
        yield ok(_TOPIC, "only what a plugin may import")


def _objection(
    package: Package, found: _Import, providers: Mapping[str, list[str]]
) -> str | None:
    """Say why something must not be imported; None if it may."""
    top = found.top
    if top in FORBIDDEN:
        return "; a plugin imports guerdon and pydantic only"
    if found.module == _KIT or found.module.startswith(f"{_KIT}."):
        return "; the kit belongs in tests, an installation has no pytest"
    if top in sys.stdlib_module_names or top in _ALLOWED:
        return None
    names = {normal(one) for one in (top, *providers.get(top, ()))}
    if package.sources(top) or names & package.dependencies:
        return None
    return ", which no dependency brings; add it to the dependencies"


def _all_imports(package: Package) -> Iterator[_Import]:
    """Yield the imports of its modules, and of the folder's others that they need."""
    waiting, seen = sorted(package.modules), set(package.modules)
    while waiting:
        for path in package.sources(waiting.pop()):
            for found in _imports(path):
                yield found
                if found.top not in seen and found.top not in FORBIDDEN:
                    seen.add(found.top)
                    waiting.append(found.top)


def _imports(path: Path) -> Iterator[_Import]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return  # loading it says what is wrong
    for node in ast.walk(tree):
        for module in _modules(node):
            yield _Import(path, getattr(node, "lineno", 0), module)


def _modules(node: ast.AST) -> Iterator[str]:
    """Yield the modules that a statement or a call imports."""
    match node:
        case ast.Import(names=names):
            yield from (one.name for one in names)
        case ast.ImportFrom(module="guerdon", names=names, level=0):
            yield from (_KIT if one.name == "testing" else "guerdon" for one in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name),
            args=[ast.Constant(value=str(module)), *_],
        ) if name in {"__import__", "import_module"}:
            yield module
