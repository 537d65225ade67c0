"""Streams of this process that miss an event: read again from SQL, one principal after the other."""

import asyncio
from collections.abc import Callable, Sequence

from gigmarket.domain.errors import Unavailable
from gigmarket.edge.ws.subscriber import Subscriber
from gigmarket.services.market import Market, outgoing_of
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Transaction
from gigmarket.wire.closing import Close
from gigmarket.wire.frames import REPLAY_EVENTS

PAUSE_S = 1.0


class Gaps:
    """`subscribers_of` gives the sockets of a principal that are connected here."""

    def __init__(self, market: Market, subscribers_of: Callable[[str], Sequence[Subscriber]]) -> None:
        self._market = market
        self._subscribers_of = subscribers_of
        self._behind: set[str] = set()
        self._some = asyncio.Event()

    def mark(self, principal: str) -> None:
        """Some socket of this principal misses events."""
        self._behind.add(principal)
        self._some.set()

    async def run(self) -> None:
        """Fill what is marked, until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._behind:
                principal = self._behind.pop()
                try:
                    await self._fill(principal)
                except Unavailable:
                    self._behind.add(principal)
                    await asyncio.sleep(PAUSE_S)

    async def _fill(self, principal: str) -> None:
        waiting = [s for s in self._subscribers_of(principal) if s.started]
        if not waiting:
            return
        oldest = min(subscriber.sent for subscriber in waiting)
        events = [outgoing_of(event) for event in await self._market.store.read(_after, principal, oldest)]
        for subscriber in waiting:
            subscriber.fill(events)
            if subscriber.behind:
                subscriber.socket.close(Close.STATE_INSUFFICIENT)


def _after(tx: Transaction, principal: str, seq: int) -> list[StreamEvent]:
    return tx.streams.after(principal, seq, REPLAY_EVENTS)
