"""What SQL is told of who is still there: many at once, but so few that others get their turn in between."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import WorkerId
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction

Sighting = tuple[WorkerId, Position | None]

TELL_S = 1.0
"""SQL is told of many at once: ten transactions a second would stand in the way of ten postings."""
AT_ONCE = 50
"""Workers of one transaction. Each takes SQLite 35 to 55 µs, in which nobody else writes: of 10,000 phones 800
workers came every five seconds, and whoever posted in those 50 to 190 ms waited for them.
"""
GAP_S = 0.005
"""From one transaction to the next."""


class Sightings:
    """The workers who were seen and of whom SQL does not know it yet, each with the last place told."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._untold: dict[WorkerId, Position | None] = {}
        self._some = asyncio.Event()

    def add(self, worker: WorkerId, place: Position | None) -> None:
        """The worker was seen; a place that is still to be told stays without a newer one."""
        self._untold[worker] = place or self._untold.get(worker)
        self._some.set()

    async def run(self) -> None:
        """Tell SQL in its turn, until cancelled. What it could not be told is told with the next."""
        while True:
            await self._some.wait()
            await asyncio.sleep(TELL_S)
            self._some.clear()
            try:
                await self.tell(list(self._untold))
            except Unavailable:
                self._some.set()

    async def tell(self, workers: Iterable[WorkerId]) -> None:
        """Tell SQL of these now. Raises Unavailable: what was not told stays."""
        names = sorted(workers)
        for first in range(0, len(names), AT_ONCE):
            if first:
                await asyncio.sleep(GAP_S)
            part = names[first : first + AT_ONCE]
            few = [(name, self._untold[name]) for name in part if name in self._untold]
            if few:
                await self._market.store.transact(_seen, few, self._market.clock())
            for name, place in few:
                if self._untold.get(name) is place:
                    self._untold.pop(name, None)


def _seen(tx: Transaction, seen: Sequence[Sighting], now: datetime) -> None:
    tx.workers.seen_many(seen, now)
