"""`python -m gateway.checking ANSWER PATH [--schema] [--skip NAME]...`."""

import argparse
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import orjson

from gateway.checking.findings import Finding
from gateway.checking.imports import check_imports
from gateway.checking.loading import load_beside_others
from gateway.checking.packaging import check_packaging
from gateway.checking.project import Package
from gateway.checking.publishing import added_types, check_publishing


def check(
    path: Path,
    *,
    shows_schema: bool,
    skipped: Collection[str] = (),
    environment: Mapping[str, str],
) -> tuple[list[Finding], str]:
    """Return all findings, and the types that the plugin adds, if they are wanted."""
    package = Package.read(path)
    if isinstance(package, Finding):
        return [package], ""
    findings = [*check_packaging(package), *check_imports(package)]
    if not package.entry_points:
        return findings, ""
    loaded = load_beside_others(package, skipped, environment)
    if isinstance(loaded, Finding):
        return [*findings, loaded], ""
    findings += check_publishing(loaded)
    return findings, added_types(loaded) if shows_schema else ""


def main(arguments: list[str]) -> None:
    """Check what lies at a path, and write the answer into a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("answer", type=Path)
    parser.add_argument("path", type=Path)
    parser.add_argument("--schema", action="store_true")
    parser.add_argument("--skip", action="append", default=[])
    given = parser.parse_args(arguments)
    found, types = check(
        given.path,
        shows_schema=given.schema,
        skipped=given.skip,
        environment=os.environ,
    )
    document = {"findings": [one.document() for one in found], "schema": types}
    given.answer.write_bytes(orjson.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1:])
    # A thread that the plugin left behind shall not keep anybody waiting.
    os._exit(0)
