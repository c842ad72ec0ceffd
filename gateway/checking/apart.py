"""Runs the checks of a plugin in a process of their own, which may hang or die."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import orjson

from gateway.checking.findings import Finding, fault

_MAX_SHOWN = 300


def check_apart(
    path: Path, *, shows_schema: bool, skipped: Collection[str], limit_s: float
) -> tuple[list[Finding], str]:
    """Return the findings, and the types that the plugin adds, if they are wanted.

    Args:
        path: a folder with a `pyproject.toml`, or a module.
        shows_schema: whether the types are wanted.
        skipped: names of installed plugins to leave out.
        limit_s: seconds after which the process, and all that it has started, is ended.
    """
    with tempfile.TemporaryDirectory(prefix="guerdon-check-") as folder:
        answer, complaints = Path(folder, "answer"), Path(folder, "complaints")
        command = [sys.executable, "-P", "-B", "-m", "gateway.checking"]
        command += [str(answer), str(path.resolve())]
        command += ["--schema"] if shows_schema else []
        command += [f"--skip={name}" for name in skipped]
        status = _run(command, complaints, limit_s)
        if answer.is_file():
            document = orjson.loads(answer.read_bytes())
            findings = [Finding.of(one) for one in document["findings"]]
            return findings, document["schema"]
        if status is None:
            text = f"it was not loaded within {limit_s:g} seconds; a plugin does no"
            return [fault("loading", f"{text} work while it is imported")], ""
        lines = complaints.read_text(errors="replace").split("\n")
        last = next((one for one in reversed(lines) if one.strip()), "it said nothing")
        text = f"the process that loaded it ended with status {status}"
        return [fault("loading", f"{text}: {last.strip()[:_MAX_SHOWN]}")], ""


def _run(command: list[str], complaints: Path, limit_s: float) -> int | None:
    """Return the exit status of a command; None if it took too long."""
    with complaints.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603  (it is our own command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            return process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
