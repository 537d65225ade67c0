"""The thin shell around the pure session: reads frames, carries out its actions, owns the writer."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from fastapi import WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect, WebSocketState

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, Invalid, Refusal, Unauthenticated, Unavailable
from gigmarket.domain.geo import Datum
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.edge.problems import live_down
from gigmarket.edge.ws.connection import Connection
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.session import (
    HEARTBEAT_S,
    Action,
    Call,
    End,
    Ended,
    Moved,
    Phase,
    Received,
    Redeem,
    Refuse,
    Renew,
    SendPing,
    Waiting,
)
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.live.connection import LiveDown
from gigmarket.services import commands
from gigmarket.services.market import Market, outgoing_of
from gigmarket.services.snapshots import catch_up, session_end
from gigmarket.store.idempotency import Answer
from gigmarket.travel.datum import to_wgs84
from gigmarket.wire import problems
from gigmarket.wire.closing import Close
from gigmarket.wire.codec import encode
from gigmarket.wire.frames import ErrorFrame, Problem, Refreshed, Snapshot, Welcome
from gigmarket.wire.ops import OPS
from gigmarket.wire.tickets import actor_of_ticket

log = logging.getLogger("gigmarket.edge")

MAX_SOCKETS = 20_000


async def serve(socket: WebSocket, market: Market, hub: Hub, origins: frozenset[str]) -> None:
    """One socket from handshake to close."""
    if not _allowed(socket, origins):
        await socket.close(Close.FORBIDDEN)
        return
    await socket.accept()
    endpoint = Endpoint(socket, market, hub)
    if hub.draining:
        endpoint.connection.close(Close.SHUTDOWN)
    elif hub.open_sockets >= MAX_SOCKETS:
        endpoint.connection.close(Close.TOO_MANY)
    await endpoint.run()


class Endpoint:
    """One socket's session, connection and place in its stream."""

    def __init__(self, socket: WebSocket, market: Market, hub: Hub) -> None:
        self._socket = socket
        self._market = market
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._phase: Phase = Waiting(self._loop.time())
        self._subscriber: Subscriber | None = None
        self.connection = Connection(socket)

    async def run(self) -> None:
        """Read and write until either side ends it."""
        writer = self._loop.create_task(self.connection.write())
        reader = self._loop.create_task(self._read())
        self._hub.watch(self, self._tick)
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
            if not writer.done():
                self.connection.close(Close.STATE_INSUFFICIENT)
                if self._socket.client_state is WebSocketState.CONNECTED:
                    await asyncio.wait({writer}, timeout=5)
        finally:
            self._hub.forget(self)
            if self._subscriber is not None:
                self._hub.leave(self._subscriber)
            for task in (reader, writer):
                task.cancel()
            for ended in await asyncio.gather(reader, writer, return_exceptions=True):
                if isinstance(ended, Exception):
                    log.error("a socket's task failed", exc_info=ended)

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while not isinstance(self._phase, Ended):
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                raw = message.get("text") or message.get("bytes") or b""
                self._phase, actions = self._phase.receive(raw, self._loop.time())
                for action in actions:
                    await self._do(action)

    def _tick(self, now: float) -> bool:
        self._phase, actions = self._phase.tick(now)
        for action in actions:
            if isinstance(action, SendPing) and self._subscriber is not None:
                self._hub.ping(self._subscriber)
            elif isinstance(action, End):
                self._end(action)
        return bool(actions)

    async def _do(self, action: Action) -> None:
        match action:
            case Redeem():
                await self._redeem(action)
            case Renew(ticket=ticket):
                await self._renew(ticket)
            case Call():
                await self._call(action)
            case Refuse(id=command_id, refusal=refusal):
                self._answer(command_id, refusal)
            case Moved():
                self._moved(action)
            case Received(seq=seq):
                if self._subscriber is not None:
                    self._subscriber.acked = max(self._subscriber.acked, seq)
            case End():
                self._end(action)
            case SendPing():
                pass

    def _end(self, end: End) -> None:
        self._phase = Ended()
        if end.problem is not None:
            frame = ErrorFrame(problem=Problem.model_validate(end.problem))
            self.connection.send(encode(frame.model_dump(exclude_none=True)).decode())
        self.connection.close(end.code)

    async def _redeem(self, redeem: Redeem) -> None:
        async with self._ended_by_refusal():
            await self._start(await self._ticket(redeem.ticket), redeem)

    async def _renew(self, ticket: str) -> None:
        subscriber = self._subscriber
        if subscriber is None:
            return
        async with self._ended_by_refusal():
            actor = await self._ticket(ticket)
            if actor.account != subscriber.actor.account or actor.principal() != subscriber.actor.principal():
                refusal = Forbidden("this ticket is of somebody else")
                self._end(End(Close.FORBIDDEN, problems.problem(refusal)))
                return
            expires_at = await self._market.store.read(session_end, actor)
            subscriber.actor = actor
            self.connection.send(encode(Refreshed(expires_at=expires_at)).decode())

    async def _ticket(self, ticket: str) -> Actor:
        subject = await self._market.tickets.redeem(ticket)
        if subject is None:
            raise Unauthenticated("the ticket is unknown, used or older than 30 seconds")
        return actor_of_ticket(subject)

    @contextlib.asynccontextmanager
    async def _ended_by_refusal(self) -> AsyncIterator[None]:
        try:
            yield
        except LiveDown:
            self._end(End(Close.STATE_INSUFFICIENT, problems.problem(live_down())))
        except Unavailable as refusal:
            self._end(End(Close.STATE_INSUFFICIENT, problems.problem(refusal)))
        except Refusal as refusal:
            self._end(End(Close.SESSION_EXPIRED, problems.problem(refusal)))

    async def _start(self, actor: Actor, redeem: Redeem) -> None:
        """Join the hub first and read after: whatever is committed in between is held back, not lost."""
        subscriber = self._subscriber = Subscriber(actor, self.connection)
        self._hub.join(subscriber)
        found = await self._market.store.read(catch_up, actor, redeem.epoch, redeem.seq)
        welcome = Welcome(
            epoch=found.epoch,
            seq=found.head,
            resumed=found.resumed,
            heartbeat_s=HEARTBEAT_S,
            now=self._market.clock(),
            expires_at=found.expires_at,
        )
        self.connection.send(encode(welcome).decode(), counted=False)
        if found.state is not None:
            snapshot = Snapshot(seq=found.head, state=found.state)
            self.connection.send(encode(snapshot).decode(), counted=False)
        for event in found.events:
            self.connection.send(outgoing_of(event).frame.decode(), counted=False)
        subscriber.start(found.head)
        if subscriber.behind:
            self._hub.mark_behind(subscriber.principal)
        self._moved(Moved())

    async def _call(self, call: Call) -> None:
        subscriber = self._subscriber
        if subscriber is None:
            return
        try:
            op = OPS.get(call.op)
            if op is None:
                raise Invalid.field("op", f"unknown operation {call.op!r}")
            args = op.args.model_validate(call.args)
            committed = await self._market.store.transact(
                commands.perform, self._market.rules, subscriber.actor, call.op, args, call.id
            )
        except ValidationError as error:
            self._answer(call.id, problems.invalid(error))
        except Refusal as refusal:
            self._answer(call.id, refusal)
        except Exception as error:
            log.error("%s failed", call.op, exc_info=error)
            problem = problems.problem_of("internal", "the command could not be carried out")
            self.connection.send(_result(call.id, Answer(problem["status"], encode(problem))))
        else:
            # The result goes out before the events it caused, as the protocol's transcript shows them.
            self.connection.send(_result(call.id, committed.value))
            await self._market.tell(committed.aftermath)

    def _answer(self, command_id: str, refusal: Refusal) -> None:
        problem = problems.problem(refusal)
        self.connection.send(_result(command_id, Answer(problem["status"], encode(problem))))

    def _moved(self, moved: Moved) -> None:
        if self._subscriber is None or self._subscriber.actor.role is not Role.WORKER:
            return
        position = None
        if moved.lat is not None and moved.lng is not None:
            position = to_wgs84(moved.lat, moved.lng, Datum(moved.datum))
        self._hub.heartbeats.beat(WorkerId(self._subscriber.actor.account), position)


def _result(command_id: str, answer: Answer) -> str:
    """A result frame around an answer that is JSON already."""
    name = encode(command_id).decode()
    if answer.status < 400:
        return f'{{"t":"result","id":{name},"ok":true,"data":{answer.body.decode()}}}'
    return f'{{"t":"result","id":{name},"ok":false,"problem":{answer.body.decode()}}}'


def _allowed(socket: WebSocket, origins: frozenset[str]) -> bool:
    """Programs send no Origin; a page must be the server's own or on the list."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    return origin in origins or urlsplit(origin).netloc == socket.headers.get("host")
