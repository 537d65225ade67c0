"""What a session's actions do: let its owner in, perform commands, pass on signs of life, end the socket."""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import AsyncIterator

from pydantic import ValidationError

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, Invalid, Refusal, Unauthenticated, Unavailable
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.edge.problems import live_down
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.session import (
    EARLY_S,
    HEARTBEAT_S,
    PONG_S,
    Alive,
    Call,
    End,
    Ended,
    Live,
    Phase,
    Received,
    Redeem,
    Refuse,
    Renew,
    SeeWhatIsTaken,
    SendPing,
    Waiting,
    too_many_frames,
)
from gigmarket.edge.ws.socket import Socket
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.live.connection import LiveDown
from gigmarket.services.market import Market, outgoing_of
from gigmarket.services.snapshots import session_end
from gigmarket.store.idempotency import Answer
from gigmarket.wire import problems
from gigmarket.wire.closing import Close
from gigmarket.wire.codec import encode
from gigmarket.wire.frames import ErrorFrame, PositionFrame, Problem, Refreshed, Snapshot, Welcome
from gigmarket.wire.framing import text_frame
from gigmarket.wire.ops import OPS
from gigmarket.wire.tickets import actor_of_ticket

log = logging.getLogger("gigmarket.edge")

Errand = Redeem | Renew | Call
"""Actions that have to wait for something; a socket's are done one after the other."""
PATIENT = (b'{"t":"position"', b'{"t":"pong"', b'{"t":"ack"')
"""How frames begin that ask for no answer."""
MOST_WAITING = 8
"""More errands than this are not read from the socket."""


