"""One socket: what is to be sent waits here, so that nobody who asks for it has to."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from gigmarket.wire.closing import Close
from gigmarket.wire.codec import encode

MAX_BYTES = 16 * 1024 * 1024
"""Of one frame: a snapshot of a large employer."""
FAREWELL_S = 0.5
LOST = 1006

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class CannotOpen(Exception):
    """No socket; `code` is the close code that says as much."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Link:
    """An open socket with its writer. Reading is the owner's: what is not read stays in the network."""

    def __init__(self, socket: ClientConnection, spawn: Spawn) -> None:
        self._socket = socket
        self._waiting: deque[bytes] = deque()
        self._ready = asyncio.Event()
        self._writer = spawn(self._write())

    @classmethod
    async def open(cls, address: str, spawn: Spawn) -> "Link":
        """Connect to `ws://…/ws`; the writer runs as a task that `spawn` starts. Raises CannotOpen."""
        try:
            # Neither compression (a window per socket) nor the library's own pings: the protocol has pings.
            return cls(
                await connect(
                    address,
                    compression=None,
                    ping_interval=None,
                    open_timeout=None,
                    close_timeout=FAREWELL_S,
                    max_size=MAX_BYTES,
                    proxy=None,
                    user_agent_header=None,
                ),
                spawn,
            )
        except InvalidStatus as error:
            raise CannotOpen(Close.FORBIDDEN if error.response.status_code == 403 else LOST) from None
        except (OSError, WebSocketException):
            raise CannotOpen(LOST) from None

    @property
    def code(self) -> int:
        """The close code, 1006 where the line just broke."""
        return self._socket.close_code or LOST

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send when the socket takes it; dropped when it is closed by then."""
        self._waiting.append(encode(frame))
        self._ready.set()

    async def read(self) -> bytes | None:
        """The next frame; None when the socket is closed."""
        try:
            return await self._socket.recv(decode=False)
        except ConnectionClosed:
            return None

    def abort(self) -> None:
        """Break the socket without a word."""
        self._writer.cancel()
        self._socket.transport.abort()

    async def leave(self) -> None:
        """Say goodbye, and break the socket when the other side does not answer in half a second."""
        self._writer.cancel()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._socket.close()
        finally:
            self._socket.transport.abort()
            await self._socket.wait_closed()

    async def _write(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._ready.wait()
                self._ready.clear()
                while self._waiting:
                    await self._socket.send(self._waiting.popleft(), text=True)
