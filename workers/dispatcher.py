"""The dispatcher: one active per city, by a lease in the live store and a fencing number in SQL."""

import asyncio
import gc
import logging
import os
import secrets
import socket
from contextlib import suppress

from gigmarket.domain.errors import Fenced, Unavailable
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.live.connection import LiveDown
from gigmarket.live.lease import Lease
from gigmarket.services.indexing import rebuild, sync_workers
from gigmarket.services.market import Market
from gigmarket.services.rounds import run_round
from gigmarket.store.transaction import Transaction
from gigmarket.wire.bus import unpack_wake
from workers.loop import pause

log = logging.getLogger("gigmarket.dispatcher")

LEASE_S = 5.0
CHECK_S = 1.0
SWEEP_S = 10.0
"""All open gigs are looked at again this often: what no message told (time passing, a lost wake) is found."""
BATCH = 400
"""Most gigs of one round, so that a round's transaction stays short."""


class Deposed(Exception):
    """The lease went to another: stop writing."""


class Dispatcher:
    """What one process knows between rounds: its fencing number and what has changed."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lease = Lease(market.redis, market.keys.lease("dispatcher"), self._holder, LEASE_S)
        self._gigs: set[GigId] = set()
        self._workers: set[WorkerId] = set()
        self._changed = asyncio.Event()
        self._built = False
        self._losses = 0
        self._epoch = ""
        self._token = 0

    async def lead(self) -> None:
        """Take over and run rounds until the lease is lost, the store is away or the task is cancelled."""
        if not await self._lease.acquire():
            return
        committed = await self._market.store.transact(_take_fence, self._market.rules.city, self._holder)
        self._token = committed.value
        self._epoch = f"{self._token}.{secrets.token_hex(4)}"
        # The first subscription counts as a gap, and that begins the first build.
        self._built = False
        log.info("dispatching %s with fencing number %d", self._market.rules.city, self._token)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._market.bus.listen(self._market.keys.wake, self._woken, self._gap))
                tasks.create_task(self._keep())
                tasks.create_task(self._sweep())
                tasks.create_task(self._rounds())
        finally:
            with suppress(LiveDown):
                await self._lease.release()

    async def _woken(self, message: bytes) -> None:
        wake = unpack_wake(message)
        self._gigs.update(wake.gigs)
        self._workers.update(wake.workers)
        self._changed.set()

    async def _gap(self) -> None:
        """Wake-ups may be missing, so the index may be behind SQL."""
        self._start_over()

    async def _keep(self) -> None:
        while True:
            if not await self._lease.renew():
                raise Deposed("the lease went to another dispatcher")
            if self._built and await self._market.index.epoch() != self._epoch:
                log.warning("the live store was erased or replaced: rebuilding the index from SQL")
                self._start_over()
            await asyncio.sleep(CHECK_S)

    async def _sweep(self) -> None:
        while True:
            open_gigs = await self._market.store.read(_open_gig_ids)
            if open_gigs:
                self._gigs.update(open_gigs)
                self._changed.set()
            await asyncio.sleep(SWEEP_S)

    async def _rounds(self) -> None:
        """A round starts as soon as something changed and the one before has ended, so that batches form by
        themselves under load and a single gig waits for nobody.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not self._built:
                await self._build()
            workers, self._workers = self._workers, set()
            self._gigs |= await sync_workers(self._market, workers)
            batch = sorted(self._gigs)[:BATCH]
            self._gigs.difference_update(batch)
            if self._gigs:
                self._changed.set()
            if batch:
                report = await run_round(self._market, self._token, batch, secrets.randbits(64))
                if report.lost:
                    self._gigs.update(batch)
                    self._changed.set()

    def _start_over(self) -> None:
        """The index is not to be trusted: the next round begins by filling it from SQL."""
        self._built = False
        self._losses += 1
        self._changed.set()

    async def _build(self) -> None:
        losses = self._losses
        workers, open_gigs = await rebuild(self._market, self._epoch)
        # Lost again meanwhile: what was read may be too old, so the next round builds once more.
        self._built = losses == self._losses
        log.info("index rebuilt: %d workers, %d open gigs", workers, open_gigs)
        self._gigs.update(await self._market.store.read(_open_gig_ids))
        gc.collect()
        gc.freeze()


async def main(market: Market, stop: asyncio.Event) -> None:
    """Lead whenever the lease can be had, until stopped."""
    dispatcher = Dispatcher(market)
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        leading = asyncio.create_task(dispatcher.lead())
        await asyncio.wait({leading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not leading.done():
            leading.cancel()
        try:
            await leading
        except* asyncio.CancelledError:
            log.info("stopping")
        except* (LiveDown, Unavailable, Fenced, Deposed) as group:
            log.warning("not dispatching: %s", "; ".join(map(str, group.exceptions)))
        await pause(stop, 0.5)


def _take_fence(tx: Transaction, city: str, holder: str) -> int:
    return tx.fence.take(city, holder)


def _open_gig_ids(tx: Transaction) -> list[GigId]:
    return [gig.id for gig in tx.gigs.with_free_seats(tx.now())]
