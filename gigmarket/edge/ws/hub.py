"""Every socket of this process by its principal: fan-out, gaps, pings, heartbeats to the index, draining."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.edge.ws.heartbeats import Heartbeats
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.live.connection import LiveDown
from gigmarket.services.market import Market, outgoing_of
from gigmarket.services.market_states import market_states
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Transaction
from gigmarket.wire.bus import Outgoing, unpack
from gigmarket.wire.closing import Close
from gigmarket.wire.codec import encode
from gigmarket.wire.frames import REPLAY_EVENTS, Ping, State

log = logging.getLogger("gigmarket.hub")

TICK_S = 1.0
STATES_S = 2.0

Tick = Callable[[float], bool]


class Hub:
    """Lives as long as the server process; `run` is its one background task."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._subscribers: dict[str, list[Subscriber]] = defaultdict(list)
        self._ticks: dict[object, Tick] = {}
        self._behind: set[str] = set()
        self._due_pings: list[Subscriber] = []
        self._catch_up = asyncio.Event()
        self.heartbeats = Heartbeats(market)
        self.draining = False
        market.deliver = self.deliver

    @property
    def connected(self) -> int:
        """Sockets whose stream is known."""
        return sum(map(len, self._subscribers.values()))

    @property
    def open_sockets(self) -> int:
        """Every accepted socket, before and after hello."""
        return len(self._ticks)

    def watch(self, connection: object, tick: Tick) -> None:
        """Call `tick(now)` every second while the connection lives; it returns whether a ping is due."""
        self._ticks[connection] = tick

    def forget(self, connection: object) -> None:
        """The connection is gone."""
        self._ticks.pop(connection, None)

    def join(self, subscriber: Subscriber) -> None:
        """Send this principal's events here from now on."""
        self._subscribers[subscriber.principal].append(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Stop sending here."""
        others = self._subscribers[subscriber.principal]
        with suppress(ValueError):
            others.remove(subscriber)
        if not others:
            del self._subscribers[subscriber.principal]
            if subscriber.actor.role is Role.WORKER:
                self.heartbeats.leave(WorkerId(subscriber.actor.account))

    def deliver(self, events: Sequence[Outgoing]) -> None:
        """Hand events to this process's sockets; one that misses something is caught up from SQL."""
        for event in events:
            for subscriber in self._subscribers.get(event.principal, ()):
                subscriber.offer((event,))
                if subscriber.behind:
                    self.mark_behind(event.principal)

    def ping(self, subscriber: Subscriber) -> None:
        """Ping with the stream's head at the next tick, or close a session that is over: one read for all."""
        self._due_pings.append(subscriber)

    def end_session(self, session: str, code: Close) -> None:
        """Close the sockets of one session in this process."""
        for subscribers in self._subscribers.values():
            for subscriber in subscribers:
                if subscriber.actor.session == session:
                    subscriber.connection.close(code)

    async def run(self) -> None:
        """Listen to the bus, tick, catch up, send states, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._market.bus.listen(self._market.keys.bus, self._heard, self._gap))
            tasks.create_task(self._repeat(TICK_S, self._tick))
            tasks.create_task(self._repeat(STATES_S, self._send_states))
            tasks.create_task(self._catching_up())
            tasks.create_task(self.heartbeats.run())

    async def drain(self, spread_s: float) -> None:
        """Close every socket with 4001, spread over at most so long, so that they do not return all at once."""
        self.draining = True
        everyone = [s for subscribers in self._subscribers.values() for s in subscribers]
        pause_s = min(spread_s / max(len(everyone), 1), 0.01)
        for subscriber in everyone:
            subscriber.connection.close(Close.SHUTDOWN)
            await asyncio.sleep(pause_s)

    async def _heard(self, message: bytes) -> None:
        self.deliver(unpack(message))

    async def _gap(self) -> None:
        for principal in self._subscribers:
            self.mark_behind(principal)

    def mark_behind(self, principal: str) -> None:
        """Some socket of this principal misses events: read them from SQL."""
        self._behind.add(principal)
        self._catch_up.set()

    async def _repeat(self, pause_s: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(pause_s)
            try:
                await step()
            except (LiveDown, Unavailable) as error:
                log.warning("%s; trying again", error)

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        for tick in list(self._ticks.values()):
            tick(now)
        due, self._due_pings = self._due_pings, []
        if not due:
            return
        principals = sorted({subscriber.principal for subscriber in due})
        sessions = sorted({subscriber.actor.session for subscriber in due})
        heads, ended = await self._market.store.read(_look_up, principals, sessions)
        for subscriber in due:
            if (revoked := ended.get(subscriber.actor.session)) is not None:
                subscriber.connection.close(Close.REVOKED if revoked else Close.SESSION_EXPIRED)
                continue
            head = heads.get(subscriber.principal, 0)
            subscriber.connection.send(encode(Ping(seq=head)).decode())
            if subscriber.started and head > subscriber.sent:
                self.mark_behind(subscriber.principal)

    async def _catching_up(self) -> None:
        while True:
            await self._catch_up.wait()
            self._catch_up.clear()
            while self._behind:
                principal = self._behind.pop()
                try:
                    await self._fill_gap(principal)
                except Unavailable as error:
                    log.warning("%s; clients will resume", error)
                    self._behind.add(principal)
                    await asyncio.sleep(TICK_S)

    async def _fill_gap(self, principal: str) -> None:
        waiting = [s for s in self._subscribers.get(principal, ()) if s.started]
        if not waiting:
            return
        oldest = min(subscriber.sent for subscriber in waiting)
        events = await self._market.store.read(_after, principal, oldest)
        outgoing = [outgoing_of(event) for event in events]
        for subscriber in waiting:
            subscriber.behind = False
            subscriber.offer(outgoing)
            if subscriber.behind:
                subscriber.connection.close(Close.STATE_INSUFFICIENT)

    async def _send_states(self) -> None:
        staff = [
            s
            for subscribers in self._subscribers.values()
            for s in subscribers
            if s.actor.role is Role.STAFF and s.started
        ]
        if not staff:
            return
        for key, data in (await market_states(self._market)).items():
            frame = encode(State(key=key, data=data)).decode()
            for subscriber in staff:
                subscriber.connection.send_state(key, frame)


def _look_up(
    tx: Transaction, principals: Sequence[str], sessions: Sequence[str]
) -> tuple[dict[str, int], dict[str, bool]]:
    return tx.streams.heads(principals), tx.accounts.ended_sessions(sessions, tx.now())


def _after(tx: Transaction, principal: str, seq: int) -> list[StreamEvent]:
    return tx.streams.after(principal, seq, REPLAY_EVENTS)
