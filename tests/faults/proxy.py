"""A proxy before a PostgreSQL server that loses commits, or the answers to them.

What commits is a COMMIT, and a statement by which a store writes without a lock.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

Loss = Literal["commit", "answer"]

_SOCKET = ".s.PGSQL.5432"
_CHUNK = 65_536
_SWAP = b"SELECT 1 / CASE"
_IDLE = b"Z\x00\x00\x00\x05I"
"""The server waits, and no transaction is open."""


class Proxy:
    """Passes all on but what it was told to lose; with that it cuts the connection."""

    def __init__(self, url: str, folder: str) -> None:
        (self._server,) = parse_qs(urlsplit(url).query)["host"]
        self.url = url.replace(self._server, folder)
        self.losses: list[Loss] = []
        """What to lose of commits to come, one after the other."""
        self.lost = 0
        self.goes_down = False
        """Whether a loss is the last that is heard of the server, for a while."""
        self.is_down = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Listen before the server that *url* names."""
        with TemporaryDirectory(prefix="guerdon-proxy-") as folder:
            proxy = cls(url, folder)
            path = Path(folder, _SOCKET)
            server = await asyncio.start_unix_server(proxy._serve, path)
            async with server:
                yield proxy

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self.is_down:
            writer.close()
            return
        path = f"{self._server}/{_SOCKET}"
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(path)
        except OSError:  # it was killed
            writer.close()
            return
        is_doomed = asyncio.Event()
        ways = [
            asyncio.create_task(self._ask(reader, server_writer, is_doomed)),
            asyncio.create_task(self._answer(server_reader, writer, is_doomed)),
        ]
        _, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for one in others:
            one.cancel()
        await asyncio.gather(*ways, return_exceptions=True)  # one side may have died
        writer.close()
        server_writer.close()

    def _lose(self) -> None:
        self.lost += 1
        self.is_down = self.goes_down

    async def _ask(
        self, client: StreamReader, server: StreamWriter, is_doomed: asyncio.Event
    ) -> None:
        swaps: set[bytes] = set()
        async for kind, message in _messages(client):
            if _commits(kind, message, swaps) and self.losses:
                if self.losses.pop(0) == "commit":
                    self._lose()
                    return
                is_doomed.set()
            server.write(message)
            await server.drain()

    async def _answer(
        self, server: StreamReader, client: StreamWriter, is_doomed: asyncio.Event
    ) -> None:
        while data := await server.read(_CHUNK):
            if is_doomed.is_set():
                if data.endswith(_IDLE):  # it is done, but nobody will hear of it
                    self._lose()
                    return
                continue
            client.write(data)
            await client.drain()


async def _messages(client: StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield what a client says, and of what kind it is; at first it has none."""
    kind = b""
    with suppress(asyncio.IncompleteReadError):
        while True:
            size = await client.readexactly(4)
            rest = await client.readexactly(int.from_bytes(size) - len(size))
            yield kind, kind + size + rest
            kind = await client.readexactly(1)


def _commits(kind: bytes, message: bytes, swaps: set[bytes]) -> bool:
    """Tell whether a message may commit; remember statements that do."""
    if kind == b"Q":  # a simple query
        return b"COMMIT" in message
    if kind == b"P":  # the name of a statement, and its text
        name, text, _ = message[5:].split(b"\x00", 2)
        swaps |= {name} if _SWAP in text else set()
    if kind == b"B":  # the name of a portal, and of the statement to be run
        _, name, _ = message[5:].split(b"\x00", 2)
        return name in swaps
    return False
