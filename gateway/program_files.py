"""Programs as files: TOML in, TOML out.

What is written reads the same again, but for comments and what stands as it would
without being said: neither is kept.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import tomli_w

from core.errors import ConfigurationError
from core.program.document import Document


def load(text: str, name: str) -> dict[str, Any]:
    """Return the document in a TOML text.

    Args:
        text: the document.
        name: of the file, for the message.

    Raises:
        ConfigurationError: it is no TOML; says where.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name} is not TOML: {error}") from error


def dump(document: Document) -> str:
    """Return a document as a TOML text."""
    values = document.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    return tomli_w.dumps(_ordered(values))


def template(name: str) -> str:
    """Return the text of a template."""
    folder = files("gateway.templates")
    return folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def templates() -> list[str]:
    """Return the names of all templates."""
    found = (one.name for one in files("gateway.templates").iterdir())
    return sorted(one.removesuffix(".toml") for one in found if one.endswith(".toml"))


def _ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with its lists last, and the code of each part first."""
    short = {name: one for name, one in values.items() if not isinstance(one, list)}
    lists = {
        name: [{"code": one["code"]} | one for one in found]
        for name, found in values.items()
        if isinstance(found, list)
    }
    return short | lists
