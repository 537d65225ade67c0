"""`python -m gigmarket.edge.server`: one server process on a socket that the supervisor has bound."""

import asyncio
import logging
import os
import signal
import socket
import sys

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gigmarket.edge.app import create_app
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.socket import Socket
from gigmarket.process import (
    collect_the_young,
    die_with_parent,
    give_back_freed_memory,
    share_the_interpreter,
    start_logging,
)
from gigmarket.settings import Settings
from gigmarket.wire.codec import encode
from gigmarket.wire.problems import CONTENT_TYPE, problem_of

HASTE_S, LEISURE_S = 4.0, 10.0
"""Over how long the streams are closed at SIGTERM, and at SIGUSR1, when another process has taken over."""


OWN = ("127.0.0.1", "::1")
"""This machine, where a proxy is believed."""
REQUEST_S = 30.0
"""So long a request may take to arrive, an upgrade's too. A poor line needs a second or two."""


class Requests(HttpToolsProtocol):
    """uvicorn's, but that a request has to arrive in time, and that a connection which became a stream's leaves
    nothing behind: the protocol and its parser hold each other, and nobody tells it of the connection's end.
    """

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody who says nothing is not waited for either."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request; from its first one on it has REQUEST_S."""
        # Before its first request a connection has no cycle, whatever its type says.
        cycle: RequestResponseCycle | None = self.cycle
        if self._late is None and (cycle is None or cycle.response_complete):
            self._expect()
        super().data_received(data)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._arrived()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused as everything else is: by a problem, and not by a line of text."""
        body = encode(problem_of("bad-request", "what came is not HTTP/1.1"))
        head = f"content-type: {CONTENT_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head.encode() + body)
        self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, then let the parser go, as uvicorn itself does at a connection's end."""
        self._arrived()
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._late = self.loop.call_later(REQUEST_S, self.transport.close)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class Server(uvicorn.Server):
    """Says when it accepts requests, and drains the streams before it stops."""

    drain_s = HASTE_S

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell the supervisor by one line on the pipe it gave."""
        await super().startup(sockets)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._retire)
        ready = os.environ.get("GIGMARKET_READY_FD")
        if ready is not None and self.started:
            os.write(int(ready), b"ready\n")
            os.close(int(ready))
        collect_the_young()
        share_the_interpreter()
        give_back_freed_memory()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every stream with 4001, spread over a moment, then stop."""
        for listener in self.servers:
            listener.close()
        hub: Hub | None = getattr(getattr(self.config.app, "state", None), "hub", None)
        if hub is not None:
            await hub.drain(self.drain_s)
        await super().shutdown(sockets)

    def _retire(self) -> None:
        self.drain_s = LEISURE_S
        self.should_exit = True


def config(settings: Settings) -> uvicorn.Config:
    """uvicorn with our own protocol class for streams."""
    return uvicorn.Config(
        create_app(settings),
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=Requests,
        ws=Socket,
        # As for streams (`ws/gate.py`).
        forwarded_allow_ips=[*OWN, *settings.proxies],
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        # uvicorn listens anew, with 2,048 unless told.
        backlog=4096,
    )


def main() -> None:
    """Serve on the inherited sockets until SIGTERM."""
    start_logging("server")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    die_with_parent()
    settings = Settings()
    listeners = [socket.socket(fileno=int(number)) for number in os.environ["GIGMARKET_LISTEN_FDS"].split(",")]
    Server(config(settings)).run(listeners)


if __name__ == "__main__":
    main()
