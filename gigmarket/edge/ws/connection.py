"""The sending side of one socket: its own bounded queue and writer, so that no fan-out ever waits for it."""

import asyncio
from collections import deque
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from gigmarket.wire.closing import Close

MAX_FRAMES = 256
MAX_BYTES = 256 * 1024
WRITE_S = 5.0


class Connection:
    """Frames wait in order; a state waits once per key, latest value only. Too slow is closed with 4003."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._frames: deque[tuple[str, bool]] = deque()
        self._states: dict[str, str] = {}
        self._queued = 0
        self._bytes = 0
        self._ready = asyncio.Event()
        self._close: Close | None = None

    def send(self, frame: str, counted: bool = True) -> None:
        """Queue a frame that must arrive, or close the connection as too slow.

        What a stream begins with (snapshot, replay) is not counted: it has bounds of its own, and a client
        closed for it would come back for the same again.
        """
        if self._close is not None:
            return
        self._frames.append((frame, counted))
        self._queued += counted
        self._bytes += len(frame) * counted
        if self._queued > MAX_FRAMES or self._bytes > MAX_BYTES:
            self._frames.clear()
            self._states.clear()
            self.close(Close.SLOW)
        self._ready.set()

    def send_state(self, key: str, frame: str) -> None:
        """Keep the latest value of a state for when the socket can take it."""
        if self._close is None:
            self._states[key] = frame
            self._ready.set()

    def close(self, code: Close) -> None:
        """Close after what is queued; the first reason counts."""
        if self._close is None:
            self._close = code
            self._ready.set()

    async def write(self) -> None:
        """Send until closed. Ends, without an error, when the client is gone."""
        with suppress(WebSocketDisconnect, RuntimeError, OSError):
            while True:
                await self._ready.wait()
                self._ready.clear()
                while self._frames or self._states:
                    await self._write_one()
                if self._close is not None:
                    await self._socket.close(self._close, self._close.name.lower())
                    return

    async def _write_one(self) -> None:
        if self._frames:
            frame, counted = self._frames.popleft()
            self._queued -= counted
            self._bytes -= len(frame) * counted
        else:
            frame = self._states.pop(next(iter(self._states)))
        try:
            async with asyncio.timeout(WRITE_S):
                await self._socket.send_text(frame)
        except TimeoutError:
            self._frames.clear()
            self._states.clear()
            self._close = Close.SLOW
