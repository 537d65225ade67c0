"""The clock of every socket: patience, pings with the stream's head, and sessions that are over."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

from gigmarket.edge.ws.socket import LOOK_S, Socket
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.services.market import Market
from gigmarket.store.accounts import Over
from gigmarket.store.transaction import Transaction
from gigmarket.wire.closing import Close
from gigmarket.wire.framing import text_frame

TICK_S = 0.05
MOST = 200
"""So many sockets are looked at in a row: half a millisecond in which nothing else is done."""
NONE = -1
"""The slot of a socket that is in none."""
PINGING = 10
"""Pings of so many ticks go out together: their heads are one read."""


CODES = {Over.EXPIRED: Close.SESSION_EXPIRED, Over.REVOKED: Close.REVOKED, Over.SUSPENDED: Close.FORBIDDEN}


class Pulse:
    """Lives as long as its hub. `behind` is called for a principal whose socket misses an event.

    A timing wheel (Varghese and Lauck, 1987): each socket is in the slot of the moment when it is due, so that
    ten thousand in silence cost nothing.
    """

    def __init__(self, market: Market, behind: Callable[[str], None]) -> None:
        self._market = market
        self._behind = behind
        self._time = asyncio.get_running_loop().time
        self._slots: defaultdict[int, dict[Socket, None]] = defaultdict(dict)
        self._slot_of: dict[Socket, int] = {}
        self._slot = int(self._time() / TICK_S)
        self._ticks = count()
        self._due: list[Subscriber] = []

    def __len__(self) -> int:
        return len(self._slot_of)

    @property
    def sockets(self) -> list[Socket]:
        """Every socket, before and after hello."""
        return list(self._slot_of)

    def watch(self, socket: Socket) -> None:
        """Tick this socket from now on: within a second, then when it says."""
        self._slot_of[socket] = NONE
        self.stir(socket)

    def stir(self, socket: Socket) -> None:
        """Tick this socket within a second, whatever it said last."""
        self._put(socket, self._time() + LOOK_S)

    def forget(self, socket: Socket) -> None:
        """The socket is gone."""
        self._leave_slot(socket)
        self._slot_of.pop(socket, None)

    def ping(self, subscriber: Subscriber) -> None:
        """Ping with the stream's head at the next tick, or close a session that is over: one read for all."""
        self._due.append(subscriber)

    async def tick(self) -> None:
        """The sockets that are due. Raises Unavailable; what was due then is due again."""
        now = self._time()
        for socket in self._take(int(now / TICK_S)):
            self._put(socket, socket.tick(now))
        if next(self._ticks) % PINGING == 0 and self._due:
            due, self._due = self._due, []
            try:
                await self._ping_all(due)
            except BaseException:
                self._due += due
                raise

    def _put(self, socket: Socket, at: float) -> None:
        """Into the slot of this moment, unless it is gone or in an earlier one."""
        is_in = self._slot_of.get(socket)
        if is_in is None or at == math.inf:
            return
        # Never into a slot that was taken already.
        slot = max(_slot(at), self._slot)
        if is_in == NONE or slot < is_in:
            self._leave_slot(socket)
            self._slot_of[socket] = slot
            self._slots[slot][socket] = None

    def _leave_slot(self, socket: Socket) -> None:
        others = self._slots.get(self._slot_of.get(socket, NONE))
        if others is not None:
            others.pop(socket, None)

    def _take(self, last: int) -> list[Socket]:
        """Those in the slots up to this one; about MOST at once, the others at the next tick."""
        taken: list[Socket] = []
        while self._slot <= last and len(taken) < MOST:
            due = self._slots.pop(self._slot, {})
            self._slot_of.update(dict.fromkeys(due, NONE))
            taken += due
            self._slot += 1
        return taken

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


def _slot(at: float) -> int:
    """The first that is taken when this moment is over."""
    return int(at / TICK_S) + 1


def _close_ended(subscriber: Subscriber, ended: dict[str, Over]) -> bool:
    why = ended.get(subscriber.actor.session)
    if why is None:
        return False
    subscriber.socket.close(CODES[why])
    return True


def _look_up(
    tx: Transaction, principals: Sequence[str], sessions: Sequence[str]
) -> tuple[dict[str, int], dict[str, Over]]:
    return tx.streams.heads(principals), tx.accounts.ended_sessions(sessions, tx.now())
