"""A damaged export is refused, and the line told at which that shows."""

import gzip
import random
import secrets
from itertools import pairwise
from pathlib import Path

import pytest

from core.bulk.export import export
from core.bulk.restore import check
from core.engine import Engine
from core.errors import DamagedFileError
from tests.bulk.everything import on_sqlite


@pytest.fixture
async def lines(full: Engine, tmp_path: Path) -> list[bytes]:
    """The lines of an export of everything."""
    path = tmp_path / "all.jsonl"
    await export(full.settings, path)
    return path.read_bytes().splitlines(keepends=True)


def blamed(content: bytes, path: Path) -> DamagedFileError:
    """Check a file that is not as it was written."""
    path.write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        check(path)
    return caught.value


def marks_after(lines: list[bytes]) -> list[int]:
    """Return for each line, from 1 on, the one that tells whether it is right."""
    marks = [n for n, line in enumerate(lines, 1) if not line.startswith(b"[")]
    return [0, *(min(m for m in marks if m >= n) for n in range(1, len(lines) + 1))]


@on_sqlite
def test_a_changed_bit_in_any_line(lines: list[bytes], tmp_path: Path) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    last = [0, len(lines), *marks_after(lines)[2:]]  # nothing else tells of the epoch

    for number, line in enumerate(lines, 1):
        at, bit = chance.randrange(len(line)), chance.randrange(8)
        changed = bytearray(line)
        changed[at] ^= 1 << bit
        content = b"".join([*lines[: number - 1], changed, *lines[number:]])

        error = blamed(content, tmp_path / "damaged.jsonl")

        # A newline that comes or goes moves the lines after it.
        assert number <= error.line <= last[number] + 1, (number, at, bit)


@on_sqlite
def test_a_line_that_is_missing_or_doubled(lines: list[bytes], tmp_path: Path) -> None:
    last = marks_after(lines)

    for number in range(1, len(lines), 2):
        missing = [*lines[: number - 1], *lines[number:]]
        doubled = [*lines[: number + 1], *lines[number:]]

        first = blamed(b"".join(missing), tmp_path / "damaged.jsonl")
        second = blamed(b"".join(doubled), tmp_path / "damaged.jsonl")

        assert number <= first.line <= last[number]
        assert number + 1 < second.line <= last[number + 1] + 1


@on_sqlite
def test_a_file_that_was_cut_off(lines: list[bytes], tmp_path: Path) -> None:
    for number, line in enumerate(lines, 1):
        rest = line[: number % len(line)]  # nothing of it, all but its end, or some
        content = b"".join(lines[: number - 1]) + rest

        error = blamed(content, tmp_path / "damaged.jsonl")

        assert error.line == number
        assert error.reason == "the file ends here, before its last line"


@on_sqlite
def test_rows_that_changed_places(lines: list[bytes], tmp_path: Path) -> None:
    at = next(
        n
        for n, (one, other) in enumerate(pairwise(lines))
        if one[:1] == other[:1] == b"["
    )
    swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]

    error = blamed(b"".join(swapped), tmp_path / "damaged.jsonl")

    assert error.line == marks_after(lines)[at + 1]
    assert "are not as they were written" in error.reason


@on_sqlite
def test_something_after_the_end(lines: list[bytes], tmp_path: Path) -> None:
    error = blamed(b"".join([*lines, b"\n"]), tmp_path / "damaged.jsonl")

    assert str(error) == (
        f"line {len(lines) + 1}: the file should have ended before this line"
    )


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"[1]\n", b"{}\n", b"number,date\n", b"\xff\n"]
)
def test_a_file_that_is_no_export(content: bytes, tmp_path: Path) -> None:
    assert blamed(content, tmp_path / "damaged.jsonl").line == 1


@on_sqlite
def test_an_export_of_another_version(lines: list[bytes], tmp_path: Path) -> None:
    other = lines[0].replace(b'"version":1', b'"version":2')

    error = blamed(b"".join([other, *lines[1:]]), tmp_path / "damaged.jsonl")

    assert str(error) == (
        "line 1: it is not the first line of an export of this version"
    )


@on_sqlite
def test_a_packed_file(lines: list[bytes], tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(lines))
    middle = len(packed) // 2
    changed = bytearray(packed)
    changed[middle] ^= 1

    for content in (
        packed[:middle],
        bytes(changed),
        packed[:-1],
        packed[:-8] + bytes(8),
        b"".join(lines),
    ):
        error = blamed(content, tmp_path / "damaged.jsonl.gz")
        assert 1 <= error.line <= len(lines) + 1
