"""Three ways to hold a WebSocket under uvicorn, each with the same few lines of dialogue.

`python -m loadtests.floors.connections fastapi|asgi|protocol`: a FastAPI route, a bare ASGI application, or our
protocol class. The first message is answered by `in`; `shout` sends an event to all; anything else comes back.
"""

import math
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket
from starlette.websockets import WebSocketDisconnect
from websockets.http11 import Request

from gigmarket.domain.errors import Refusal
from gigmarket.edge.ws.socket import Session, Socket
from gigmarket.process import collect_the_young
from gigmarket.wire.framing import text_frame

EVENT = '{"t":"event","seq":1,"kind":"offer.created","data":"' + "x" * 400 + '"}'
IN = '{"t":"snapshot"}'
SHOUT = "shout"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def fastapi_route() -> FastAPI:
    """A WebSocket route as FastAPI's documentation shows one."""
    app = FastAPI(openapi_url=None)
    sockets: set[WebSocket] = set()

    @app.websocket("/ws")
    async def stream(connection: WebSocket) -> None:
        await connection.accept()
        sockets.add(connection)
        try:
            await connection.receive_text()
            await connection.send_text(IN)
            while True:
                heard = await connection.receive_text()
                if heard == SHOUT:
                    for each in sockets:
                        await each.send_text(EVENT)
                else:
                    await connection.send_text(heard)
        except WebSocketDisconnect:
            sockets.discard(connection)

    return app


async def bare_asgi(scope: Message, receive: Receive, send: Send) -> None:
    """The same without a framework."""
    if scope["type"] != "websocket":
        return await _no_lifespan(receive, send)
    await receive()
    await send({"type": "websocket.accept"})
    _SENDS.add(send)
    await receive()
    await send({"type": "websocket.send", "text": IN})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == SHOUT:
            for each in _SENDS:
                await each({"type": "websocket.send", "text": EVENT})
        else:
            await send({"type": "websocket.send", "text": message["text"]})
    _SENDS.discard(send)
    return None


_SENDS: set[Send] = set()


class Talk:
    """The same as a session of our protocol class."""

    __slots__ = ("_gate", "_greeted", "_socket")

    def __init__(self, gate: "Gate", socket: Socket) -> None:
        self._gate = gate
        self._socket = socket
        self._greeted = False

    def receive(self, raw: bytes) -> None:
        """A message of the phone."""
        if not self._greeted:
            self._greeted = True
            self._socket.send(text_frame(IN.encode()))
        elif raw == SHOUT.encode():
            frame = text_frame(EVENT.encode())
            for each in self._gate.sockets:
                each.send(frame)
        else:
            self._socket.send(text_frame(raw))

    def tick(self, now: float) -> float:
        """Nothing is due, ever."""
        return math.inf

    def stir(self) -> None:
        """Nobody is waited for."""

    def flooded(self) -> None:
        """Its phones do not."""

    def lost(self) -> None:
        """The phone is gone."""
        self._gate.sockets.discard(self._socket)


class Gate:
    """Lets everybody in."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()

    def refusal(self, _request: Request, _peer: str) -> Refusal | None:
        """Nobody is refused."""
        return None

    def admit(self, socket: Socket, _request: Request, _peer: str) -> Session:
        """A talk with it."""
        self.sockets.add(socket)
        return Talk(self, socket)


async def protocol_only(scope: Message, receive: Receive, send: Send) -> None:
    """Gives uvicorn the gate; there is nothing else to serve."""
    assert scope["type"] == "lifespan"
    await receive()
    scope["state"]["gate"] = Gate()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _no_lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


class Server(uvicorn.Server):
    """Says where it listens, and sets the collector as the real server does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start and print the ready line."""
        await super().startup(sockets)
        assert sockets is not None
        print(f"ready http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
        collect_the_young()


def main(way: str) -> None:
    """Serve one of the three until SIGTERM."""
    apps: dict[str, Any] = {"asgi": bare_asgi, "protocol": protocol_only}
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    config = uvicorn.Config(
        fastapi_route() if way == "fastapi" else apps[way],
        loop="uvloop",
        http="httptools",
        ws=Socket if way == "protocol" else "websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    Server(config).run([listener])


if __name__ == "__main__":
    main(sys.argv[1])
