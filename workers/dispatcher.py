"""The dispatcher: one active per city, by a lease in the live store and a fencing number in SQL."""

import asyncio
import gc
import logging
import os
import secrets
import socket
from contextlib import suppress

import scipy.optimize  # noqa: F401 - loaded at the start, not in the first round with a crew

from gigmarket.domain import draw
from gigmarket.domain.errors import Fenced, Unavailable
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.trade import TRADES
from gigmarket.live.connection import LiveDown
from gigmarket.live.lease import DISPATCHER, Lease
from gigmarket.live.roster import Roster
from gigmarket.outage import Outage
from gigmarket.process import keep_freed_memory
from gigmarket.services.draws import open_chain
from gigmarket.services.indexing import rebuild, sync_workers
from gigmarket.services.market import Market
from gigmarket.services.reasons import Turn
from gigmarket.services.rounds import Told, keep_reasons, run_round
from gigmarket.store.transaction import Transaction
from gigmarket.wire.bus import Move, unpack_moves, unpack_wake
from workers.loop import pause
from workers.recording import Recording

log = logging.getLogger("gigmarket.dispatcher")

LEASE_S = 5.0
CHECK_S = 1.0
SWEEP_S = 10.0
"""All open gigs are looked at again this often: what no message told (time passing, a lost wake) is found."""
BATCH = 400
"""Most gigs of one round, so that a round's transaction stays short."""


STALE_S = 120.0
"""Who was silent this much longer than a sign of life counts leaves the roster."""


class Draws:
    """A chain of seeds and how far it is used."""

    def __init__(self, number: int, chain: draw.Chain) -> None:
        self._number, self._chain, self._turn = number, chain, 0

    @property
    def over(self) -> bool:
        """No seed is left."""
        return self._turn + 1 >= len(self._chain.seeds)

    def next(self) -> Turn:
        """The next turn with its seed."""
        self._turn += 1
        return Turn(f"{self._number}.{self._turn}", self._chain.seeds[self._turn])


class Deposed(Exception):
    """The lease went to another: stop writing."""


