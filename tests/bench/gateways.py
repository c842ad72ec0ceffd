"""The same callers, shared out over several processes, as gateways share them.

    python tests/bench/gateways.py URL FIRST LAST CALLERS BEGIN SECONDS

is one of the processes: it posts, measures from the instant BEGIN on, and prints how
many commands it posted and its processor time.
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE

import uvloop
from callers import Run, Window, crowd, earning
from scene import opened
from server import Server

from gateway.cli.running import collect_rarely

_SPARE_S = 2.0


async def crowd_over_processes(
    server: Server,
    database: str,
    members: range,
    callers: int,
    window: Window,
    *,
    processes: int = 2,
) -> Run:
    """Let *callers* tasks, shared out over *processes*, post to random *members*."""
    begin = time.time() + _SPARE_S + window.warm_s
    arguments = (server.url(database), str(members[0]), str(members[-1]))
    share = (str(callers // processes), str(begin), str(window.seconds))
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, __file__, *arguments, *share, stdout=PIPE
        )
        for _ in range(processes)
    ]
    await asyncio.sleep(begin - time.time())
    server_s = server.cpu_seconds()
    await asyncio.sleep(window.seconds)
    server_s = server.cpu_seconds() - server_s
    done, client_s = 0, 0.0
    for one in running:
        told, _ = await one.communicate()
        commands, seconds = told.split()
        done, client_s = done + int(commands), client_s + float(seconds)
    return Run(done, window.seconds, client_s, server_s)


async def _post(arguments: list[str]) -> Run:
    url, first, last, callers, begin, seconds = arguments
    async with opened(url) as (ledger, _):
        call = earning(ledger, range(int(first), int(last) + 1))
        window = Window(float(begin) - time.time(), float(seconds))
        return await crowd(call, int(callers), window)


if __name__ == "__main__":
    collect_rarely()
    run = uvloop.run(_post(sys.argv[1:]))
    print(run.commands, run.client_s)  # noqa: T201
