"""Checks of how a plugin is packaged: names, entry points, what it depends on."""

import re
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

from gateway.checking.findings import Finding, fault, ok, warning
from gateway.checking.project import Package, normal, top_level

OURS = ("core", "gateway", "guerdon", "plugins")
"""Our own packages: one of the same name would overwrite them."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_PLUGIN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LEAST = re.compile(r"(?:>=|~=|==)\s*3\.(\d+)")
_EXAMPLE = 'acme_lounge = "acme_lounge"'
_TOPIC = "packaging"


def check_packaging(package: Package) -> Iterator[Finding]:
    """Check what becomes of a package when it is built and installed."""
    checks = [_check_entry_points, _check_overwriting]
    if package.project is not None:
        checks += [_check_name, _check_dependencies, _check_python]
    for check in checks:
        yield from check(package)
    if package.project is not None and not any(map(_uses_kit, package.tests())):
        text = "no test uses guerdon.testing; subclass a contract of the kit"
        yield warning("tests", text)


def _check_entry_points(package: Package) -> Iterator[Finding]:
    if package.is_dynamic("entry-points"):
        yield warning(_TOPIC, "entry points are dynamic; write them down")
    elif not package.entry_points:
        text = f"no plugin is declared; add [project.entry-points.guerdon] {_EXAMPLE}"
        yield fault(_TOPIC, text + _misplaced(package))
    for name, target in package.entry_points.items():
        top = top_level(target)
        if top in OURS:
            yield fault(_TOPIC, f"the module {top!r} would overwrite ours; rename it")
        elif not package.sources(top):
            text = f"entry point {name}: there is no module {top!r} in the folder"
            yield fault(_TOPIC, f"{text} or in src")
        elif not _PLUGIN.fullmatch(name):
            text = f"entry point {name!r} is not snake_case, such as {_EXAMPLE}"
            yield fault(_TOPIC, text)
        else:
            yield ok(_TOPIC, f"entry point {name} names {target}")


def _misplaced(package: Package) -> str:
    """Say which other groups of entry points there are: one may be a typing error."""
    groups = sorted((package.project or {}).get("entry-points", {}))
    return f"; the group is guerdon, not {', '.join(groups)}" if groups else ""


def _check_overwriting(package: Package) -> Iterator[Finding]:
    """Installers overwrite without a word when two packages ship the same folder."""
    for name in OURS:
        if name not in package.modules and package.sources(name):
            text = f"the folder has a package {name!r}, which would overwrite ours"
            yield fault(_TOPIC, f"{text}; rename it")


def _check_name(package: Package) -> Iterator[Finding]:
    if not package.name:
        yield fault(_TOPIC, '[project] has no name; add name = "acme-lounge"')
    elif not _NAME.fullmatch(package.name) or normal(package.name) in OURS:
        text = f"{package.name!r} is no name for a package; choose one like acme-lounge"
        yield fault(_TOPIC, text)


def _check_dependencies(package: Package) -> Iterator[Finding]:
    if package.is_dynamic("dependencies"):
        yield warning(_TOPIC, "dependencies are dynamic; write them down")
    elif "guerdon" not in package.dependencies:
        yield fault(_TOPIC, 'dependencies lack "guerdon"; add it')


def _check_python(package: Package) -> Iterator[Finding]:
    ours = metadata("guerdon")["Requires-Python"]
    theirs = (package.project or {}).get("requires-python")
    if theirs is None:
        text = f'requires-python is missing; add requires-python = "{ours}"'
        yield fault(_TOPIC, text)
        return
    least, wanted = _LEAST.search(str(theirs)), _LEAST.search(ours)
    if wanted and (least is None or int(least[1]) < int(wanted[1])):
        text = f"requires-python {theirs!r} allows for more than Guerdon's {ours!r}"
        yield fault(_TOPIC, f"{text}; raise it")


def _uses_kit(path: Path) -> bool:
    return "guerdon.testing" in path.read_text(encoding="utf-8", errors="replace")
