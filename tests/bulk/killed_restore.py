"""Restores an export, and is killed when so many rows are written."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from core.bulk import form
from core.bulk.restore import restore
from core.settings import Settings

form.SLICE = 5
written = 0


def progress(rows: int) -> None:
    global written  # noqa: PLW0603
    written += rows
    if written >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(restore(Settings(database_url=sys.argv[1]), Path(sys.argv[2]), progress))
