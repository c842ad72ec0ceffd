"""Manifests of persisted documents, as the builds of clients write them.

Read are the flat form, `{"ID": "DOCUMENT"}`, which Relay and graphql-codegen write, and
Apollo's, `{"format": "apollo-persisted-query-manifest", "version": 1, "operations":
[{"id": "ID", "body": "DOCUMENT", ...}]}`.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from core.errors import ConfigurationError

_APOLLO = "apollo-persisted-query-manifest"
_MAX_ID = 256

Manifest = dict[str, str]
"""Documents by id."""


def load_manifest(path: str) -> Manifest:
    """Read the manifest in a file; no path, no documents.

    Raises:
        ConfigurationError: there is no such file, or it is not a manifest.
    """
    if not path:
        return {}
    try:
        values = orjson.loads(Path(path).read_bytes())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(f"documents: {path}: {reason}") from error
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"documents: {path} is not JSON: {error}") from error
    try:
        return read_manifest(values)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"documents: {path}: {error}") from error


def load_manifests(paths: str) -> Manifest:
    """Read the manifests in several files, with commas between their paths.

    Raises:
        ConfigurationError: one of them cannot be read, or two of them mean different
            documents by one id.
    """
    found: Manifest = {}
    for path in paths.split(","):
        for name, text in load_manifest(path.strip()).items():
            if found.setdefault(name, text) != text:
                reason = f"{name}: stands for another document in a file before"
                raise ConfigurationError(f"documents: {path.strip()}: {reason}")
    return found


def read_manifest(values: Any) -> Manifest:
    """Read a manifest.

    Raises:
        TypeError: a part of it is of another kind.
        ValueError: says what is not as it should be.
    """
    found: Manifest = {}
    for name, text in _entries(values):
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_ID:
            raise ValueError(f"an id is a text of 1 to {_MAX_ID} characters: {name!r}")
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name}: its document is not a text")
        if found.setdefault(name, text) != text:
            raise ValueError(f"{name}: stands for two documents")
    return found


def sha256_of(document: str) -> str:
    """Return the hash by which Apollo's protocol names a document."""
    return hashlib.sha256(document.encode(errors="replace")).hexdigest()


def _entries(values: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(values, dict):
        raise TypeError("a manifest is an object")
    if "format" not in values:
        yield from values.items()
        return
    operations = values.get("operations")
    if values["format"] != _APOLLO or values.get("version") != 1:
        raise ValueError(f"of manifests with a format, only {_APOLLO} 1 is known")
    if not isinstance(operations, list):
        raise TypeError("operations: must be a list")
    for one in operations:
        if not isinstance(one, dict):
            raise TypeError("operations: each is an object with id and body")
        yield one.get("id"), one.get("body")
