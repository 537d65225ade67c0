"""A recorded client: keeps its stream whatever the network does, repeats an operation under its key until it is
answered for good, and writes all of it into the history.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.faults.history import History
from tests.serving import PLAIN, Person

Frame = dict[str, Any]
HTTP: dict[str, tuple[str, str]] = {
    "offer.accept": ("POST", "/api/v1/offers/{offer_id}/accept"),
    "offer.decline": ("POST", "/api/v1/offers/{offer_id}/decline"),
    "offer.extend": ("POST", "/api/v1/offers/{offer_id}/extend"),
    "gig.cancel": ("POST", "/api/v1/gigs/{gig_id}/cancel"),
    "gig.post": ("POST", "/api/v1/gigs"),
    "presence.set": ("PUT", "/api/v1/workers/me/presence"),
    "crew.leave": ("POST", "/api/v1/workers/me/crew/leave"),
}
"""How each operation goes over HTTP; what is in the path is not in the body."""
OVER_SOCKET = HTTP.keys() - {"gig.post", "crew.leave"}
WRAPPED = {"gig.cancel": "gig"}
"""Over HTTP the body is this member of what the socket answers."""
BEHIND_S = 5.0
LOST = (OSError, TimeoutError, WebSocketException, InvalidHandshake, httpx2.HTTPError, json.JSONDecodeError)


@dataclass(frozen=True)
class Answer:
    """What an operation ended with; `status` is None when the client gave up without knowing."""

    status: int | None
    body: Any = None
    retry_after: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was acknowledged."""
        return self.status is not None and self.status < 400


def final(status: int) -> bool:
    """Whether an answer says anything about the operation: 429 and 5xx do not."""
    return status < 500 and status != 429


