"""One WebSocket as uvicorn's `ws=` protocol class: a sans-IO protocol between a transport and a session.

No task and no queue per connection: what comes in is handled where it arrives, and what goes out is written
straight to the transport, or waits in the outbox while that is full (docs/decisions/0012).
"""

import asyncio
import logging
from typing import Any, Protocol, cast

from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from gigmarket.domain.errors import Refusal
from gigmarket.edge.ws.framing import length_on_wire, short_text
from gigmarket.edge.ws.outbox import Outbox
from gigmarket.edge.ws.session import FRAMES_PER_MINUTE, spend
from gigmarket.edge.ws.taking import Taking
from gigmarket.wire import problems
from gigmarket.wire.closing import Close
from gigmarket.wire.codec import encode

log = logging.getLogger("gigmarket.edge")
_QUIET = logging.getLogger("gigmarket.edge.frames")
_QUIET.setLevel(logging.WARNING)

MAX_WS_BYTES = 64 * 1024
"""Above the protocol's 16 KiB, so that a large frame gets our close code and not the library's."""
WRITE_S = 5.0
"""So long a socket may take nothing before its client counts as too slow."""
CLOSE_S = 5.0
"""So long a client may take to answer a close."""
LOOK_S = 1.0
"""So often a socket is looked at that waits for its client."""
SLICE = 4_096
"""So many bytes are parsed at once: of the smallest frames nearly seven hundred."""
MESSAGES = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
SWITCHING = 101
_HEAD_ENDS = b"\r\n\r\n"
HIGH_WATER, LOW_WATER = 64 * 1024, 16 * 1024


class _Connection(ServerProtocol):
    """The library's, but a message that is too large for it is a bad frame, as one too large for us is."""

    def fail(self, code: int, reason: str = "") -> None:
        """End the connection for what the client did."""
        super().fail(Close.BAD_FRAME if code == CloseCode.MESSAGE_TOO_BIG else code, reason)


class Session(Protocol):
    """What a socket hands its messages to."""

    def receive(self, raw: bytes) -> None:
        """A whole message."""

    def tick(self, now: float) -> float:
        """Time passes: `now` is the loop's. Answers before when nothing of the session's own will be due."""

    def stir(self) -> None:
        """The socket waits for its client now: tick it every second, whatever was answered last."""

    def flooded(self) -> None:
        """More frames came than anybody needs: end it."""

    def lost(self) -> None:
        """The connection is over."""


class Gate(Protocol):
    """Who may connect, and with which session."""

    def refusal(self, request: Request, peer: str) -> Refusal | None:
        """Why there is no upgrade, or None."""

    def admit(self, socket: "Socket", request: Request, peer: str) -> Session:
        """The session of an upgraded socket."""


