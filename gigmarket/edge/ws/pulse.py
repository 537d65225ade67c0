"""The clock of every socket: patience, pings with the stream's head, and sessions that are over."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

from gigmarket.edge.ws.framing import text_frame
from gigmarket.edge.ws.socket import Socket
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.wire.closing import Close

SLICES = 50
TICK_S = 1.0 / SLICES
"""A fiftieth of the sockets each time: each is looked at once a second, and of ten thousand no more than two
hundred in a row, half a millisecond in which nothing else is done. A tenth took three.
"""
PINGING = 5
"""Pings of so many slices go out together: their heads are one read."""


class Pulse:
    """Lives as long as its hub. `behind` is called for a principal whose socket misses an event."""

    def __init__(self, market: Market, behind: Callable[[str], None]) -> None:
        self._market = market
        self._behind = behind
        self._slices: list[dict[Socket, None]] = [{} for _ in range(SLICES)]
        self._place: dict[Socket, int] = {}
        self._next = count()
        self._turn = 0
        self._due: list[Subscriber] = []

    def __len__(self) -> int:
        return len(self._place)

    @property
    def sockets(self) -> list[Socket]:
        """Every socket, before and after hello."""
        return list(self._place)

    def watch(self, socket: Socket) -> None:
        """Tick this socket once a second from now on."""
        place = self._place[socket] = next(self._next) % SLICES
        self._slices[place][socket] = None

    def forget(self, socket: Socket) -> None:
        """The socket is gone."""
        place = self._place.pop(socket, None)
        if place is not None:
            del self._slices[place][socket]

    def ping(self, subscriber: Subscriber) -> None:
        """Ping with the stream's head at the next tick, or close a session that is over: one read for all."""
        self._due.append(subscriber)

    async def tick(self) -> None:
        """The sockets of the next slice. Raises Unavailable; what was due then is due again."""
        now = asyncio.get_running_loop().time()
        self._turn = (self._turn + 1) % SLICES
        for socket in [each for each in self._slices[self._turn] if each.quiet_until <= now]:
            socket.tick(now)
        if self._due and self._turn % PINGING == 0:
            due, self._due = self._due, []
            try:
                await self._ping_all(due)
            except BaseException:
                self._due += due
                raise

    async def end_sessions(self, everyone: Sequence[Subscriber]) -> None:
        """Close those whose session is over: after a gap in what is told of sessions. Raises Unavailable."""
        for first in range(0, len(everyone), 500):
            few = everyone[first : first + 500]
            sessions = sorted({subscriber.actor.session for subscriber in few})
            _, ended = await self._market.store.read(_look_up, (), sessions)
            for subscriber in few:
                _close_ended(subscriber, ended)

    async def _ping_all(self, due: Sequence[Subscriber]) -> None:
        principals = sorted({subscriber.principal for subscriber in due})
        sessions = sorted({subscriber.actor.session for subscriber in due})
        heads, ended = await self._market.store.read(_look_up, principals, sessions)
        for subscriber in due:
            if _close_ended(subscriber, ended):
                continue
            head = heads.get(subscriber.principal, 0)
            subscriber.socket.send(text_frame(b'{"t":"ping","seq":%d}' % head))
            if subscriber.started and head > subscriber.sent:
                self._behind(subscriber.principal)


def _close_ended(subscriber: Subscriber, ended: dict[str, bool]) -> bool:
    revoked = ended.get(subscriber.actor.session)
    if revoked is None:
        return False
    subscriber.socket.close(Close.REVOKED if revoked else Close.SESSION_EXPIRED)
    return True


def _look_up(
    tx: Transaction, principals: Sequence[str], sessions: Sequence[str]
) -> tuple[dict[str, int], dict[str, bool]]:
    return tx.streams.heads(principals), tx.accounts.ended_sessions(sessions, tx.now())
