"""Acks, many at once: SQL learns which offers are on a screen."""

import asyncio

from gigmarket.domain.errors import Unavailable
from gigmarket.services import deliveries
from gigmarket.services.market import Market

FLUSH_S = 0.5


class Deliveries:
    """Only the highest acked seq of each stream is kept until the next flush."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._acked: dict[str, int] = {}
        self._ready = asyncio.Event()

    def acked(self, principal: str, seq: int) -> None:
        """A screen of this principal holds everything up to `seq`."""
        self._acked[principal] = max(seq, self._acked.get(principal, 0))
        self._ready.set()

    async def run(self) -> None:
        """Flush what came in, until cancelled."""
        while True:
            await self._ready.wait()
            await asyncio.sleep(FLUSH_S)
            self._ready.clear()
            acked, self._acked = self._acked, {}
            try:
                # Most acks are of something else: then nothing is written.
                offers = await self._market.store.read(deliveries.seen, acked)
                if offers:
                    await self._market.store.transact(deliveries.mark, offers)
            except Unavailable:
                for principal, seq in acked.items():
                    self.acked(principal, seq)
