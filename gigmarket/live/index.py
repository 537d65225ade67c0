"""The geo index: available workers per trade with their freshness, and the sites of open gigs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from gigmarket.domain.geo import EARTH_RADIUS_M, Cell, Position
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.live import scripts
from gigmarket.live.cells import CellCounter
from gigmarket.live.connection import Client, guard
from gigmarket.live.geohash import LAT_MAX, encode_positions
from gigmarket.live.keys import Keys
from gigmarket.wire.bus import Move
from gigmarket.wire.codec import encode

CHUNK = 200
"""Members per command: the server is never held longer than about 2 ms, and Lua can unpack them."""

_SCAN = 2000
# The server's geo commands take another radius of the earth than the domain's distances do.
_STRETCH = 6_372_797.560856 / EARTH_RADIUS_M
T = TypeVar("T")

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placement:
    """An available worker as the index holds one; `fresh_until` is UTC, kept to the millisecond."""

    worker: WorkerId
    position: Position
    trades: frozenset[str]
    fresh_until: datetime


@dataclass(frozen=True, slots=True)
class Query:
    """Who of a trade is within `radius_m` metres of a place, the nearest `count`?"""

    trade: str
    position: Position
    radius_m: float
    count: int


@dataclass(frozen=True, slots=True)
class Near:
    """A worker found: position as kept (within 0.4 m of what was put) and great-circle metres."""

    worker: WorkerId
    position: Position
    metres: float


class Index:
    """The live index of one city. Every change of workers is one atomic script, so no reader sees half.

    Everything here can be rebuilt from SQL and heartbeats. All methods raise LiveDown while the store is
    away. The earth beyond 85.05° north and south, where geohashes end, counts as lying on that edge.
    """

    def __init__(self, redis: Client, keys: Keys, trades: Sequence[str]) -> None:
        self._redis = redis
        self._keys = keys
        self._trades = tuple(trades)
        self._trade_sets = tuple(keys.workers(trade) for trade in self._trades)
        self._sets = (keys.positions, keys.fresh, keys.held, *self._trade_sets)

    async def put(
        self, worker: WorkerId, position: Position, trades: frozenset[str], fresh_until: datetime
    ) -> None:
        """Place one worker, new or known, under exactly these trades. See `put_many`."""
        await self.put_many((Placement(worker, position, trades, fresh_until),))

    @guard()
    async def put_many(self, batch: Sequence[Placement]) -> None:
        """Place workers, in chunks of 200, each atomic; of a worker named twice the last one holds.

        Replaces position, trades and freshness of those already there. Raises ValueError for a trade
        the index was not made with, before anything is written.
        """
        last = list({placement.worker: placement for placement in batch}.values())
        masks = {trades: self._mask(trades) for trades in {placement.trades for placement in last}}
        put = scripts.load("put")
        for chunk in _chunks(last):
            args: list[scripts.Argument] = []
            for one, score in zip(chunk, _scores([one.position for one in chunk]), strict=True):
                args += (one.worker, score, _ms(one.fresh_until), masks[one.trades])
            await put(self._redis, self._sets, args)

    @guard()
    async def move(self, batch: Sequence[Move]) -> list[WorkerId]:
        """Take in signs of life of workers who are in the index; freshness never goes back.

        Returns those who are not in it, for the caller to put back if they are available: after the
        store was erased, that is everybody.
        """
        move = scripts.load("move")
        scores = iter(_scores([one.position for one in batch if one.position]))
        told = [
            (one.worker, round(one.fresh_until * 1000), next(scores))
            if one.position
            else (one.worker, round(one.fresh_until * 1000))
            for one in batch
        ]
        missing: dict[WorkerId, None] = {}
        for chunk in _chunks(told):
            # One argument: the client takes half a microsecond for each, JSON a tenth of that.
            found = await move(self._redis, self._sets, (encode(chunk),))
            missing.update((WorkerId(worker.decode()), None) for worker in found)
        return list(missing)

    @guard()
    async def remove(self, workers: Sequence[WorkerId]) -> None:
        """Take workers out everywhere; harmless for those who are not there."""
        for chunk in _chunks(workers):
            await scripts.load("remove")(self._redis, self._sets, chunk)

    async def near(
        self, trade: str, position: Position, radius_m: float, count: int, now: datetime
    ) -> list[Near]:
        """The nearest `count` fresh workers of a trade within `radius_m` metres, nearest first.

        The cost follows the number of workers in the circle, not `count`: begin with a small radius.
        """
        return (await self.near_many((Query(trade, position, radius_m, count),), now))[0]

    @guard()
    async def near_many(self, queries: Sequence[Query], now: datetime) -> list[list[Near]]:
        """The answers to many queries in one round trip, in order; other clients' commands run in between.

        Workers whose `fresh_until` is before `now` are left out, and do not use up `count`.
        """
        calls = [
            (
                (self._keys.workers(query.trade), self._keys.fresh),
                (*_degrees(query.position), query.radius_m * _STRETCH, query.count, _ms(now)),
            )
            for query in queries
            if query.count > 0
        ]
        replies = iter(await scripts.load("near").pipelined(self._redis, calls))
        return [_nears(next(replies)) if query.count > 0 else [] for query in queries]

    @guard()
    async def sweep(self, now: datetime, limit: int = 1000) -> list[WorkerId]:
        """Take out workers whose freshness ended before `now`, the longest stale first, and name them.

        At most `limit` and at most 1,000 a call: call again while it returns that many.
        """
        found = await scripts.load("sweep")(self._redis, self._sets, (_ms(now), min(limit, 1000)))
        return [WorkerId(worker.decode()) for worker in found]

    @guard()
    async def fresh(self, workers: Sequence[WorkerId], now: datetime) -> set[WorkerId]:
        """Those of the workers who are in the index and gave a sign of life in time."""
        alive: set[WorkerId] = set()
        at = _ms(now)
        for chunk in _chunks(workers):
            untils = await self._redis.zmscore(self._keys.fresh, list(chunk))
            found = zip(chunk, untils, strict=True)
            alive.update(worker for worker, until in found if until is not None and until >= at)
        return alive

    @guard()
    async def fresh_until(self, workers: Sequence[WorkerId]) -> dict[WorkerId, datetime]:
        """Until when the last sign of life of each worker in the index counts."""
        untils: dict[WorkerId, datetime] = {}
        for chunk in _chunks(workers):
            found = zip(chunk, await self._redis.zmscore(self._keys.fresh, list(chunk)), strict=True)
            untils.update((w, _UNIX + timedelta(milliseconds=float(ms))) for w, ms in found if ms is not None)
        return untils

    @guard()
    async def positions(self, workers: Sequence[WorkerId]) -> dict[WorkerId, Position]:
        """Where the workers are, within 0.4 m; those not in the index are left out."""
        where: dict[WorkerId, Position] = {}
        for chunk in _chunks(workers):
            points: Any = await self._redis.geopos(self._keys.positions, *chunk)
            found = zip(chunk, points, strict=True)
            where.update((w, Position(float(point[1]), float(point[0]))) for w, point in found if point)
        return where

    @guard()
    async def put_gigs(self, gigs: Sequence[tuple[GigId, Position]]) -> None:
        """Put or move the sites of open gigs."""
        for chunk in _chunks(gigs):
            scores = _scores([site for _, site in chunk])
            points: dict[str, float] = {gig: score for (gig, _), score in zip(chunk, scores, strict=True)}
            await self._redis.zadd(self._keys.gigs, points)

    @guard()
    async def remove_gigs(self, gigs: Sequence[GigId]) -> None:
        """Take gigs out that are open no longer; harmless for those who are not there."""
        for chunk in _chunks(gigs):
            await self._redis.zrem(self._keys.gigs, *chunk)

    @guard()
    async def gigs_near(self, position: Position, radius_m: float, count: int) -> list[tuple[GigId, float]]:
        """The nearest `count` open gigs within `radius_m` metres, with their metres, nearest first."""
        if count <= 0:
            return []
        lng, lat = _degrees(position)
        found: Any = await self._redis.geosearch(
            self._keys.gigs, longitude=lng, latitude=lat, radius=radius_m * _STRETCH, unit="m",
            sort="ASC", count=count, withdist=True,
        )  # fmt: skip
        return [(GigId(gig.decode()), float(metres) / _STRETCH) for gig, metres in found]

    @guard()
    async def gigs_around(self, circles: Sequence[tuple[Position, float]], count: int) -> set[GigId]:
        """The nearest `count` open gigs within each circle (place, metres), all in one round trip."""
        pipe: Any = self._redis.pipeline(transaction=False)
        for position, radius_m in circles:
            lng, lat = _degrees(position)
            pipe.geosearch(
                self._keys.gigs, longitude=lng, latitude=lat, radius=radius_m * _STRETCH, unit="m",
                sort="ASC", count=count,
            )  # fmt: skip
        return {GigId(gig.decode()) for found in await pipe.execute() for gig in found} if circles else set()

    @guard()
    async def cells(self, cell_size_m: float) -> dict[str, dict[Cell, int]]:
        """For each trade, how many workers are in each cell of about cell_size_m metres; no one is named.

        Read in chunks while the index moves on, so someone may be missed or counted twice: a picture.
        """
        counter = CellCounter(cell_size_m)
        return {
            trade: await self._count_cells(key, counter)
            for trade, key in zip(self._trades, self._trade_sets, strict=True)
        }

    @guard()
    async def people_cells(self, cell_size_m: float) -> dict[Cell, int]:
        """How many workers of any trade are in each cell; a picture like `cells`."""
        return await self._count_cells(self._keys.positions, CellCounter(cell_size_m))

    async def _count_cells(self, key: str, counter: CellCounter) -> dict[Cell, int]:
        counts: dict[Cell, int] = {}
        first = 0
        while scores := await scripts.load("scores")(self._redis, (key,), (first, first + _SCAN - 1)):
            counter.add(scores, counts)
            first += _SCAN
        return counts

    @guard()
    async def counts(self) -> dict[str, int]:
        """How many workers each trade's set holds, stale ones not yet swept included."""
        pipe: Any = self._redis.pipeline(transaction=False)
        for key in self._trade_sets:
            pipe.zcard(key)
        return dict(zip(self._trades, await pipe.execute(), strict=True))

    @guard()
    async def epoch(self) -> str | None:
        """Which rebuild filled this index; None when the store was erased or began empty: rebuild it."""
        mark: Any = await self._redis.get(self._keys.epoch)
        return None if mark is None else mark.decode().partition(" ")[0]

    @guard()
    async def mark(self, epoch: str) -> None:
        """Say that the index is whole: the last step of a rebuild, and its beat number 0."""
        await self._redis.set(self._keys.epoch, f"{epoch} 0")

    @guard()
    async def beat(self, epoch: str, number: int) -> bool:
        """Leave a beat's number where the one before must be; numbers count by one from the rebuild.

        False, and nothing is left, when it is not there: the store was erased, or set back to an earlier
        moment of the same epoch. Rebuild then.
        """
        marks = (f"{epoch} {number - 1}", f"{epoch} {number}")
        return bool(await scripts.load("beat")(self._redis, (self._keys.epoch,), marks))

    @guard()
    async def clear(self) -> None:
        """Forget workers, gigs and the mark (a rebuild cut short is noticed); nothing else is touched."""
        await self._redis.unlink(*self._sets, self._keys.gigs, self._keys.epoch)

    def _mask(self, trades: frozenset[str]) -> str:
        if unknown := trades.difference(self._trades):
            raise ValueError(f"the index has no trade {', '.join(sorted(unknown))}")
        return "".join("1" if trade in trades else "0" for trade in self._trades)


def _nears(reply: Sequence[bytes]) -> list[Near]:
    return [
        Near(WorkerId(worker.decode()), Position(float(lat), float(lng)), float(metres) / _STRETCH)
        for worker, metres, lng, lat in zip(*[iter(reply)] * 4, strict=True)
    ]


def _scores(positions: Sequence[Position]) -> list[int]:
    lats = np.array([position.lat for position in positions])
    lngs = np.array([position.lng for position in positions])
    scores: list[int] = encode_positions(lats, lngs).tolist()
    return scores


def _degrees(position: Position) -> tuple[float, float]:
    return position.lng, min(max(position.lat, -LAT_MAX), LAT_MAX)


def _ms(at: datetime) -> int:
    return (at - _UNIX) // timedelta(milliseconds=1)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[first : first + CHUNK] for first in range(0, len(items), CHUNK))