class Socket(asyncio.Protocol):
    """Framing, flow control and both sides of the close handshake; everything else is its session's."""

    __slots__ = (
        "_blocked_at", "_close", "_conn", "_deadline", "_gate", "_loop", "_odd", "_outbox", "_parts", "_peer",
        "_server", "_session", "_transport", "_unread", "taking",
    )  # fmt: skip

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        self._server = server_state
        self._gate: Gate = app_state["gate"]
        self._loop = asyncio.get_running_loop()
        self._conn = _Connection(extensions=None, max_size=MAX_WS_BYTES, logger=_QUIET)
        self._session: Session | None = None
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._peer = ""
        self._outbox: Outbox | None = None
        self._parts: list[bytes] = []
        self._blocked_at: float | None = None
        self._close: Close | None = None
        self._deadline: float | None = None
        # Bytes that the parser was given beyond the frames it has told of: 0 between two frames.
        self._unread = 0
        # Until when frames that no session counts are spent (`spend`).
        self._odd = 0.0

    # --- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """uvicorn's HTTP protocol hands its transport over."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        self.taking = Taking(self._transport)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of the client: a handshake, then frames."""
        # Nearly all that phones say is one short frame at a time, between two others: that needs no parser.
        if self._session is not None and not self._unread and not self._parts and self._close is None:
            message = short_text(data)
            if message is not None:
                self._session.receive(message)
                return
        # In slices, so that a flood of tiny frames is noticed before all of it has been parsed.
        for at in range(0, len(data), SLICE):
            if not self._parse(data[at : at + SLICE]):
                break
        self._flush()
        if self._conn.parser_exc is not None or self._conn.state is State.CLOSED or self._conn.close_expected():
            self._transport.close()

    def eof_received(self) -> bool:
        """The client will send no more; nothing useful can follow."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over, whoever ended it."""
        self._server.connections.discard(self)
        # The library's parser holds the connection, which holds the parser: only a full collection finds that.
        self._conn.parser.close()
        self._outbox = None
        session, self._session = self._session, None
        if session is not None:
            session.lost()

    def pause_writing(self) -> None:
        """The transport holds all that it may: what follows waits here."""
        self._blocked_at = self._loop.time()
        self.taking.look(self._blocked_at)
        if self._session is not None:
            self._session.stir()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._blocked_at = None
        while self._outbox and self._blocked_at is None:
            self._transport.write(self._outbox.take())
        if not self._outbox:
            self._outbox = None
            if self._close is not None:
                self._say_close(self._close)

    def shutdown(self) -> None:
        """uvicorn ends: whoever is still here is told to come back."""
        self.close(Close.SHUTDOWN)
        self._transport.close()

    # --- what the session and the hub call

    @property
    def open(self) -> bool:
        """Whether anything can still be sent."""
        return self._close is None and not self._transport.is_closing()

    def send(self, frame: bytes, counted: bool = True) -> None:
        """Send a framed message in its turn, or close a client that is too far behind with 4003."""
        # Not by `open`: every event of every phone comes this way.
        if self._close is not None or self._transport.is_closing():
            return
        if self._blocked_at is None:
            self._transport.write(frame)
            return
        if self._outbox is None:
            self._outbox = Outbox()
        if not self._outbox.put(frame, counted):
            self._too_slow()

    def send_state(self, key: str, frame: bytes) -> None:
        """Send a state, or keep its latest value for when the client can take it."""
        if not self.open:
            return
        if self._blocked_at is None:
            self._transport.write(frame)
            return
        if self._outbox is None:
            self._outbox = Outbox()
        self._outbox.put_state(key, frame)

    def close(self, code: Close) -> None:
        """Close after what is queued; the first reason counts."""
        if self._close is not None:
            return
        self._close = code
        if self._session is not None:
            self._session.stir()
        self._deadline = self._loop.time() + CLOSE_S
        if self._outbox is None:
            self._say_close(code)
        if code is Close.SILENT:
            # Who says nothing does not answer a close either. What is in the way of it has until the deadline.
            self._transport.close()

    def pause(self) -> None:
        """Read no more for now: the client sends faster than it is served."""
        self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def tick(self, now: float) -> float:
        """Give up a client that takes or answers nothing, and let the session look at its own clock. Answers
        before when a tick would do nothing, unless the session is stirred.
        """
        if self._deadline is None and self._blocked_at is None and self._session is not None:
            # Nearly all. Whom this closes is stirred by it.
            return self._session.tick(now)
        if self._deadline is not None and now > self._deadline:
            self._transport.abort()
        elif self._close is None and self._blocked_at is not None and self._takes_nothing(now):
            self._too_slow()
        elif self._close is None and self._session is not None:
            self._session.tick(now)
        return now + LOOK_S

    # --- inside

    def _parse(self, data: bytes) -> bool:
        """Give bytes to the library and take its frames; False once there were too many that no session counts:
        pings, parts of messages, and whatever comes after a close.
        """
        self._unread += len(data)
        self._conn.receive_data(data)
        for event in self._conn.events_received():
            if isinstance(event, Frame):
                self._unread -= length_on_wire(event)
                if self._is_counted(event) or self._may_be_odd():
                    self._frame(event)
                else:
                    self._flooded()
                    return False
            elif isinstance(event, Request):
                self._unread = 0 if data.endswith(_HEAD_ENDS) else len(data)
                self._upgrade(event)
        return True

    def _is_counted(self, frame: Frame) -> bool:
        return self._close is None and frame.fin and frame.opcode in MESSAGES

    def _may_be_odd(self) -> bool:
        odd = spend(self._odd, FRAMES_PER_MINUTE, self._loop.time())
        if odd is not None:
            self._odd = odd
        return odd is not None

    def _flooded(self) -> None:
        if self._session is not None:
            self._session.flooded()
        self._transport.close()

    def _takes_nothing(self, now: float) -> bool:
        """Whether a blocked client has not taken a byte for too long; one that takes has as long again."""
        if self.taking.look(now):
            self._blocked_at = now
        return self._blocked_at is not None and now - self._blocked_at > WRITE_S

    def _upgrade(self, request: Request) -> None:
        refusal = self._gate.refusal(request, self._peer)
        response = self._conn.accept(request) if refusal is None else self._rejected(refusal)
        self._conn.send_response(response)
        self._flush()
        if response.status_code == SWITCHING:
            self._session = self._gate.admit(self, request, self._peer)
        else:
            self._transport.close()

    def _rejected(self, refusal: Refusal) -> Response:
        problem = problems.problem(refusal)
        response = self._conn.reject(problem["status"], encode(problem).decode())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = problems.CONTENT_TYPE
        if (retry_after := problems.retry_after_s(refusal)) is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def _frame(self, frame: Frame) -> None:
        if frame.opcode in MESSAGES:
            if not frame.fin:
                self._parts.append(bytes(frame.data))
            elif self._parts:
                whole, self._parts = b"".join((*self._parts, frame.data)), []
                self._heard(whole)
            else:
                self._heard(bytes(frame.data))

    def _heard(self, message: bytes) -> None:
        if self._close is None and self._session is not None:
            self._session.receive(message)

    def _too_slow(self) -> None:
        if self._outbox is not None:
            self._outbox.clear()
            self._outbox = None
        self.close(Close.SLOW)

    def _say_close(self, code: Close) -> None:
        try:
            self._conn.send_close(code, code.name.lower())
        except InvalidState:
            # The client closed first, or the handshake never ended.
            self._transport.close()
            return
        self._flush()

    def _flush(self) -> None:
        out = b"".join(self._conn.data_to_send())
        if out and not self._transport.is_closing():
            self._transport.write(out)
