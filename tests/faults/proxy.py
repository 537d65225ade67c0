"""A network that fails on demand: a TCP proxy with cuts, silence, trickles, resets, delays, lost messages."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Address = tuple[str, int] | Path
"""Where to connect: host and port, or a unix socket."""
Filter = Callable[[bytes], bytes]

CHUNK = 64 * 1024
TRICKLE_S = 1.0
_ABORT = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on a free loopback port and passes bytes on, in a thread of its own, so that the test may block.

    "Up" is from client to server, "down" the other way. Faults hold for every connection, old and new, until
    `heal`; `cut` and `reset` end those that are there.
    """

    def __init__(self, upstream: Address) -> None:
        self.upstream = upstream
        self.filters: Callable[[], Filter] | None = None
        """Makes the filter of each new connection's way down."""
        self.connected = 0
        """Connections accepted so far."""
        self.passed_down = 0
        """Bytes passed on to clients so far."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._listener.setblocking(False)
        self._loop = asyncio.new_event_loop()
        self._links: set[_Link] = set()
        self._refusing = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._delay_s = 0.0
        self._trickle = 0
        self._abort_after: int | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    @property
    def port(self) -> int:
        """Where clients connect."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def open(self) -> int:
        """Connections that are there now."""
        return len(self._links)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._listener.close()

    def cut(self, refuse: bool = True) -> None:
        """End every connection, and with `refuse` each new one at once, until `heal`."""
        self._do(self._cut(refuse, abort=False))

    def reset(self) -> None:
        """End every connection by a RST: whatever was on its way is lost."""
        self._do(self._cut(refuse=False, abort=True))

    def reset_within(self, size: int) -> None:
        """Pass `size` more bytes down on each connection, wherever in a frame that is, then RST."""
        self._set(abort_after=size)

    def freeze(self) -> None:
        """Half open: nothing passes, not even an end, and nobody is told, until `heal`."""
        self._loop.call_soon_threadsafe(self._flowing.clear)
        self._settled()

    def trickle(self, size: int) -> None:
        """At most so many bytes a second each way on each connection."""
        self._set(trickle=size)

    def delay(self, seconds: float) -> None:
        """Hold each chunk for so long before it is passed on."""
        self._set(delay_s=seconds)

    def heal(self) -> None:
        """No fault any more; what was held goes on."""
        self._set(abort_after=None, trickle=0, delay_s=0.0, refusing=False)
        self._loop.call_soon_threadsafe(self._flowing.set)
        self._settled()

    def _set(self, **fields: object) -> None:
        def change() -> None:
            for name, value in fields.items():
                setattr(self, f"_{name}", value)

        self._loop.call_soon_threadsafe(change)
        self._settled()

    def _settled(self) -> None:
        async def nothing() -> None:
            return None

        self._do(nothing())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self) -> None:
        self._accepting = self._loop.create_task(self._accept())

    async def _stop(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        await self._cut(refuse=True, abort=False)

    async def _cut(self, refuse: bool, abort: bool) -> None:
        self._refusing = self._refusing or refuse
        links = list(self._links)
        for link in links:
            link.end(abort)
        if links:
            await asyncio.wait([link.task for link in links])

    async def _accept(self) -> None:
        while True:
            client, _ = await self._loop.sock_accept(self._listener)
            self.connected += 1
            link = _Link(self, client)
            self._links.add(link)
            link.task.add_done_callback(partial(self._ended, link))

    def _ended(self, link: "_Link", _task: "asyncio.Task[None]") -> None:
        self._links.discard(link)
        # Also where the task was cancelled before it began.
        link.close()

    async def connect(self) -> socket.socket | None:
        """A connection to the server; None where there is none to be had."""
        if self._refusing:
            return None
        where = str(self.upstream) if isinstance(self.upstream, Path) else self.upstream
        server = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET, socket.SOCK_STREAM)
        server.setblocking(False)
        try:
            await self._loop.sock_connect(server, where)
        except OSError:
            server.close()
            return None
        except asyncio.CancelledError:
            server.close()
            raise
        return server

    async def passing(self, data: bytes, down: bool) -> tuple[bytes, bool]:
        """What of this chunk goes on once the network lets it, and whether the connection is reset after it."""
        await self._flowing.wait()
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        if down and self._abort_after is not None:
            return data[: self._abort_after], len(data) >= self._abort_after
        return data, False

    async def turn(self) -> int:
        """How many bytes may go now; on a trickle, after waiting a second for them."""
        if self._trickle:
            await asyncio.sleep(TRICKLE_S)
        return self._trickle or CHUNK


class _Link:
    """One client's connection and ours to the server for it."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._ends = [client]
        client.setblocking(False)
        self._filter = proxy.filters() if proxy.filters else None
        self.task = asyncio.get_running_loop().create_task(self._run(client))

    def end(self, abort: bool) -> None:
        """Close both ends; with `abort` by a RST."""
        if abort:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self.task.cancel()

    async def _run(self, client: socket.socket) -> None:
        try:
            server = await self._proxy.connect()
            if server is None:
                return
            self._ends.append(server)
            ways = [
                asyncio.create_task(self._pass(client, server, down=False)),
                asyncio.create_task(self._pass(server, client, down=True)),
            ]
            try:
                await asyncio.gather(*ways)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.wait(ways)
        except (OSError, asyncio.CancelledError):
            return
        finally:
            self.close()

    def close(self) -> None:
        """Close both ends as they are."""
        for end in self._ends:
            end.close()

    async def _pass(self, source: socket.socket, target: socket.socket, down: bool) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(source, CHUNK):
            data, reset = await self._proxy.passing(data, down)
            if down and self._filter is not None:
                data = self._filter(data)
            sent = 0
            while sent < len(data):
                some = data[sent : sent + await self._proxy.turn()]
                await loop.sock_sendall(target, some)
                sent += len(some)
                self._proxy.passed_down += len(some) * down
            if reset:
                self.end(abort=True)
                return
        # An end, too, passes only when the network lets it.
        await self._proxy.passing(b"", down=False)
        target.shutdown(socket.SHUT_WR)
