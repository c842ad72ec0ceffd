"""Catalogs of messages: files of Project Fluent, one for each language.

Those of the gateway are in `gateway/messages`, under codes of errors. A plugin may have
a folder `messages` beside its module, for its own refusals, under the names of their
types in the schema. An operator's folder wins over both.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk

from core.errors import ConfigurationError, InvalidInputError
from core.extension.registry import Registry
from core.languages import canonical, direction_fault

ENDING = ".ftl"
_BEGIN, _END = "\u2068", "\u2069"
_MARKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Catalogs:
    """Messages by language."""

    def __init__(self, folders: Iterable[Traversable]) -> None:
        """Read the catalogs in *folders*; an earlier one wins over the later.

        Raises:
            ConfigurationError: names the file, and says what is wrong with it.
        """
        self._bundles: dict[str, FluentBundle] = {}
        for folder in folders:
            for file in sorted(folder.iterdir(), key=lambda one: one.name):
                if file.name.endswith(ENDING):
                    self._read(file)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the tags of the languages that there are."""
        return tuple(sorted(self._bundles))

    def text(
        self, language: str, name: str, values: Mapping[str, object]
    ) -> str | None:
        """Return a message; None if the catalog has none, or it cannot be put together.

        Texts among *values* may run in the other direction than the message: each is
        isolated, so that nothing around it moves.
        """
        bundle = self._bundles.get(language)
        if bundle is None or not bundle.has_message(name):
            return None
        pattern = bundle.get_message(name).value
        told = {variable: _isolated(one) for variable, one in values.items()}
        if pattern is None:
            return None
        text, errors = bundle.format_pattern(pattern, told)
        return None if errors else str(text)

    def _read(self, file: Traversable) -> None:
        try:
            language = canonical(file.name.removesuffix(ENDING), field="name")
            resource = FluentResource(file.read_text("utf-8"))
        except (InvalidInputError, OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"messages, {file}: {error}") from error
        for entry in resource.body:
            if isinstance(entry, Junk):
                why = (
                    entry.annotations[0].message if entry.annotations else "unreadable"
                )
                begin = (entry.content or "").strip().splitlines()[0]
                raise ConfigurationError(f"messages, {file}, at {begin!r}: {why}")
        if language not in self._bundles:
            # Texts are isolated by `text`; numbers need not be.
            self._bundles[language] = FluentBundle(
                [language, "en"], use_isolating=False
            )
        self._bundles[language].add_resource(resource)


def catalogs_of(registry: Registry, folder: str) -> Catalogs:
    """Return the catalogs of an installation.

    Args:
        registry: the plugins.
        folder: the operator's own; empty: there is none.

    Raises:
        ConfigurationError: it is no folder, or a catalog is wrong.
    """
    folders: list[Traversable] = []
    if folder:
        own = Path(folder)
        if not own.is_dir():
            raise ConfigurationError(f"messages: {folder} is no folder")
        folders.append(own)
    folders.append(resources.files("gateway") / "messages")
    return Catalogs([*folders, *_of_plugins(registry)])


def _of_plugins(registry: Registry) -> Iterator[Traversable]:
    """Find the folders beside the modules of reward types."""
    modules = {type(one).__module__ for one in registry.reward_types}
    packages = {name.rpartition(".")[0] or name for name in modules}
    for package in sorted(packages):
        try:
            folder = resources.files(package) / "messages"
        except (ModuleNotFoundError, TypeError):  # made in code, or a lone file
            continue
        if folder.is_dir():
            yield folder


def _isolated(value: object) -> object:
    if not isinstance(value, str):
        return value
    if direction_fault(value):
        value = value.translate(_MARKS)
    return f"{_BEGIN}{value}{_END}"
