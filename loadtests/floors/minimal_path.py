"""The least that posting a gig can cost: `python -m loadtests.floors.minimal_path DATABASE REDIS_URL [apart]`.

One process: a minimal FastAPI handler, one SQL insert and commit, one Lua GEOSEARCH and claim, one publish;
its own subscriber sends one frame to the worker's socket. Durable, indexed and pushed, and nothing else: no
login, no idempotency, no rules, no lock, no outbox, no assignment, no second process.

`apart`: the claim in a process of its own, as any dispatcher that outlives a server has it. It is woken through
the bus and commits the offer before it publishes; still no rule of any kind.
"""

import asyncio
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel
from starlette.websockets import WebSocketDisconnect

from gigmarket.live.connection import Client, connect
from gigmarket.process import collect_the_young

RADIUS_M = 1500.0
COUNT = 32
OFFER_S = 60
CHANNEL, WAKE = "floor:bus", "floor:wake"
CLAIM = """
local found = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2],
  'BYRADIUS', ARGV[3], 'm', 'ASC', 'COUNT', ARGV[4])
for _, worker in ipairs(found) do
  if redis.call('SET', 'floor:claim:' .. worker, ARGV[5], 'NX', 'EX', ARGV[6]) then return worker end
end
return false
"""


class Place(BaseModel):
    """WGS-84 degrees."""

    lat: float
    lng: float


class Posted(BaseModel):
    """What the floor reads of a gig."""

    title: str
    trade: str
    headcount: int
    site: Place


class Accepted(BaseModel):
    """What it answers."""

    id: str
    status: str = "open"


def _open(database: str) -> sqlite3.Connection:
    sql = sqlite3.connect(database, isolation_level=None)
    sql.execute("PRAGMA journal_mode=WAL")
    sql.execute("PRAGMA synchronous=FULL")
    return sql


class Claims:
    """Gives gigs to the nearest worker of their trade. With a database the offer is committed there first."""

    def __init__(self, redis: Client, sql: sqlite3.Connection | None) -> None:
        self._redis = redis
        self._sql = sql
        self._script = redis.register_script(CLAIM)

    async def offer(self, made: str, gig: Posted) -> None:
        """Claim the nearest and publish the offer; nothing where nobody is near."""
        site = gig.site
        worker = await self._script(
            keys=[f"floor:workers:{gig.trade}"], args=[site.lng, site.lat, RADIUS_M, COUNT, made, OFFER_S]
        )
        if worker is None:
            return
        if self._sql is not None:
            self._sql.execute("INSERT INTO offer VALUES (?, ?)", (made, worker.decode()))
        frame = orjson.dumps({"t": "event", "kind": "offer.created", "gig": made, "title": gig.title})
        await self._redis.publish(CHANNEL, worker + b"\n" + frame)


async def heard(redis: Client, channel: str) -> AsyncIterator[bytes]:
    """What comes on a channel, forever."""
    pubsub: Any = redis.pubsub()
    await pubsub.subscribe(channel)
    while True:
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1.0)
        if message is not None:
            yield message["data"]


async def claim_apart(database: str, redis_url: str) -> None:
    """Claim for every gig that the server tells of, until SIGTERM."""
    redis = connect(redis_url)
    claims = Claims(redis, _open(database))
    collect_the_young()
    async for told in heard(redis, WAKE):
        made, _, body = told.partition(b"\n")
        await claims.offer(made.decode(), Posted.model_validate_json(body))


class Floor:
    """The minimal server's state: one SQL connection, one claim script, its sockets by worker."""

    def __init__(self, database: str, redis_url: str, apart: bool) -> None:
        self._sql = _open(database)
        self._sql.execute("CREATE TABLE gig (id TEXT PRIMARY KEY, title TEXT, trade TEXT, lat REAL, lng REAL)")
        self._sql.execute("CREATE TABLE offer (gig TEXT PRIMARY KEY, worker TEXT)")
        self._redis = connect(redis_url)
        self._claims = None if apart else Claims(self._redis, None)
        self._sockets: dict[str, WebSocket] = {}

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Listen to the bus while serving."""
        pushing = asyncio.create_task(self._push())
        yield
        pushing.cancel()
        await asyncio.wait({pushing})
        await self._redis.aclose()
        self._sql.close()

    async def _push(self) -> None:
        async for told in heard(self._redis, CHANNEL):
            worker, _, frame = told.decode().partition("\n")
            if worker in self._sockets:
                await self._sockets[worker].send_text(frame)

    async def post(self, gig: Posted) -> Accepted:
        """Keep the gig; claim the nearest worker of its trade and publish the offer, or have that done."""
        made, site = Accepted(id=uuid4().hex), gig.site
        row = (made.id, gig.title, gig.trade, site.lat, site.lng)
        self._sql.execute("INSERT INTO gig VALUES (?, ?, ?, ?, ?)", row)
        if self._claims is not None:
            await self._claims.offer(made.id, gig)
        else:
            await self._redis.publish(WAKE, f"{made.id}\n{gig.model_dump_json()}")
        return made

    async def release(self, worker: str) -> Accepted:
        """Give a claim back."""
        await self._redis.delete(f"floor:claim:{worker}")
        return Accepted(id=worker)

    async def stream(self, connection: WebSocket) -> None:
        """A worker's socket: its first frame is the worker's id."""
        await connection.accept()
        worker = await connection.receive_text()
        self._sockets[worker] = connection
        await connection.send_text("welcome")
        try:
            while True:
                await connection.receive_text()
        except WebSocketDisconnect:
            self._sockets.pop(worker, None)


async def _healthz() -> dict[str, str]:
    return {"status": "ok"}


def create_app(database: str, redis_url: str, apart: bool) -> FastAPI:
    """The minimal server."""
    floor = Floor(database, redis_url, apart)
    app = FastAPI(lifespan=floor.lifespan, openapi_url=None)
    app.get("/healthz")(_healthz)
    app.post("/gigs", status_code=201)(floor.post)
    app.post("/workers/{worker}/release")(floor.release)
    app.websocket("/ws")(floor.stream)
    return app


class Server(uvicorn.Server):
    """Says where it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, print the ready line, and set the collector as the real server does."""
        await super().startup(sockets)
        assert sockets is not None
        print(f"ready http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
        collect_the_young()


def main(database: str, redis_url: str, way: str = "") -> None:
    """Serve on a free port until SIGTERM; `apart` with the claims in a second process, which is `claims`."""
    if way == "claims":
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(claim_apart(database, redis_url))
        return
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    config = uvicorn.Config(
        create_app(database, redis_url, way == "apart"),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )
    if way == "apart":
        # Ends with the live store, which is stopped after this server.
        subprocess.Popen([sys.executable, "-m", "loadtests.floors.minimal_path", database, redis_url, "claims"])
    Server(config).run([listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
