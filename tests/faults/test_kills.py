"""Whoever is killed, and whenever: what was acknowledged is there, once."""

from collections.abc import Iterator
from pathlib import Path

import kills
import pytest
from servers import server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database of its own; the server of others is not killed."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/kills.db"
        return
    with server() as address:
        yield address


async def test_nothing_is_lost_or_doubled_when_processes_are_killed(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = await kills.run(
        url, tmp_path, seconds=kills.SECONDS, kills=kills.LEAST_KILLS
    )

    with capsys.disabled():
        print(f"\n{url.partition(':')[0]}: {report.line()}")  # noqa: T201
    assert report.audit.faults == []
    assert report.kills >= kills.LEAST_KILLS
    assert report.audit.posted > report.kills
    # Otherwise no kill hit a writer at work, and nothing was tested.
    assert report.audit.unknown > 0
    # Nor was what never happened.
    assert all(report.troubles.values())
    assert report.swept > 0
