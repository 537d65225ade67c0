"""Signs of life and positions of connected workers, coalesced: the latest of each, many at once."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import WorkerId
from gigmarket.edge.ws.sightings import Sightings
from gigmarket.live.connection import LiveDown
from gigmarket.services.market import Market
from gigmarket.travel.datum import to_wgs84
from gigmarket.wire.bus import Move, Wake, pack_moves, pack_wake
from gigmarket.wire.values import PositionIn

FLUSH_S = 0.4
QUIET_S = 5.0
"""So long a sign of life without a position waits for one: workers stay fresh for much longer, and who moves
says where before that.
"""
CROWD = 1_000
"""So many are not kept waiting for more: what a flush costs beside its moves is little for each of them."""
REST_S = 0.05
"""Those who come just after a crowd are the rest of it."""
MISSING_EVERY = timedelta(seconds=60)


class Heartbeats:
    """Positions go to the index only; `sightings` tells SQL once a minute that a worker is still there.

    What comes in waits FLUSH_S for more, or until it is a crowd's; a mere sign of life QUIET_S.
    """

    def __init__(self, market: Market) -> None:
        self.sightings = Sightings(market)
        self._market = market
        self._time = asyncio.get_running_loop().time
        self._latest: dict[WorkerId, PositionIn | None] = {}
        self._quiet: set[WorkerId] = set()
        self._quiet_until = 0.0
        self._ready = asyncio.Event()
        self._crowded = asyncio.Event()
        self._seen_at: dict[WorkerId, datetime] = {}
        self._missed_at: dict[WorkerId, datetime] = {}

    def alive(self, worker: WorkerId) -> None:
        """The worker is still there: told in its time, or with the next position."""
        if worker not in self._latest:
            self._quiet.add(worker)

    def beat(self, worker: WorkerId, place: PositionIn | None) -> None:
        """The worker is alive, and here if a place is given: told soon."""
        latest = self._latest
        latest[worker] = place or latest.get(worker)
        self._quiet.discard(worker)
        if not self._ready.is_set():
            self._ready.set()
        elif len(latest) == CROWD:
            self._crowded.set()

    def leave(self, worker: WorkerId) -> None:
        """Nothing more is expected from this socket."""
        self._seen_at.pop(worker, None)
        self._missed_at.pop(worker, None)

    async def run(self) -> None:
        """Flush what came in, until cancelled."""
        pause_s = FLUSH_S
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._quiet_until):
                    await self._ready.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._crowded.wait()
            pause_s = REST_S if self._crowded.is_set() else FLUSH_S
            self._ready.clear()
            self._crowded.clear()
            if latest := self._taken():
                # What could not be told is dropped: the next sign of life makes up for it.
                with contextlib.suppress(LiveDown, Unavailable):
                    await self._flush(latest)

    def _taken(self) -> dict[WorkerId, Position | None]:
        """What came in since it was last taken, with the quiet ones when it is their time."""
        latest, self._latest = self._latest, {}
        if self._time() >= self._quiet_until:
            latest |= dict.fromkeys(self._quiet)
            self._quiet = set()
            self._quiet_until = self._time() + QUIET_S
        return {worker: None if place is None else _position(place) for worker, place in latest.items()}

    async def _flush(self, latest: dict[WorkerId, Position | None]) -> None:
        now = self._market.clock()
        seen_every = timedelta(seconds=self._market.rules.policy.seen_every_s)
        # SQL hears also while the live store is away: the index is filled from it, and who was silent for long
        # is set offline.
        for worker in _due(self._seen_at, latest, now, seen_every):
            self.sightings.add(worker, latest[worker])
        fresh_until = (now + timedelta(seconds=self._market.rules.policy.fresh_s)).timestamp()
        moves = [Move(worker, position, fresh_until) for worker, position in latest.items()]
        lost = await self._market.index.move(moves)
        # The dispatcher's roster hears the same; whom it does not know it learns of by the wake-up below.
        await self._market.bus.moved(pack_moves(moves))
        if missing := _due(self._missed_at, lost, now, MISSING_EVERY):
            # Not in the index but perhaps wanting work (it was erased, or the worker was away): SQL decides.
            await self._tell_of(missing, latest)

    async def _tell_of(self, missing: list[WorkerId], latest: dict[WorkerId, Position | None]) -> None:
        """SQL, and the dispatcher, of those whom the index does not have. Who could not be told of is told of
        with their next sign of life.
        """
        for worker in missing:
            self.sightings.add(worker, latest[worker])
        try:
            await self.sightings.tell(missing)
            await self._market.bus.wake(pack_wake(Wake((), tuple(sorted(missing)))))
        except (LiveDown, Unavailable):
            for worker in missing:
                self._missed_at.pop(worker, None)
            raise


def _position(place: PositionIn) -> Position:
    return to_wgs84(place.lat, place.lng, place.datum)


def _due(
    last: dict[WorkerId, datetime], workers: Iterable[WorkerId], now: datetime, pause: timedelta
) -> list[WorkerId]:
    """Those whose last time is so long ago; it is now from here on."""
    before = now - pause
    due = [worker for worker in workers if (at := last.get(worker)) is None or at <= before]
    last.update(dict.fromkeys(due, now))
    return due
