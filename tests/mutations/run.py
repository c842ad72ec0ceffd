"""Put each fault into a copy of the code and see which test fails.

    python tests/mutations/run.py [WORD ...]

With words, only faults whose name or file has one of them. Ends with 1 if any is not
seen by the tests that should.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mutation import ROOT, Mutation
from mutations import MUTATIONS

COPIED = ("core", "gateway", "guerdon", "plugins", "tests", "pyproject.toml")
PATIENCE_S = 120
SURVIVED = "nobody"


def main(words: Sequence[str]) -> int:
    """Try the faults, and print who saw each."""
    chosen = [
        one
        for one in MUTATIONS
        if not words or any(word in one.name or word in one.path for word in words)
    ]
    survivors = 0
    with TemporaryDirectory(prefix="guerdon-mutants-") as folder:
        tree = Path(folder)
        for name in COPIED:
            _copy(ROOT / name, tree / name)
        for one in chosen:
            killer = _try(one, tree)
            survivors += killer == SURVIVED
            print(f"{one.name:<60} {killer}", flush=True)  # noqa: T201
    print(f"{len(chosen)} faults, {survivors} seen by nobody")  # noqa: T201
    return 1 if survivors else 0


def _copy(source: Path, copy: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(source, copy, ignore=ignored)
    else:
        shutil.copy(source, copy)


def _try(mutation: Mutation, tree: Path) -> str:
    """Return which test saw the fault."""
    path = tree / mutation.path
    source = path.read_text()
    path.write_text(mutation.applied_to(source))
    try:
        return _killer(mutation.tests, tree)
    finally:
        path.write_text(source)


def _killer(tests: Sequence[str], tree: Path) -> str:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "--no-header", *tests]
    process = subprocess.Popen(
        [*command, "-p", "no:cacheprovider"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # so that servers of the tests are stopped
        process.communicate()
        return "no end"
    if process.returncode == 0:
        return SURVIVED
    for line in output.splitlines():
        if line.startswith(("FAILED tests", "ERROR tests")):
            return line.partition(" ")[2].partition(" - ")[0]
    raise RuntimeError(output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
