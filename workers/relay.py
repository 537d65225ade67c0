"""The relay: sends committed events that nobody heard, because their process died before it could publish."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from gigmarket.services.market import Market, outgoing_of
from gigmarket.store.engine import is_sqlite
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Transaction
from gigmarket.wire.bus import pack, unpack_names
from workers.loop import every

log = logging.getLogger("gigmarket.relay")

PAUSE_S = 1.0
HEAR_S = 0.2
"""So often it looks what the bus carried: to be woken by every message took it 0.4 ms of a processor for each
posting, while somebody waits for that posting's offer.
"""
PATIENCE = timedelta(seconds=1)
"""An event this young may still be on its way."""
WINDOW = timedelta(seconds=5)
"""PostgreSQL gives row ids out before commit, if only just before: rows this old are surely all there, so the
floor stays behind. SQLite has one writer: there the ids are in commit order.
"""
MOST = 2000
HEARD = 200_000


class Relay:
    """Compares what SQL holds with what the bus carried. Needs no write: hearing is its only bookkeeping, and
    an event sent twice is dropped by its seq.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._heard: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._floor: int | None = None
        self._window = PATIENCE if is_sqlite(market.store.url) else WINDOW

    async def listen(self) -> None:
        """Remember every event the bus carries."""
        await self._market.bus.listen(self._market.keys.bus, self._hear, self._gap, pause_s=HEAR_S)

    async def sweep(self, market: Market) -> None:
        """Send what is old enough and was not heard, page by page. What could not be sent is tried again."""
        if self._floor is None:
            self._floor = max(0, await market.store.read(_newest) - MOST)
        after, more = self._floor, True
        while more:
            rows, now = await market.store.read(_since, after)
            await self._send(
                market,
                [
                    event
                    for _, event in rows
                    if event.at < now - PATIENCE and (event.principal, event.seq) not in self._heard
                ],
            )
            if after == self._floor:
                self._let_go(rows, now - self._window)
            more = len(rows) == MOST
            after = rows[-1][0] if rows else after

    def _let_go(self, rows: Sequence[tuple[int, StreamEvent]], before: datetime) -> None:
        """Raise the floor up to the first young row. What lies under it is never asked for again."""
        for row, event in takewhile(lambda each: each[1].at < before, rows):
            self._floor = row
            self._heard.pop((event.principal, event.seq), None)

    async def _send(self, market: Market, missed: Sequence[StreamEvent]) -> None:
        if missed:
            await market.bus.publish(pack(outgoing_of(event) for event in missed))
            for event in missed:
                self._remember(event.principal, event.seq)
            log.info("relayed %d events", len(missed))

    async def _hear(self, message: bytes) -> None:
        for principal, seq in unpack_names(message):
            self._remember(principal, seq)

    async def _gap(self) -> None:
        """What was published meanwhile is not in `_heard`, and so will be sent again: harmless."""

    def _remember(self, principal: str, seq: int) -> None:
        self._heard[principal, seq] = None
        while len(self._heard) > HEARD:
            self._heard.popitem(last=False)


async def main(market: Market, stop: asyncio.Event) -> None:
    """Listen, and sweep once a second, until stopped."""
    relay = Relay(market)
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(relay.listen())
        await every(market, stop, PAUSE_S, relay.sweep)
        listening.cancel()


def _newest(tx: Transaction) -> int:
    return tx.streams.newest_id()


def _since(tx: Transaction, floor: int) -> tuple[list[tuple[int, StreamEvent]], datetime]:
    return tx.streams.since(floor, MOST), tx.now()
