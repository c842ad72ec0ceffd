"""The clients from npm: installed once, built from the page for front ends, run."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PAGE = FOLDER / ".page"
"""The files of docs/frontend.md, and what is made of them."""

_MODULES = FOLDER / "node_modules"
_FILE = re.compile(r"^```\w+ (\S+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LONGEST_S = 60


class ToolError(Exception):
    """A program did not end well; the message is what it said."""


def install() -> None:
    """Install what package-lock.json names, unless that has been done."""
    lock = (FOLDER / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    stamp = _MODULES / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", seconds=600)
    stamp.write_text(wanted)


def versions() -> dict[str, str]:
    """Return the exact versions that are installed, by name."""
    found: dict[str, str] = json.loads((FOLDER / "package.json").read_text())[
        "dependencies"
    ]
    return found


def snippets() -> dict[str, str]:
    """Return the files on the page, by name."""
    return dict(_FILE.findall((ROOT / "docs" / "frontend.md").read_text()))


def build() -> None:
    """Write the page's files, let their generators run, and make programs of it all."""
    shutil.rmtree(PAGE, ignore_errors=True)
    PAGE.mkdir()
    for name, text in snippets().items():
        (PAGE / name).parent.mkdir(exist_ok=True)
        (PAGE / name).write_text(text)
    shutil.copy(ROOT / "schema.graphql", PAGE)
    tool("graphql-codegen", "--config", "codegen.ts", folder=PAGE)
    tool("graphql-codegen", "--config", "preset.codegen.ts")
    tool("relay-compiler", folder=PAGE)
    tool("generate-persisted-query-manifest", folder=PAGE)
    run("node", "build.mjs")


def tool(name: str, *arguments: str, folder: Path = FOLDER) -> str:
    """Run a command that a package brings."""
    return run("node", str(_command(name)), *arguments, folder=folder)


def run(*command: str, folder: Path = FOLDER, seconds: int = _LONGEST_S) -> str:
    """Run a program to its end and return what it printed.

    Raises:
        ToolError: it failed.
    """
    done = subprocess.run(
        [_binary(command[0]), *command[1:]],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise ToolError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def start(name: str, shop: dict[str, Any]) -> "subprocess.Popen[str]":
    """Start a program of drive/ against a shop."""
    return subprocess.Popen(
        [_binary("node"), str(PAGE / "built" / f"{name}.mjs")],
        cwd=FOLDER,
        env=_environment() | {"SHOP": json.dumps(shop)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def drive(name: str, shop: dict[str, Any]) -> Any:
    """Run a program of drive/ against a shop and return what it reports."""
    with start(name, shop) as process:
        try:
            printed, complaints = process.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            printed, complaints = process.communicate()
    if process.returncode:
        raise ToolError(f"{name}: {process.returncode}\n{printed}\n{complaints}")
    return json.loads(printed)


def _command(name: str) -> Path:
    """Return the file behind a command, which is a link on some systems only."""
    return (_MODULES / ".bin" / name).resolve()


def _binary(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _environment() -> dict[str, str]:
    """Return the environment in which Node itself is found first."""
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return dict(os.environ) | {"PATH": folders, "NO_COLOR": "1"}