class Dispatcher:
    """What one process knows between rounds: its fencing number and what has changed."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lease = Lease(market.redis, market.keys.lease(DISPATCHER), self._holder, LEASE_S)
        self._gigs: set[GigId] = set()
        self._workers: set[WorkerId] = set()
        self._posted: dict[GigId, Gig] = {}
        self._moves: dict[WorkerId, Move] = {}
        self._roster = Roster([trade.code for trade in TRADES])
        self._told = Told()
        self._recording = Recording(market) if market.recordings else None
        self._draws: Draws | None = None
        self._changed = asyncio.Event()
        self._following = asyncio.Event()
        self._built = False
        self._swept = False
        self._losses = 0
        self._epoch = ""
        self._beats = 0
        self._beating = asyncio.Lock()
        self._token = 0
        self.outage = Outage(log, "dispatching again")

    async def lead(self) -> None:
        """Take over and run rounds until the lease is lost, the store is away or the task is cancelled."""
        if not await self._lease.acquire():
            return
        committed = await self._market.store.transact(_take_fence, self._market.rules.city, self._holder)
        self._token = committed.value
        self._draws = await self._new_draws()
        self._epoch = f"{self._token}.{secrets.token_hex(4)}"
        # The first subscription counts as a gap, and that begins the first build.
        self._built = False
        self._following.clear()
        log.info("dispatching %s with fencing number %d", self._market.rules.city, self._token)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._market.bus.listen(self._market.keys.wake, self._woken, self._gap))
                tasks.create_task(
                    self._market.bus.listen(self._market.keys.moves, self._moved, self._gap_in_moves)
                )
                if self._recording is not None:
                    tasks.create_task(self._recording.run())
                tasks.create_task(self._keep())
                tasks.create_task(self._sweep())
                tasks.create_task(self._reasons())
                tasks.create_task(self._rounds())
        finally:
            with suppress(LiveDown):
                await self._lease.release()

    async def _woken(self, message: bytes) -> None:
        wake = unpack_wake(message)
        for gig in wake.gigs:
            self._posted.pop(gig, None)
        self._posted.update((gig.id, gig) for gig in wake.posted)
        self._gigs.update(wake.gigs)
        self._workers.update(wake.workers)
        self._changed.set()

    async def _moved(self, message: bytes) -> None:
        """Kept until the next round: the roster does not change under one."""
        self._moves.update((move.worker, move) for move in unpack_moves(message))

    async def _gap_in_moves(self) -> None:
        """Signs of life may be missing, and the index has them; what is not built yet misses none. Before they
        are followed nothing is built: it would have to be done again.
        """
        if not self._following.is_set():
            self._following.set()
        elif self._built:
            self._start_over()

    async def _gap(self) -> None:
        """Wake-ups may be missing, so the index may be behind SQL."""
        self._start_over()

    async def _keep(self) -> None:
        while True:
            if not await self._lease.renew():
                raise Deposed("the lease went to another dispatcher")
            await self._beat()
            if self._built:
                self.outage.worked()
            await asyncio.sleep(CHECK_S)

    async def _beat(self) -> None:
        """See that the index is still ours. After each edit of it, too: then none can be taken back unseen."""
        async with self._beating:
            if not self._built:
                return
            if await self._market.index.beat(self._epoch, self._beats + 1):
                self._beats += 1
            else:
                log.warning("the live store was erased, replaced or set back: rebuilding from SQL")
                self._start_over()

    async def _sweep(self) -> None:
        while True:
            open_gigs = await self._market.store.read(_open_gig_ids)
            self._gigs.update(open_gigs)
            self._swept = True
            self._changed.set()
            await asyncio.sleep(SWEEP_S)

    async def _reasons(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            await keep_reasons(self._market, self._token, self._told)

    async def _rounds(self) -> None:
        """A round starts as soon as something changed and the one before has ended, so that batches form by
        themselves under load and a single gig waits for nobody.
        """
        await self._following.wait()
        while True:
            await self._change()
            self._changed.clear()
            if not self._built:
                await self._build()
            if self._swept:
                self._forget_silent()
            workers, self._workers = self._workers, set()
            # Before, so that SQL's word does not meet older places; after, for those who have just come.
            self._follow_moves()
            self._gigs |= await sync_workers(self._market, self._roster, workers)
            if self._recording is not None:
                self._recording.gone(worker for worker in workers if worker not in self._roster)
            self._follow_moves()
            batch = sorted(self._gigs)[:BATCH]
            self._gigs.difference_update(batch)
            if self._gigs:
                self._changed.set()
            if batch:
                await self._round(batch)
            if batch or workers:
                await self._beat()

    async def _change(self) -> None:
        """Wait until something changed; meanwhile follow who moves, so that no posting has to wait for that."""
        while not self._changed.is_set():
            try:
                async with asyncio.timeout(CHECK_S):
                    await self._changed.wait()
            except TimeoutError:
                if self._built:
                    self._follow_moves()
                    self._roster.settle()

    async def _round(self, batch: list[GigId]) -> None:
        turn, now = await self._turn(), self._market.clock()
        posted = {name: gig for name in batch if (gig := self._posted.pop(name, None))}
        report = await run_round(self._market, self._roster, self._token, batch, turn, self._told, posted)
        if self._recording is not None:
            self._recording.round(report, self._roster, turn, now)
        if report.lost:
            # Something changed that no message told yet: look at these people and gigs again.
            self._workers.update(offer.worker for offer in report.proposed)
            self._gigs.update(batch)
            self._changed.set()

    def _forget_silent(self) -> None:
        self._swept = False
        stale = self._roster.stale(self._market.clock().timestamp() - STALE_S)
        self._roster.remove(stale)
        if self._recording is not None:
            self._recording.gone(stale)

    def _follow_moves(self) -> None:
        moves, self._moves = self._moves, {}
        self._roster.move(moves.values())

    async def _new_draws(self) -> "Draws":
        chain = draw.chain(secrets.token_bytes(32))
        committed = await self._market.store.transact(
            open_chain, self._market.rules.city, self._token, chain.anchor, len(chain.seeds) - 1
        )
        return Draws(committed.value, chain)

    async def _turn(self) -> Turn:
        """The next seed of the term's chain; a chain at its end is followed by another."""
        if self._draws is None or self._draws.over:
            self._draws = await self._new_draws()
        return self._draws.next()

    def _start_over(self) -> None:
        """The index is not to be trusted: the next round begins by filling it from SQL."""
        self._built = False
        self._losses += 1
        self._changed.set()

    async def _build(self) -> None:
        losses = self._losses
        workers, open_gigs = await rebuild(self._market, self._roster, self._epoch)
        self._beats = 0
        # Lost again meanwhile: what was read may be too old, so the next round builds once more.
        self._built = losses == self._losses
        log.info("index rebuilt: %d workers, %d open gigs", workers, open_gigs)
        self._gigs.update(await self._market.store.read(_open_gig_ids))
        gc.collect()
        gc.freeze()


async def main(market: Market, stop: asyncio.Event) -> None:
    """Lead whenever the lease can be had, until stopped."""
    keep_freed_memory()
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
        except* (LiveDown, Unavailable) as group:
            dispatcher.outage.failed(f"not dispatching: {'; '.join(map(str, group.exceptions))}")
        except* (Fenced, Deposed) as group:
            log.warning("not dispatching: %s", "; ".join(map(str, group.exceptions)))
        await pause(stop, 0.5)


def _take_fence(tx: Transaction, city: str, holder: str) -> int:
    return tx.fence.take(city, holder)


def _open_gig_ids(tx: Transaction) -> list[GigId]:
    return [gig.id for gig in tx.gigs.with_free_seats(tx.now())]
