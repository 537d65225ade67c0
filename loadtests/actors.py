"""Lean clients: as little of the measured time as possible is theirs."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

AT_ONCE = 32
Heard = Callable[[float, str], None]


class Http:
    """One keep-alive connection, one request at a time; opened anew when the server let it go."""

    def __init__(self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._url = url
        self._reader = reader
        self._writer = writer
        self._host = urlsplit(url).netloc
        self.retry_after_s = 0
        """What the last answer's Retry-After said; 0 without one."""

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to `http://host:port`."""
        return cls(url, *await _connected(url))

    async def request(self, method: str, path: str, token: str = "", body: object = None) -> tuple[int, bytes]:
        """Status and body of one request; `body` goes as JSON."""
        payload = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(payload)}\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        if payload:
            head += "Content-Type: application/json\r\n"
        if self._reader.at_eof():
            self._reader, self._writer = await _connected(self._url)
        self._writer.write(head.encode() + b"\r\n" + payload)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(answer.split(" ", 2)[1])
        self.retry_after_s = int(answer.partition("retry-after:")[2].partition("\r\n")[0] or 0)
        length = int(answer.partition("content-length:")[2].partition("\r\n")[0] or 0)
        return status, await self._reader.readexactly(length)

    async def json(self, method: str, path: str, token: str = "", body: object = None) -> Any:
        """The same, parsed. Raises RuntimeError for anything but success."""
        status, answer = await self.request(method, path, token, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()


async def _connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


class Crowd:
    """Many sockets that mostly wait; each frame goes to `heard` with the moment it came."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._sockets: list[ClientConnection] = []
        self._readers: list[asyncio.Task[None]] = []

    @property
    def lost(self) -> int:
        """Sockets that the server has closed."""
        return sum(reader.done() for reader in self._readers)

    async def join(self, url: str, hellos: Sequence[Callable[[Http], Any]]) -> None:
        """Open a socket for each hello: an async function that makes its first frame, over HTTP if it must."""
        pending = list(reversed(hellos))

        async def one_after_another() -> None:
            http = await Http.open(url)
            while pending:
                hello = pending.pop()
                await self._join_one(url, await hello(http))
            await http.close()

        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))

    async def _join_one(self, url: str, hello: str) -> None:
        address = url.replace("http", "ws", 1) + "/ws"
        socket = await connect(address, compression=None, ping_interval=None, proxy=None)
        await socket.send(hello)
        await socket.recv()
        self._sockets.append(socket)
        self._readers.append(asyncio.create_task(self._read(socket)))

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                frame = await socket.recv()
                at = time.perf_counter()
                assert isinstance(frame, str)
                if frame.startswith('{"t":"ping"'):
                    await socket.send('{"t":"pong"}')
                else:
                    self._heard(at, frame)
        except ConnectionClosed:
            return

    async def leave(self) -> None:
        """Hang up everywhere, without ceremony."""
        for reader in self._readers:
            reader.cancel()
        for socket in self._sockets:
            socket.transport.abort()
        await asyncio.gather(*self._readers, return_exceptions=True)
