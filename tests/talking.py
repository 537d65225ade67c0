"""A client of `gig.v1` for tests, and the few HTTP calls most stories begin with."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.serving import WAIT_S, Person, Serving, beside

Frame = dict[str, Any]
_COMMANDS = count(1)


class Stream:
    """One socket after hello: holds what was not asked for yet, answers pings, insists on gapless seqs."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: Frame = {}
        self.state: dict[str, Any] = {}
        self.seq = 0
        self.events: list[Frame] = []
        self._unread: list[Frame] = []

    @property
    def epoch(self) -> str:
        return str(self.welcome["epoch"])

    async def say(self, frame: Mapping[str, Any]) -> None:
        """Send one frame."""
        await self.socket.send(json.dumps(frame))

    async def hear(self, seconds: float = WAIT_S) -> Frame:
        """The next frame from the server, pings answered and left out."""
        while True:
            async with asyncio.timeout(seconds):
                frame: Frame = json.loads(await self.socket.recv())
            if frame["t"] == "ping":
                await self.say({"t": "pong"})
                continue
            if frame["t"] == "event":
                assert frame["seq"] == self.seq + 1, f"after {self.seq} came {frame['seq']}"
                self.seq = frame["seq"]
                self.events.append(frame)
            return frame

    async def begin(self, ticket: str, epoch: str | None, seq: int | None) -> Self:
        """hello, then welcome with either the missed events (left to be heard) or the snapshot."""
        resume = {} if epoch is None else {"epoch": epoch, "seq": seq}
        await self.say({"t": "hello", "ticket": ticket, **resume})
        self.welcome = await self.hear()
        assert self.welcome["t"] == "welcome", self.welcome
        if self.welcome["resumed"]:
            assert seq is not None
            self.seq = seq
        else:
            snapshot = await self.hear()
            assert snapshot["t"] == "snapshot"
            assert snapshot["seq"] == self.welcome["seq"]
            self.seq, self.state = snapshot["seq"], snapshot["state"]
        return self

    async def event(self, kind: str) -> Frame:
        """The next event of this kind; others before it are kept for their own askers."""
        return await self._next(lambda frame: frame["t"] == "event" and frame["kind"] == kind)

    async def until(self, seq: int) -> list[Frame]:
        """Every event so far, once the stream has come to `seq`."""
        while self.seq < seq:
            self._unread.append(await self.hear())
        return self.events

    async def command(self, op: str, args: Mapping[str, Any], key: str | None = None) -> Frame:
        """Perform a command and return its result frame."""
        key = key or f"c{next(_COMMANDS)}"
        await self.say({"t": "command", "id": key, "op": op, "args": args})
        return await self.result(key)

    async def result(self, key: str) -> Frame:
        """The result of a command that was sent."""
        return await self._next(lambda frame: frame["t"] == "result" and frame["id"] == key)

    async def closed(self) -> int:
        """Read to the end; the close code."""
        with suppress(ConnectionClosed):
            while True:
                self._unread.append(await self.hear())
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def _next(self, wanted: Any) -> Frame:
        for at, frame in enumerate(self._unread):
            if wanted(frame):
                return self._unread.pop(at)
        while not wanted(frame := await self.hear()):
            self._unread.append(frame)
        return frame


@asynccontextmanager
async def stream_of(
    served: Serving, person: Person, epoch: str | None = None, seq: int | None = None
) -> AsyncIterator[Stream]:
    """This person's stream, begun or resumed."""
    async with served.http(person) as http:
        ticket = await ok(http.post("/api/v1/ws-tickets"), 201)
    async with connect(served.ws_url, compression=None) as socket:
        yield await Stream(socket).begin(ticket["ticket"], epoch, seq)


async def ok(asked: Any, status: int = 200) -> Any:
    """The JSON of a request that must succeed with this status."""
    response: httpx2.Response = await asked
    assert response.status_code == status, f"{response.status_code} {response.text}"
    return response.json() if response.content else None


def posting(where: Mapping[str, object], **changes: Any) -> dict[str, Any]:
    """The contract's gig at this place, with changes."""
    now = datetime.now(UTC)
    return {
        "title": "搬运药材",
        "trade": "porter",
        "headcount": 1,
        "site": {**where, "address": "药都大道 1 号"},
        "starts_at": (now + timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=5)).isoformat(),
        "wage": {"amount_fen": 18000, "per": "day"},
        "settlement": "daily",
        **changes,
    }


async def go_available(
    served: Serving, worker: Person, where: Mapping[str, object], trades: tuple[str, ...] = ("porter",)
) -> None:
    """A profile with these trades, then available some 500 m from the place."""
    async with served.http(worker) as http:
        profile = {"trades": list(trades), "mode": "ebike", "floor_wage_fen": 0}
        await ok(http.put("/api/v1/workers/me", json=profile))
        presence = {"status": "available", "position": beside(where, 500)}
        await ok(http.put("/api/v1/workers/me/presence", json=presence))


async def post_gig(
    served: Serving, employer: Person, where: Mapping[str, object], **changes: Any
) -> dict[str, Any]:
    """A gig at this place."""
    async with served.http(employer) as http:
        gig: dict[str, Any] = await ok(http.post("/api/v1/gigs", json=posting(where, **changes)), 201)
        return gig


async def offered(
    served: Serving, where: Mapping[str, object], **changes: Any
) -> tuple[Person, Person, dict[str, Any]]:
    """A worker, an employer and the offer between them, seen over HTTP."""
    worker, employer = served.person("worker"), served.person("employer", "药都物流")
    await go_available(served, worker, where)
    await post_gig(served, employer, where, **changes)
    async with served.http(worker) as http:

        async def items() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await ok(http.get("/api/v1/workers/me/offers")))["items"]
            return found

        (offer,) = await eventually(items, "the gig is offered")
    return worker, employer, offer


async def assigned(
    served: Serving, where: Mapping[str, object], **changes: Any
) -> tuple[Person, Person, dict[str, Any]]:
    """A worker, an employer and the assignment between them."""
    worker, employer, offer = await offered(served, where, **changes)
    async with served.http(worker) as http:
        answer = await ok(http.post(f"/api/v1/offers/{offer['id']}/accept"))
    return worker, employer, answer["assignment"]


async def eventually(look: Any, what: str, seconds: float = WAIT_S) -> Any:
    """Await `look()` again and again until it gives something true; that value."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.02)
    return found
