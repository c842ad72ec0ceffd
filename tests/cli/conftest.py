"""Runs the installed command as a user does."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Guerdon = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command() -> list[str]:
    return [str(Path(sys.executable).with_name("guerdon"))]


@pytest.fixture
def guerdon(command: list[str], tmp_path: Path, database_url: str) -> Guerdon:
    """Run `guerdon ARGUMENTS` on a database of its own, in an empty folder."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GUERDON_")
        }
        return subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env=environment | {"GUERDON_DATABASE_URL": database_url} | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
