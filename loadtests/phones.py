"""Ten thousand phones in one process: raw frames on raw transports, so that the load costs little beside what
it measures. Each sits on a loopback address of its own neighbourhood (127.0.x.1), so that ports suffice.
"""

import asyncio
import base64
import hashlib
import resource
import shutil
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import uvloop

from loadtests.report import quiet_collector, skipped

T = TypeVar("T")

PER_ADDRESS = 200
AT_ONCE = 128
PATIENCE_S = 60.0
KEY = base64.b64encode(b"a gigmarket load")
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ACCEPT = base64.b64encode(hashlib.sha1(KEY + GUID).digest())  # noqa: S324 - RFC 6455 says so
CLOSED, PINGED = 0x88, 0x89


def text(payload: bytes) -> bytes:
    """A text message as a client's frame. The mask is zero: the server has to undo it all the same."""
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((0x80 | size,)) + b"\0\0\0\0" + payload
    return b"\x81\xfe" + struct.pack(">H", size) + b"\0\0\0\0" + payload


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server says and wants to hear. `greeted`: how the frame begins after which hello is said (empty:
    at once). `ready`: whether this frame means that the phone is in.
    """

    path: str
    ready: Callable[[bytes], bool]
    ping: bytes
    pong: bytes
    greeted: bytes = b""


def _gig_ready(frame: bytes) -> bool:
    return frame.startswith(b'{"t":"snapshot"') or b'"resumed":true' in frame[:200]


GIG = Dialect("/ws", _gig_ready, b'{"t":"ping"', text(b'{"t":"pong"}'))
BARE = Dialect("/ws", lambda _frame: True, b"\0", b"")
"""The handshake alone: nobody says hello."""

Heard = Callable[[int, bytes], None]


class Phone(asyncio.Protocol):
    """One WebSocket; `entered` is done when it is in."""

    __slots__ = ("_crowd", "_hello", "_rest", "_upgraded", "entered", "number", "transport")

    def __init__(self, crowd: "Phones", number: int, hello: bytes) -> None:
        self._crowd = crowd
        self._hello = hello
        self._rest = b""
        self._upgraded = False
        self.number = number
        self.entered: asyncio.Future[float] | None = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._crowd.request)

    def data_received(self, data: bytes) -> None:
        """The answer to the upgrade, then whole and half frames."""
        if self._rest:
            data = self._rest + data
        if not self._upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._answered(head)
        at, end_at = 0, len(data)
        while end_at - at >= 2:
            size, start = data[at + 1], at + 2
            if size > 125:
                width = 2 if size == 126 else 8
                size, start = int.from_bytes(data[start : start + width], "big"), start + width
            if start + size > end_at:
                break
            self._frame(data[at], data[start : start + size])
            at = start + size
        self._rest = data[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        """The server or the network hung up."""
        self._fail(ConnectionError(f"phone {self.number} was hung up on: {exc}"))
        self._crowd.hung_up(self)

    def _answered(self, head: bytes) -> None:
        self._upgraded = True
        if b" 101 " not in head[:16] or ACCEPT not in head:
            self._fail(ConnectionError(f"no upgrade: {head[:200]!r}"))
        elif self._crowd.dialect is BARE:
            self._enter()
        elif not self._crowd.dialect.greeted:
            self._write(self._hello)

    def _frame(self, kind: int, payload: bytes) -> None:
        dialect = self._crowd.dialect
        if kind == CLOSED:
            self._crowd.closed_with(payload)
        elif kind == PINGED:
            self._write(b"\x8a\x80\0\0\0\0")
        elif self.entered is None:
            if payload.startswith(dialect.ping):
                self._write(dialect.pong)
            else:
                self._crowd.heard(self.number, payload)
        elif dialect.greeted and payload.startswith(dialect.greeted):
            self._write(self._hello)
        elif dialect.ready(payload):
            self._enter()
        else:
            self._crowd.greeting = payload

    def _enter(self) -> None:
        if self.entered is not None and not self.entered.done():
            self.entered.set_result(time.perf_counter())
        self.entered = None

    def _fail(self, error: Exception) -> None:
        if self.entered is not None and not self.entered.done():
            self.entered.set_exception(error)
        self.entered = None

    def _write(self, frame: bytes) -> None:
        if self.transport is not None:
            self.transport.write(frame)


@dataclass(slots=True)
class Phones:
    """A crowd of phones at one server; what they hear after they are in goes to `heard` by their number."""

    url: str
    dialect: Dialect
    heard: Heard = lambda _number, _frame: None
    crowd: dict[int, Phone] = field(default_factory=dict)
    closes: list[bytes] = field(default_factory=list)
    """Why the server closed whom it closed: code and reason."""
    lost: int = 0
    """Phones that were in and were hung up on."""
    greeting: bytes = b""
    """The last frame that a phone heard before it was in."""
    request: bytes = field(init=False)

    def __post_init__(self) -> None:
        host = urlsplit(self.url).netloc
        self.request = (
            f"GET {self.dialect.path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY.decode()}\r\n\r\n"
        ).encode()

    async def join(self, hellos: Sequence[bytes], first: int = 0) -> list[float]:
        """Connect a phone per hello (a whole frame), so many at once; milliseconds each took to be in.

        Raises ConnectionError or TimeoutError when one does not get in.
        """
        waiting = list(enumerate(hellos, first))[::-1]
        took: list[float] = []

        async def one_after_another() -> None:
            while waiting:
                took.append(await self.dial(*waiting.pop()))

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(AT_ONCE, len(waiting))):
                tasks.create_task(one_after_another())
        return took

    async def dial(
        self, number: int, hello: bytes, prepare: Callable[[socket.socket], None] | None = None
    ) -> float:
        """Connect one phone, on a socket prepared so; milliseconds until it was in. Raises ConnectionError,
        TimeoutError.
        """
        loop = asyncio.get_running_loop()
        parts = urlsplit(self.url)
        began = time.perf_counter()
        line = socket.socket()
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if prepare is not None:
            prepare(line)
        line.bind((f"127.0.{10 + number // PER_ADDRESS}.1", 0))
        async with asyncio.timeout(PATIENCE_S):
            await loop.sock_connect(line, (parts.hostname or "", parts.port or 0))
            _, phone = await loop.create_connection(lambda: Phone(self, number, hello), sock=line)
            self.crowd[number] = phone
            entered = phone.entered
            at = time.perf_counter() if entered is None else await entered
        return (at - began) * 1000

    def send(self, number: int, frame: bytes) -> None:
        """Say something on a phone that is in."""
        transport = self.crowd[number].transport
        assert transport is not None
        transport.write(frame)

    def stop_reading(self, number: int) -> None:
        """A phone that is in takes nothing any more."""
        transport = self.crowd[number].transport
        assert transport is not None
        transport.pause_reading()

    def hung_up(self, phone: Phone) -> None:
        """A phone's connection is over."""
        if self.crowd.get(phone.number) is phone:
            del self.crowd[phone.number]
            self.lost += 1

    def closed_with(self, reason: bytes) -> None:
        """The server says why it closes."""
        self.closes.append(reason)

    def drop(self, number: int) -> None:
        """One phone loses its network: no word to the server."""
        phone = self.crowd.pop(number)
        if phone.transport is not None:
            phone.transport.abort()

    async def leave(self) -> None:
        """All phones lose their network, and the loop is given time to notice."""
        for number in list(self.crowd):
            self.drop(number)
        await asyncio.sleep(0.2)


def enough_files(wanted: int) -> str | None:
    """Allow this process, and those it starts, so many open files; the reason when that cannot be had."""
    if sys.platform != "linux":
        return "phones sit on loopback addresses 127.0.x.1, which only Linux has without set-up"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        return f"{wanted} open files are needed, and the limit is {hard}"
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return None


def on_uvloop(main: Coroutine[Any, Any, T]) -> T:
    """Run a benchmark on uvloop, so that the phones' side is cheap."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def crowded(
    name: str, files: int, measure: Callable[[Path], Coroutine[Any, Any, dict[str, Any]]]
) -> dict[str, Any]:
    """A benchmark that needs so many open files, on uvloop, in a folder that is removed at the end; skipped,
    with the reason, where they cannot be had.
    """
    reason = enough_files(files)
    if reason is not None:
        return skipped(name, reason)
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    quiet_collector()
    try:
        return on_uvloop(measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def until(condition: Callable[[], bool], seconds: float, pause_s: float = 0.01) -> bool:
    """Wait for something that others make true; whether it came true in time."""
    deadline = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > deadline:
            return False
        await asyncio.sleep(pause_s)
    return True
