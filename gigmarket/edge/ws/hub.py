"""Every socket of this process by its principal: fan-out, gaps, pings, states, and sockets that have to go."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from gigmarket.domain.actor import MARKET_STAFF, Actor
from gigmarket.domain.errors import Unavailable
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.edge.turnstile import Turnstile
from gigmarket.edge.ws.arrivals import Arrivals
from gigmarket.edge.ws.backlog import Backlog
from gigmarket.edge.ws.deliveries import Deliveries
from gigmarket.edge.ws.gaps import Gaps
from gigmarket.edge.ws.heartbeats import Heartbeats
from gigmarket.edge.ws.pulse import TICK_S, Pulse
from gigmarket.edge.ws.seats import Seats
from gigmarket.edge.ws.socket import Socket
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.live.connection import LiveDown
from gigmarket.services.market import Market
from gigmarket.services.market_states import market_states
from gigmarket.wire.bus import Outgoing, unpack
from gigmarket.wire.closing import Close
from gigmarket.wire.codec import encode
from gigmarket.wire.control import Ended, unpack_ended
from gigmarket.wire.frames import State
from gigmarket.wire.framing import text_frame

STATES_S = 2.0
DEAF_S = 1.0
"""So often SQL is asked whose session is over, while the bus tells nothing."""
DRAIN_STEP_S = 0.005
"""Closes of so short a while go out in a row."""
OFFERED = frozenset({Role.WORKER, Role.KIOSK})
"""On whose screens an offer reaches its worker."""


class Hub:
    """Lives as long as the server process; `run` is its one background task."""

    def __init__(self, market: Market, turnstile: Turnstile) -> None:
        self._market = market
        self._subscribers: dict[str, list[Subscriber]] = {}
        self._gaps = Gaps(market, lambda principal: self._subscribers.get(principal, ()))
        self._pulse = Pulse(market, self._gaps.mark)
        self._seats = Seats(market)
        self._deliveries = Deliveries(market)
        self._errands: set[asyncio.Task[None]] = set()
        self.backlog = Backlog()
        self.heartbeats = Heartbeats(market)
        self.arrivals = Arrivals(market, turnstile)
        self.draining = False
        self._deaf = False
        market.deliver = self.deliver

    @property
    def connected(self) -> int:
        """Sockets whose stream is known."""
        return sum(map(len, self._subscribers.values()))

    @property
    def open_sockets(self) -> int:
        """Every accepted socket, before and after hello."""
        return len(self._pulse)

    def watch(self, socket: Socket) -> None:
        """Tick this socket when it is due, while it lives."""
        self._pulse.watch(socket)

    def stir(self, socket: Socket) -> None:
        """Tick this socket within a second, whatever it answered last."""
        self._pulse.stir(socket)

    def forget(self, socket: Socket) -> None:
        """The socket is gone."""
        self._pulse.forget(socket)

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """A task that the process's end waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return task

    def join(self, subscriber: Subscriber) -> None:
        """Send this principal's events here from now on; beyond the account's most, its oldest socket goes."""
        self._subscribers.setdefault(subscriber.principal, []).append(subscriber)
        self._seats.take(subscriber)

    def start(self, subscriber: Subscriber, seq: int) -> None:
        """The client holds everything up to `seq`."""
        subscriber.start(seq)
        if subscriber.behind:
            self._gaps.mark(subscriber.principal)

    def leave(self, subscriber: Subscriber) -> None:
        """Stop sending here."""
        others = self._subscribers.get(subscriber.principal, [])
        if subscriber in others:
            others.remove(subscriber)
            self._seats.leave(subscriber)
        if not others:
            self._subscribers.pop(subscriber.principal, None)
            if subscriber.actor.role is Role.WORKER:
                self.heartbeats.leave(WorkerId(subscriber.actor.account))

    def renew(self, subscriber: Subscriber, actor: Actor) -> None:
        """The socket goes on under another session of the same account."""
        subscriber.actor = actor

    def received(self, subscriber: Subscriber, seq: int) -> None:
        """The client holds everything up to `seq`."""
        held = min(seq, subscriber.sent)
        if held > subscriber.acked:
            subscriber.acked = held
            if subscriber.actor.role in OFFERED:
                self._deliveries.acked(subscriber.principal, held)

    def deliver(self, events: Sequence[Outgoing]) -> None:
        """Hand events to this process's sockets; one that misses something is caught up from SQL."""
        for event in events:
            for subscriber in self._subscribers.get(event[0], ()):
                subscriber.offer(event)
                if subscriber.behind:
                    self._gaps.mark(subscriber.principal)

    def ping(self, subscriber: Subscriber) -> None:
        """Ping with the stream's head at the next tick, or close a session that is over."""
        self._pulse.ping(subscriber)

    def mark_behind(self, principal: str) -> None:
        """Some socket of this principal misses events: read them from SQL."""
        self._gaps.mark(principal)

    def end(self, ended: Ended) -> None:
        """Close the sockets of this process that are meant."""
        sessions, accounts, sockets = set(ended.sessions), set(ended.accounts), set(ended.sockets)
        for subscriber in self._everyone():
            actor = subscriber.actor
            named = sockets and self._seats.name(subscriber) in sockets
            if named or actor.session in sessions or actor.account in accounts:
                subscriber.socket.close(ended.code)

    async def run(self) -> None:
        """Listen to the bus, tick, catch up, send states, until cancelled."""
        bus, keys = self._market.bus, self._market.keys
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(bus.listen(keys.bus, self._heard, self._gap))
            tasks.create_task(bus.listen(keys.control, self._told, self._untold, self._deafened))
            tasks.create_task(self._repeat(DEAF_S, self._ask_who_ended))
            tasks.create_task(self._repeat(TICK_S, self._tick))
            tasks.create_task(self._repeat(STATES_S, self._send_states))
            tasks.create_task(self._gaps.run())
            tasks.create_task(self._seats.run())
            tasks.create_task(self.heartbeats.run())
            tasks.create_task(self.heartbeats.sightings.run())
            tasks.create_task(self._deliveries.run())

    async def drain(self, spread_s: float) -> None:
        """Close every socket with 4001, spread over at most so long, so that they do not return all at once."""
        self.draining = True
        sockets = self._pulse.sockets
        pause_s = min(spread_s / max(len(sockets), 1), 0.01)
        time = asyncio.get_running_loop().time
        begun = time()
        for number, socket in enumerate(sockets, 1):
            socket.close(Close.SHUTDOWN)
            # By the clock: a sleep of less than a millisecond is none, or a whole one.
            if (ahead_s := begun + number * pause_s - time()) >= DRAIN_STEP_S:
                await asyncio.sleep(ahead_s)
        if self._errands:
            await asyncio.wait(self._errands, timeout=1.0)

    def _everyone(self) -> list[Subscriber]:
        return [s for subscribers in self._subscribers.values() for s in subscribers]

    async def _tick(self) -> None:
        self.backlog.settle()
        await self._pulse.tick()

    async def _heard(self, message: bytes) -> None:
        self.deliver(unpack(message))

    async def _gap(self) -> None:
        for principal in self._subscribers:
            self._gaps.mark(principal)

    async def _told(self, message: bytes) -> None:
        self.end(unpack_ended(message))

    async def _untold(self) -> None:
        self._deaf = False
        # Without it ended sessions are closed at their next ping.
        with suppress(Unavailable):
            await self._pulse.end_sessions(self._everyone())

    def _deafened(self) -> None:
        self._deaf = True

    async def _ask_who_ended(self) -> None:
        """Nobody can tell meanwhile, so SQL is asked."""
        if self._deaf:
            await self._pulse.end_sessions(self._everyone())

    async def _repeat(self, pause_s: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(pause_s)
            try:
                await step()
            except (LiveDown, Unavailable):
                await asyncio.sleep(1.0)

    async def _send_states(self) -> None:
        staff = [s for s in self._subscribers.get(str(MARKET_STAFF), ()) if s.started]
        if not staff:
            return
        for key, data in (await market_states(self._market)).items():
            frame = text_frame(encode(State(key=key, data=data)))
            for subscriber in staff:
                subscriber.socket.send_state(key, frame)