@dataclass
class Phone:
    """One client of a principal. `urls()` is where the server is, asked anew for each connection.

    `patience_s` is how long an attempt waits for its answer, `tries_s` how long an operation is repeated.
    """

    history: History
    person: Person
    urls: Callable[[], str]
    patience_s: float = 8.0
    tries_s: float = 60.0
    backoff_s: float = 0.3
    rng: random.Random = field(default_factory=random.Random)
    on_event: Callable[["Phone", Frame], None] | None = None

    def __post_init__(self) -> None:
        self.client = self.history.number()
        self.held: int | None = None
        self.epoch: str | None = None
        self.state: dict[str, Any] = {}
        self.sockets = 0
        self.resumed = 0
        self.events: list[Frame] = []
        self.changed = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._behind_since: float | None = None

    @property
    def connected(self) -> bool:
        """Whether a socket has its stream."""
        return self._socket is not None

    @property
    def local_port(self) -> int | None:
        """Our end of the socket that has the stream."""
        return self._socket.local_address[1] if self._socket is not None else None

    @asynccontextmanager
    async def streaming(self) -> AsyncIterator["Phone"]:
        """Keep a stream open, over as many sockets as it takes, until the block ends."""
        running = asyncio.create_task(self._stream())
        try:
            await self.until(lambda: self.connected or running.done())
            yield self
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            self.history.write("left", client=self.client, principal=self.person.principal, held=self.held)

    async def until(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait until something this phone heard makes it so. Raises AssertionError after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.person.principal} waited {seconds:.0f} s; holds {self.held}") from None

    async def act(
        self, op: str, args: Mapping[str, Any], key: str | None = None, over: str | None = None
    ) -> Answer:
        """Carry out an operation, repeated under one key until its answer is final or `tries_s` are over.

        `over` is "socket" or "http"; without it each attempt takes one of those that there are.
        """
        number = self.history.number()
        key = key or f"k{number}"
        self._write("invoke", id=number, op=op, args=dict(args), key=key)
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.tries_s
        while (began := clock()) < deadline:
            answer = await self._attempt(op, args, key, over)
            self._write("try", id=number, status=answer.status, retry_after=answer.retry_after,
                        took_s=clock() - began)  # fmt: skip
            if answer.status is not None and final(answer.status):
                if answer.ok:
                    self._write("ok", id=number, result=answer.body)
                else:
                    self._write("fail", id=number, problem=answer.body)
                return answer
            await asyncio.sleep(self.backoff_s * self.rng.random())
        self._write("info", id=number)
        return Answer(None)

    async def _attempt(self, op: str, args: Mapping[str, Any], key: str, over: str | None) -> Answer:
        socket = self._socket
        if over is None and op in OVER_SOCKET and socket is not None:
            over = self.rng.choice(("socket", "http"))
        try:
            if over == "socket":
                return await self._command(op, args, key)
            return await self._request(op, args, key)
        except LOST:
            return Answer(None)

    async def _command(self, op: str, args: Mapping[str, Any], key: str) -> Answer:
        socket = self._socket
        if socket is None:
            raise OSError("no socket")
        waiting = self._waiting.get(key)
        if waiting is None or waiting.done():
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        await socket.send(json.dumps({"t": "command", "id": key, "op": op, "args": dict(args)}))
        async with asyncio.timeout(self.patience_s):
            result = await asyncio.shield(waiting)
        if result["ok"]:
            return Answer(200, result["data"])
        return Answer(result["problem"]["status"], result["problem"])

    async def _request(self, op: str, args: Mapping[str, Any], key: str) -> Answer:
        method, path = HTTP[op]
        body = {name: value for name, value in args.items() if f"{{{name}}}" not in path}
        async with httpx2.AsyncClient(base_url=self.urls(), verify=PLAIN, timeout=self.patience_s) as http:
            response = await http.request(
                method,
                path.format(**args),
                headers={**self.person.headers, "Idempotency-Key": key},
                json=body,
            )
            answer = response.json()
            if response.status_code < 400 and op in WRAPPED:
                answer = {WRAPPED[op]: answer}
            return Answer(response.status_code, answer, response.headers.get("Retry-After", ""))

    async def _stream(self) -> None:
        while True:
            with suppress(*LOST):
                await self._one_socket()
            self._socket = None
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(OSError("the socket is gone"))
                    waiting.exception()
            self._waiting.clear()
            self.changed.set()
            await asyncio.sleep(self.backoff_s * self.rng.random())

    async def _one_socket(self) -> None:
        url = self.urls()
        async with httpx2.AsyncClient(base_url=url, verify=PLAIN, timeout=self.patience_s) as http:
            response = await http.post("/api/v1/ws-tickets", headers=self.person.headers)
            if response.status_code != 201:
                raise OSError(f"no ticket: {response.status_code}")
        address = url.replace("http", "ws", 1) + "/ws"
        number, code = self.history.number(), None
        async with connect(
            address, compression=None, proxy=None, open_timeout=self.patience_s, close_timeout=0.2
        ) as socket:
            try:
                hello: Frame = {"t": "hello", "ticket": response.json()["ticket"]}
                if self.epoch is not None:
                    hello |= {"epoch": self.epoch, "seq": self.held}
                await socket.send(json.dumps(hello))
                while True:
                    self._heard(socket, number, json.loads(await self._next(socket)))
            finally:
                code = socket.close_code
                self._write("closed", socket=number, code=code)

    async def _next(self, socket: ClientConnection) -> str | bytes:
        """The next frame. A server that says nothing for longer than its heartbeat is taken for lost."""
        async with asyncio.timeout(self.patience_s if self._socket is None else 35):
            frame = await socket.recv()
        if isinstance(frame, str) and frame.startswith('{"t":"ping"'):
            await socket.send('{"t":"pong"}')
        return frame

    def _heard(self, socket: ClientConnection, number: int, frame: Frame) -> None:
        match frame["t"]:
            case "welcome":
                self._write("welcome", socket=number, seq=frame["seq"], epoch=frame["epoch"],
                            resumed=frame["resumed"], asked=self.held)  # fmt: skip
                self.epoch = frame["epoch"]
                self.sockets += 1
                if frame["resumed"]:
                    self.resumed += 1
                    self._socket = socket
            case "snapshot":
                self._write("snapshot", socket=number, seq=frame["seq"], state=frame["state"])
                self.held, self.state, self._socket = frame["seq"], frame["state"], socket
            case "event":
                self._write("event", socket=number, seq=frame["seq"], kind=frame["kind"], data=frame["data"])
                self._take(frame)
            case "result":
                waiting = self._waiting.get(frame["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
            case "ping":
                self._compare(frame["seq"])
        self.changed.set()

    def _take(self, event: Frame) -> None:
        """The protocol's law: drop what is held, come back for what is missing."""
        assert self.held is not None
        if event["seq"] > self.held + 1:
            raise OSError("an event is missing: resume")
        if event["seq"] == self.held + 1:
            self.held = event["seq"]
            self.events.append(event)
            if self.on_event is not None:
                self.on_event(self, event)

    def _compare(self, head: int) -> None:
        now = asyncio.get_running_loop().time()
        if self.held is None or head <= self.held:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now
            asyncio.get_running_loop().call_later(BEHIND_S, self._still_behind, head)

    def _still_behind(self, head: int) -> None:
        self._behind_since = None
        if self._socket is not None and self.held is not None and self.held < head:
            self._socket.transport.abort()

    def _write(self, what: str, **fields: Any) -> None:
        self.history.write(what, client=self.client, principal=self.person.principal, **fields)
