"""The other end of a socket: a real client protocol in memory, which reads when the test lets it."""

import asyncio
import json
import struct
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.uri import parse_uri

from gigmarket.domain.errors import Refusal
from gigmarket.edge.ws.socket import HIGH_WATER, LOW_WATER, Socket


class ServerState:
    """What uvicorn gives each of its protocols."""

    def __init__(self) -> None:
        self.connections: set[object] = set()


class Quiet:
    """A session that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ticks: list[float] = []
        self.stirred = 0
        self.floods = 0
        self.over = False

    def receive(self, raw: bytes) -> None:
        self.heard.append(raw)

    def tick(self, now: float) -> float:
        self.ticks.append(now)
        return now + 5.0

    def stir(self) -> None:
        self.stirred += 1

    def flooded(self) -> None:
        self.floods += 1

    def lost(self) -> None:
        self.over = True


class OpenGate:
    """Lets everybody in, or nobody."""

    def __init__(self, refused: Refusal | None = None) -> None:
        self.session = Quiet()
        self._refused = refused

    def refusal(self, _request: Request, _peer: str) -> Refusal | None:
        return self._refused

    def admit(self, _socket: Socket, _request: Request, _peer: str) -> Quiet:
        return self.session


class Line:
    """What the kernel knows of a connection: bytes acknowledged so far, and segments that are still to be."""

    def __init__(self) -> None:
        self.acked = self.unacked = 0

    def getsockopt(self, _level: int, _option: int, size: int) -> bytes:
        info = bytearray(size)
        struct.pack_into("=I", info, 24, self.unacked)
        struct.pack_into("=Q", info, 120, self.acked)
        return bytes(info)


class Wire(asyncio.Transport):
    """A transport that tells its protocol to pause when the peer does not read."""

    def __init__(self, peer: "Peer") -> None:
        self.line = Line()
        super().__init__({"peername": ("192.0.2.1", 5000), "socket": self.line})
        self._peer = peer
        self.held = b""
        self.paused = self.closed = self.aborted = self.deaf = False

    def write(self, data: Any) -> None:
        self.held += data
        self._peer.take()
        if len(self.held) > HIGH_WATER and not self.paused:
            self.paused = True
            self._peer.socket.pause_writing()

    def release(self) -> bytes:
        """Everything held goes to the peer."""
        data, self.held = self.held, b""
        return data

    def drained(self) -> None:
        """Tell the protocol that there is room again."""
        if self.paused and len(self.held) <= LOW_WATER:
            self.paused = False
            self._peer.socket.resume_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert (high, low) == (HIGH_WATER, LOW_WATER)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self._peer.socket.connection_lost, None)

    def abort(self) -> None:
        self.aborted = True
        self.held = b""
        self.close()

    def pause_reading(self) -> None:
        self.deaf = True

    def resume_reading(self) -> None:
        self.deaf = False


class Peer:
    """A client that has shaken hands (or was refused); `reading = False` makes it stall."""

    def __init__(self, gate: Any = None) -> None:
        self.gate = gate or OpenGate()
        self.state = ServerState()
        self.client = ClientProtocol(parse_uri("ws://market.test/ws"), max_size=None)
        self.reading = True
        self.refused: Response | None = None
        self.arrived: list[Any] = []
        self.socket = Socket(None, self.state, {"gate": self.gate})
        self.wire = Wire(self)
        self.socket.connection_made(self.wire)
        self.client.send_request(self.client.connect())
        self.flush()

    @property
    def close_code(self) -> int | None:
        """The code the server closed with, once it was read."""
        return self.client.close_rcvd.code if self.client.close_rcvd else None

    def flush(self) -> None:
        """What the client has to say goes to the server."""
        for data in self.client.data_to_send():
            if data and not self.wire.closed:
                self.socket.data_received(data)

    def say(self, payload: bytes, fin: bool = True) -> None:
        """Send a text message, or the first part of one."""
        self.client.send_text(payload, fin)
        self.flush()

    def take(self) -> None:
        """Read what is held, unless the client stalls."""
        while self.reading and (data := self.wire.release()):
            self.client.receive_data(data)
            for event in self.client.events_received():
                self._event(event)
            asyncio.get_running_loop().call_soon(self.flush)

    def read(self) -> None:
        """Stall no longer."""
        self.reading = True
        self.take()
        while self.wire.paused:
            self.wire.drained()
            self.take()

    def stall(self) -> None:
        """Read nothing from now on, with the transport's buffer as good as full."""
        self.reading = False
        self.socket.send(Frame(Opcode.PING, b"x").serialize(mask=False) * (HIGH_WATER // 3 + 1))

    def _event(self, event: object) -> None:
        if isinstance(event, Response):
            self.refused = event if event.status_code != 101 else None
        elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
            self.arrived.append(json.loads(bytes(event.data)))
