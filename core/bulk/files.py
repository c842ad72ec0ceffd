"""Files of exports: packed if their name says so, and whole if they have their name."""

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

_PACKED = ".gz"
_LEVEL = 6


@contextmanager
def created(path: Path) -> Iterator[BinaryIO]:
    """Create a file that its owner alone may read.

    It has another name until it is whole and on the disk, so that whatever stops this
    leaves what had the name before.
    """
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # also if it was there
        if path.suffix == _PACKED:
            with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
                yield cast("BinaryIO", packed)
        else:
            yield file
        file.flush()
        os.fsync(descriptor)
    part.replace(path)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be read from its beginning."""
    with path.open("rb") as file:
        if path.suffix != _PACKED:
            yield file
            return
        with io.BufferedReader(gzip.GzipFile(fileobj=file)) as unpacked:
            yield cast("BinaryIO", unpacked)
