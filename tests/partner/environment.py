"""A new virtual environment with our wheel, which sees what we depend on."""

import os
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

_OURS = ("COVERAGE", "GUERDON", "PYTEST", "PYTHON")


class Environment:
    """A new virtual environment; the dependencies are those that are installed here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: Mapping[str, str] = {}
        """Variables that are set for its commands."""
        command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
        subprocess.run(command, check=True)
        (site,) = folder.glob("lib/python*/site-packages")
        # After the environment's own packages, so that the wheels come first.
        (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))

    def pip(self, *arguments: str) -> None:
        """Run pip for this environment, without any index."""
        python = str(self.folder / "bin" / "python")
        command = [sys.executable, "-m", "pip", "--python", python, *arguments]
        command += ["--quiet", "--disable-pip-version-check"]
        subprocess.run(command, check=True, cwd=self.folder)

    def install(self, wheel: Path) -> None:
        self.pip("install", "--no-index", "--no-deps", str(wheel))

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of this environment."""
        return subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env=self._variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def told(self, *command: str) -> str:
        """Return what a command that must succeed prints."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the gateway, and yield its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [str(self.folder / "bin" / "guerdon"), "serve", "--port", str(port)],
            env=self._variables(),
            cwd=self.folder,
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(timeout=20)

    def _variables(self) -> dict[str, str]:
        kept = (one for one in os.environ.items() if not one[0].startswith(_OURS))
        return dict(kept) | dict(self.settings)


def _ready(address: str, process: "subprocess.Popen[bytes]") -> str:
    for _ in range(400):
        assert process.poll() is None, "guerdon serve has ended"
        try:
            httpx.get(f"{address}/readyz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return address
    raise AssertionError("guerdon serve does not answer")


def build(project: Path, into: Path) -> Path:
    """Build the wheel of a project with its own back end, without any index."""
    code = (
        "import sys; from hatchling import build; print(build.build_wheel(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(into)],
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    )
    return into / done.stdout.split()[-1]


def ask(address: str, token: str, query: str, **variables: Any) -> Any:
    """Return the data of an operation that must succeed."""
    answer = httpx.post(
        f"{address}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]