class Endpoint:
    """One socket's session and its place in a stream."""

    __slots__ = (
        "_busy", "_errands", "_hub", "_later", "_market", "_paused", "_phase", "_subscriber", "_time",
        "_worker", "socket",
    )  # fmt: skip

    def __init__(self, socket: Socket, market: Market, hub: Hub) -> None:
        self.socket = socket
        self._market = market
        self._hub = hub
        self._time = asyncio.get_running_loop().time
        self._phase: Phase = Waiting(self._time(), random.uniform(0, EARLY_S))  # noqa: S311 - no secret
        self._subscriber: Subscriber | None = None
        self._worker: WorkerId | None = None
        self._errands: deque[Errand] | None = None
        self._later: bytes | None = None
        self._busy: asyncio.Task[None] | None = None
        self._paused = False
        hub.watch(socket)

    def receive(self, raw: bytes) -> None:
        """A message of the client. One that asks for no answer waits for others' (`Backlog`), but is taken in
        before anything else that this client says.
        """
        if self._later is None and self._subscriber is not None and raw.startswith(PATIENT):
            self._later = raw
            self._hub.backlog.put(self._settle)
            return
        self._settle()
        self._receive(raw)

    def _settle(self) -> None:
        raw, self._later = self._later, None
        if raw is None:
            return
        try:
            self._receive(raw)
        except Exception as error:
            # It would be somebody else's: whoever came last, or the clock of all.
            log.error("a frame could not be taken in", exc_info=error)
            self.socket.close(Close.STATE_INSUFFICIENT)

    def _receive(self, raw: bytes) -> None:
        self._phase, actions = self._phase.receive(raw, self._time())
        for action in actions:
            match action:
                case PositionFrame():
                    if self._worker is not None:
                        self._hub.heartbeats.beat(self._worker, action)
                case Alive():
                    if self._worker is not None:
                        self._hub.heartbeats.alive(self._worker)
                case Received(seq=seq):
                    self._received(seq)
                case End():
                    self._end(action)
                case Redeem() | Renew() | Call():
                    self._queue(action)
                case Refuse(id=command, refusal=refusal):
                    self._answer(command, refusal)

    def tick(self, now: float) -> float:
        """Time passes: a ping may be due, or patience at its end. Until when nothing else will be."""
        self._settle()
        if isinstance(self._phase, Live) and self._phase.owes(now) and self._is_kept_waiting(now):
            self._phase = self._phase.patient(now)
        self._phase, actions = self._phase.tick(now)
        for action in actions:
            match action:
                case SendPing():
                    if self._subscriber is not None:
                        self._hub.ping(self._subscriber)
                case SeeWhatIsTaken():
                    self.socket.taking.begin()
                case End():
                    self._end(action)
        return self._phase.due()

    def stir(self) -> None:
        """The socket waits for its client."""
        self._hub.stir(self.socket)

    def flooded(self) -> None:
        """Frames that the session does not see were too many."""
        self._end(too_many_frames())

    def lost(self) -> None:
        """The socket is gone; a command that is under way is carried out all the same."""
        self._phase = Ended()
        self._errands = self._later = None
        self._hub.forget(self.socket)
        if self._subscriber is not None:
            self._hub.leave(self._subscriber)

    def _is_kept_waiting(self, now: float) -> bool:
        """Whether a pong may be there unread, or the ping be behind what is still being taken."""
        return self._paused or self.socket.taking.is_under_way(now, PONG_S)

    def _queue(self, errand: Errand) -> None:
        if self._errands is None:
            self._errands = deque()
        self._errands.append(errand)
        if self._busy is None:
            self._busy = self._hub.spawn(self._run_errands())
        if len(self._errands) > MOST_WAITING and not self._paused:
            self._paused = True
            self.socket.pause()

    async def _run_errands(self) -> None:
        try:
            while self._errands:
                errand = self._errands.popleft()
                if self._paused and len(self._errands) <= MOST_WAITING // 2:
                    self._paused = False
                    self.socket.resume()
                await self._do(errand)
        except Exception as error:
            log.error("a socket's errand failed", exc_info=error)
            self.socket.close(Close.STATE_INSUFFICIENT)
        finally:
            self._busy = self._errands = None

    async def _do(self, errand: Errand) -> None:
        match errand:
            case Redeem():
                await self._redeem(errand)
            case Renew(ticket=ticket):
                await self._renew(ticket)
            case Call():
                await self._call(errand)

    def _end(self, end: End) -> None:
        self._phase = Ended()
        self._errands = None
        if end.problem is not None:
            frame = ErrorFrame(problem=Problem.model_validate(end.problem))
            self.socket.send(text_frame(encode(frame.model_dump(exclude_none=True))))
        self.socket.close(end.code)

    async def _redeem(self, redeem: Redeem) -> None:
        async with self._ended_by_refusal():
            with self._hub.arrivals.coming():
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
            self._hub.renew(subscriber, actor)
            self.socket.send(text_frame(encode(Refreshed(expires_at=expires_at))))

    async def _ticket(self, ticket: str) -> Actor:
        subject = await self._hub.arrivals.redeem(ticket)
        if subject is None:
            raise Unauthenticated("the ticket is unknown, used or older than 30 seconds")
        return actor_of_ticket(subject)

    @contextlib.asynccontextmanager
    async def _ended_by_refusal(self) -> AsyncIterator[None]:
        try:
            yield
        except LiveDown as error:
            self._end(End(Close.STATE_INSUFFICIENT, problems.problem(live_down(error))))
        except Unavailable as refusal:
            self._end(End(Close.STATE_INSUFFICIENT, problems.problem(refusal)))
        except Forbidden as refusal:
            self._end(End(Close.FORBIDDEN, problems.problem(refusal)))
        except Refusal as refusal:
            self._end(End(Close.SESSION_EXPIRED, problems.problem(refusal)))

    async def _start(self, actor: Actor, redeem: Redeem) -> None:
        """Join the hub first and read after: whatever is committed in between is held back, not lost."""
        subscriber = Subscriber(actor, self.socket)
        if isinstance(self._phase, Ended):
            return
        self._subscriber = subscriber
        if actor.role is Role.WORKER:
            self._worker = actor.worker()
        self._hub.join(subscriber)
        found = await self._hub.arrivals.catch_up(actor, redeem.epoch, redeem.seq)
        welcome = Welcome(
            epoch=found.epoch,
            seq=found.head,
            resumed=found.resumed,
            heartbeat_s=HEARTBEAT_S,
            now=self._market.clock(),
            expires_at=found.expires_at,
        )
        said = [text_frame(encode(welcome))]
        if found.state is not None:
            said.append(text_frame(encode(Snapshot(seq=found.head, state=found.state))))
        said += (frame for _, _, frame in map(outgoing_of, found.events))
        # One write: each costs more than what is in it.
        self.socket.send(b"".join(said), counted=False)
        self._hub.start(subscriber, found.head)
        if redeem.seq is not None and redeem.epoch == found.epoch and redeem.seq <= found.head:
            self._received(redeem.seq)
        if self._worker is not None:
            self._hub.heartbeats.beat(self._worker, None)

    async def _call(self, call: Call) -> None:
        subscriber = self._subscriber
        if subscriber is None:
            return
        try:
            op = OPS.get(call.op)
            if op is None:
                raise Invalid.field("op", f"unknown operation {call.op!r}")
            args = op.args.model_validate(call.args)
            committed = await self._market.perform(subscriber.actor, call.op, args, call.id)
        except ValidationError as error:
            self._answer(call.id, problems.invalid(error))
        except Refusal as refusal:
            self._answer(call.id, refusal)
        except Exception as error:
            log.error("%s failed", call.op, exc_info=error)
            problem = problems.problem_of("internal", "the command could not be carried out")
            self.socket.send(_result(call.id, Answer(problem["status"], encode(problem))))
        else:
            # The result goes out before the events it caused, as the protocol's transcript shows them.
            self.socket.send(_result(call.id, committed.value))
            await self._market.tell(committed.aftermath)

    def _answer(self, command_id: str, refusal: Refusal) -> None:
        problem = problems.problem(refusal)
        self.socket.send(_result(command_id, Answer(problem["status"], encode(problem))))

    def _received(self, seq: int) -> None:
        if self._subscriber is not None:
            self._hub.received(self._subscriber, seq)


def _result(command_id: str, answer: Answer) -> bytes:
    """A result frame around an answer that is JSON already."""
    name = encode(command_id)
    if answer.status < 400:
        return text_frame(b'{"t":"result","id":%b,"ok":true,"data":%b}' % (name, answer.body))
    return text_frame(b'{"t":"result","id":%b,"ok":false,"problem":%b}' % (name, answer.body))
