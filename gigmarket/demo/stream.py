"""A client of `gig.v1`: one principal's stream, resumed by epoch and seq whenever the socket breaks."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from gigmarket.demo.desk import Closing, Desk, problem_code
from gigmarket.demo.record import SNAPSHOT, ClientRecord, checksum

BEHIND_S = 5.0
"""A ping showed events that have not come for this long: resume."""
ANSWER_S = 20.0

OnEvent = Callable[[str, dict[str, Any]], None]
OnSnapshot = Callable[[dict[str, Any]], None]


class Stream:
    """Calls back with each event once and in order, and with a snapshot where history could not be replayed."""

    def __init__(
        self, desk: Desk, token: str, record: ClientRecord, on_event: OnEvent, on_snapshot: OnSnapshot
    ) -> None:
        self.record = record
        self._desk = desk
        self._token = token
        self._on_event = on_event
        self._on_snapshot = on_snapshot
        self._epoch: str | None = None
        self._socket: ClientConnection | None = None
        self._live = False
        self._failures = 0
        self._waiting: dict[str, tuple[bytes, asyncio.Future[dict[str, Any]]]] = {}

    async def run(self) -> None:
        """Keep the stream up until the demo ends: after a break come back with full jitter, 0.5 s to 20 s."""
        while not self._desk.closing:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                await self._connected()
            self._live, self.record.connected_since = False, None
            if not self._desk.closing:
                longest_s = min(20.0, 0.5 * 2**self._failures)
                self._failures += 1
                await asyncio.sleep(self._desk.rng.uniform(0, longest_s))

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame that needs no answer; without a socket it is dropped."""
        if self._socket is not None and self._live and not self._desk.closing:
            with contextlib.suppress(WebSocketException, OSError):
                await self._socket.send(orjson.dumps(frame), text=True)

    async def command(self, op: str, args: dict[str, Any]) -> dict[str, Any] | None:
        """The result frame of a command, sent again under its id after a reconnect; None when none came.

        Raises Closing.
        """
        self._desk.begin()
        command_id = secrets.token_hex(8)
        frame = orjson.dumps({"t": "command", "id": command_id, "op": op, "args": args})
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[command_id] = (frame, future)
        try:
            if self._socket is not None and self._live:
                with contextlib.suppress(WebSocketException, OSError):
                    await self._socket.send(frame, text=True)
            async with asyncio.timeout(ANSWER_S):
                result = await future
        except TimeoutError:
            self._desk.tally.errors[f"no answer {op}"] += 1
            return None
        finally:
            del self._waiting[command_id]
            self._desk.end()
        if not result["ok"]:
            self._desk.refused(op, result["problem"])
        return result

    def drop(self) -> None:
        """Break the socket without a word, as a phone in a lift does."""
        if self._socket is not None and self._live:
            self._desk.tally.counts["drops"] += 1
            self._live, self.record.connected_since = False, None
            self._socket.transport.abort()

    async def close(self) -> None:
        """Leave politely."""
        if self._socket is not None:
            await self._socket.close()

    async def _connected(self) -> None:
        with contextlib.suppress(Closing):
            status, issued = await self._desk.call(self._token, "POST", "/ws-tickets")
            if status != 201:
                raise OSError("no ticket")
            async with connect(
                self._desk.socket_address(),
                compression=None,
                ping_interval=None,
                proxy=None,
                user_agent_header=None,
                open_timeout=20,
                close_timeout=2,
                max_size=None,
            ) as socket:
                await self._follow(socket, issued["ticket"])

    async def _follow(self, socket: ClientConnection, ticket: str) -> None:
        hello: dict[str, Any] = {"t": "hello", "ticket": ticket}
        if self._epoch is not None:
            hello |= {"epoch": self._epoch, "seq": self.record.held}
        self._socket = socket
        await socket.send(orjson.dumps(hello), text=True)
        while True:
            frame = orjson.loads(await socket.recv(decode=False))
            kind = frame["t"]
            if kind == "event":
                self._event(frame)
            elif kind == "result":
                waiting = self._waiting.get(frame["id"])
                if waiting is not None and not waiting[1].done():
                    waiting[1].set_result(frame)
            elif kind == "ping":
                await self._pinged(socket, frame["seq"])
            elif kind == "welcome":
                await self._welcomed(socket, frame)
            elif kind == "snapshot":
                self.record.held = frame["seq"]
                self.record.events.append((frame["seq"], SNAPSHOT, 0))
                self._on_snapshot(frame["state"])
            elif kind == "error":
                self._desk.tally.errors[f"socket {problem_code(frame['problem'])}"] += 1

    async def _welcomed(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        if frame["resumed"]:
            self._desk.tally.counts["resumes"] += 1
        elif self._epoch is not None:
            self._desk.tally.counts["restarts"] += 1
        self._epoch, self._failures = frame["epoch"], 0
        self._live, self.record.connected_since = True, time.time()
        for waiting, _ in list(self._waiting.values()):
            await socket.send(waiting, text=True)

    def _event(self, frame: dict[str, Any]) -> None:
        record, seq = self.record, frame["seq"]
        if seq <= record.held:
            record.faults.append(f"duplicate: held {record.held}, got {seq} again")
            return
        if seq > record.held + 1:
            record.faults.append(f"gap: held {record.held}, got {seq}")
            self.drop()
            return
        record.held = seq
        record.events.append((seq, frame["kind"], checksum(frame["data"])))
        self._on_event(frame["kind"], frame["data"])

    async def _pinged(self, socket: ClientConnection, head: int) -> None:
        await socket.send(b'{"t":"pong"}', text=True)
        if head > self.record.held:
            asyncio.get_running_loop().call_later(BEHIND_S, self._resume_if_behind, socket, head)

    def _resume_if_behind(self, socket: ClientConnection, head: int) -> None:
        if self._socket is socket and self._live and self.record.held < head:
            self.record.faults.append(f"late: {BEHIND_S:.0f} s after a ping of {head}, held {self.record.held}")
            self.drop()
