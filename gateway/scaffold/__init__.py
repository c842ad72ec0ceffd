"""What a new plugin begins with: templates, and the names that are put into them."""

import keyword
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path
from string import Template

from core.errors import ConfigurationError
from core.extension.checks import RESERVED_CODES

KINDS = ("reward", "earning")
"""What a new plugin can bring at first."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_OURS = frozenset({"core", "gateway", "guerdon", "plugins"})
_NEEDED = frozenset({"mypy", "pydantic", "pytest", "ruff"})
_MAX_NAME = 30  # so that lines with it fit, and names in the schema can be read


@dataclass(frozen=True, slots=True)
class Names:
    """How a plugin is called, in each place."""

    package: str
    """Such as `acme-lounge`: the installed package."""
    module: str
    """Such as `acme_lounge`: the module, the entry point and the code."""
    class_: str
    """Such as `AcmeLounge`: the class."""
    title: str
    """Such as `Acme lounge`: for people."""

    @classmethod
    def of(cls, package: str, taken: Collection[str] = ()) -> "Names":
        """Derive all names from that of the package.

        Args:
            package: its name.
            taken: names of plugins that are installed.

        Raises:
            ConfigurationError: it is not one, or would overwrite what is there.
        """
        if not _NAME.fullmatch(package) or len(package) > _MAX_NAME:
            raise ConfigurationError(
                f"{package!r} is no name for a plugin: lower case letters, digits and "
                f"single hyphens, at most {_MAX_NAME} characters, such as acme-lounge"
            )
        words = package.split("-")
        module = "_".join(words)
        if module in _OURS | _NEEDED | sys.stdlib_module_names | set(keyword.kwlist):
            raise ConfigurationError(
                f"{package!r} cannot be used: Python or Guerdon has a module {module!r}"
            )
        if module in RESERVED_CODES or module in taken:
            raise ConfigurationError(
                f"{package!r} cannot be used: the code {module!r} is taken; put the "
                "name of your company in front"
            )
        return cls(
            package,
            module,
            "".join(word.capitalize() for word in words),
            " ".join(words).capitalize(),
        )


def scaffold(
    package: str, kind: str, parent: Path, *, taken: Collection[str] = ()
) -> list[Path]:
    """Write the files of a new plugin into a new folder, and return them.

    Args:
        package: name of the package, such as `acme-lounge`; also that of the folder.
        kind: one of `KINDS`.
        parent: where the folder is made.
        taken: names of plugins that are installed.

    Raises:
        ConfigurationError: the name is no good, the folder is there already, or cannot
            be made. Nothing that was there is changed.
    """
    names = Names.of(package, taken)
    folder = parent / package
    try:
        folder.mkdir()
    except FileExistsError:
        reason = f"{folder} is there already; choose another name"
        raise ConfigurationError(reason) from None
    except OSError as error:
        reason = f"{folder} cannot be made: {error.strerror}"
        raise ConfigurationError(reason) from error
    ours = metadata("guerdon")
    values = {
        "guerdon": ".".join(ours["Version"].split(".")[:2]),
        "python": ours["Requires-Python"],
        "package": names.package,
        "module": names.module,
        "class": names.class_,
        "title": names.title,
    }
    made = []
    for template in sorted(files(__name__).joinpath(kind).iterdir(), key=str):
        name = Template(template.name.removesuffix(".tmpl")).substitute(values)
        path = folder / name
        text = Template(template.read_text(encoding="utf-8")).substitute(values)
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made
