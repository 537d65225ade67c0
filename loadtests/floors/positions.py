"""The least that moving phones can cost: `python -m loadtests.floors.positions bare|geoadd REDIS_URL`.

`bare`: a uvloop protocol that answers the upgrade and then reads without looking at what it reads.
`geoadd`: our protocol class with a session that awaits one GEOADD for each position.
"""

import asyncio
import math
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import orjson
from websockets.http11 import Request

from gigmarket.domain.errors import Refusal
from gigmarket.edge.ws.socket import Session, Socket
from gigmarket.live.connection import CONNECTIONS, Client, connect
from gigmarket.wire.framing import text_frame
from loadtests.floors.listening import listen, on_uvloop
from loadtests.phones import ACCEPT

KEY = "floor:positions"
IN = text_frame(b'{"t":"snapshot"}')
UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
)


class Bare(asyncio.Protocol):
    """Upgrades a phone of ours, whose key is known, lets it in, and reads."""

    def __init__(self) -> None:
        self._answers = [IN, UPGRADED]
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A phone."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """The upgrade, the hello, then only bytes."""
        if self._answers and self._transport is not None:
            self._transport.write(self._answers.pop())


class Placed:
    """A session that awaits one GEOADD for each position."""

    __slots__ = ("_name", "_redis", "_socket", "_tasks", "_turns")

    def __init__(
        self, redis: Client, turns: asyncio.Semaphore, socket: Socket, tasks: set[asyncio.Task[None]]
    ) -> None:
        self._redis = redis
        self._turns = turns
        self._socket = socket
        self._tasks = tasks
        self._name = ""

    def receive(self, raw: bytes) -> None:
        """The worker's name, then positions."""
        if not self._name:
            self._name = raw.decode()
            self._socket.send(IN)
            return
        position = orjson.loads(raw)
        task = asyncio.get_running_loop().create_task(self._put(position["lng"], position["lat"]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _put(self, lng: float, lat: float) -> None:
        # The pool itself gives up after two seconds, and the position would be lost.
        async with self._turns:
            await self._redis.geoadd(KEY, (lng, lat, self._name))

    def tick(self, now: float) -> float:
        """Nothing is due, ever."""
        return math.inf

    def stir(self) -> None:
        """Nobody is waited for."""

    def flooded(self) -> None:
        """Its phones do not."""

    def lost(self) -> None:
        """The phone is gone."""


class Gate:
    """Lets everybody in."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._tasks: set[asyncio.Task[None]] = set()

    def refusal(self, _request: Request, _peer: str) -> Refusal | None:
        """Nobody is refused."""
        return None

    def admit(self, socket: Socket, _request: Request, _peer: str) -> Session:
        """A session of its own."""
        return Placed(self._redis, self._turns, socket, self._tasks)


def _geoadd(redis_url: str) -> Callable[[], asyncio.Protocol]:
    gate, server = Gate(connect(redis_url)), SimpleNamespace(connections=set())
    return lambda: Socket(None, server, {"gate": gate})


async def _serve(way: str, redis_url: str) -> None:
    # The live store's client belongs to the loop that runs.
    await listen(Bare if way == "bare" else _geoadd(redis_url))


def main(way: str, redis_url: str) -> None:
    """Serve until SIGTERM."""
    on_uvloop(_serve(way, redis_url))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
