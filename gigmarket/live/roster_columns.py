"""The roster's rows: one available worker each, kept in columns that grow and are used again."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import EARTH_RADIUS_M, MODES, Mode, Position
from gigmarket.domain.ids import CrewId, GigId, WorkerId

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Promise:
    """Hours a worker has promised: taken from `busy_from` (leaving) until `ends`. Seconds since 1970."""

    gig: GigId
    site: Position
    busy_from: float
    starts: float
    ends: float


@dataclass(frozen=True, slots=True)
class Entry:
    """An available worker as SQL knows one. Times are seconds since 1970, `floor` fen, `reach` seconds of
    travel.

    `credit` is what fairness takes off the cost beside waiting, `key` the worker's number in draws. `working`
    is when the work he has checked in to ends (-inf: not at work), `position` then its site; `worked` are his
    latest hours, promised and done. `heard` is until when a heartbeat at his last sign of life in SQL would
    count: a later heartbeat knows his place better. `crew` has `party` workers: all come or none.
    """

    worker: WorkerId
    position: Position
    mode: Mode
    trades: frozenset[str]
    floor: float
    since: float
    until: float
    fresh_until: float
    heard: float
    reach: float
    share: float
    credit: float
    key: int
    offered: bool
    working: float
    promises: tuple[Promise, ...] = ()
    worked: tuple[tuple[float, float], ...] = ()
    crew: CrewId | None = None
    party: int = 1


@dataclass(slots=True)
class _Arrays:
    lat: Floats
    lng: Floats
    point: Floats
    trades: Ints
    mode: Ints
    floor: Floats
    since: Floats
    until: Floats
    fresh: Floats
    beat: Floats
    reach: Floats
    share: Floats
    credit: Floats
    key: NDArray[np.uint64]
    offered: Flags
    working: Floats
    busy: Flags
    stamp: Ints
    party: Ints


class Columns:
    """Rows by worker. A row's `stamp` changes whenever its place or trades do."""

    def __init__(self, capacity: int = 1024) -> None:
        self.row_of: dict[WorkerId, int] = {}
        self.entries: list[Entry | None] = [None] * capacity
        self.at = _arrays(capacity)
        self._free = list(range(capacity - 1, -1, -1))
        self.stamps = 0
        self._promising: set[int] = set()
        self._promised: tuple[Ints, Floats] | None = None
        self._crews: dict[CrewId, set[int]] = {}

    def __len__(self) -> int:
        return len(self.row_of)

    def put(self, entry: Entry, trades: int) -> int:
        """Enter or replace a worker; `trades` is the bit mask. Answers the row.

        A fresher sign of life that came by heartbeat, and its place, outlive what SQL heard earlier.
        """
        row = self.row_of.get(entry.worker)
        known = row is not None
        if row is None:
            row = self.row_of[entry.worker] = self._row()
        at = self.at
        self._part(row)
        fresher = known and bool(at.beat[row] > entry.heard)
        moved = not known or (
            not fresher and (at.lat[row] != entry.position.lat or at.lng[row] != entry.position.lng)
        )
        changed = moved or at.trades[row] != trades
        if moved:
            self._place(row, entry.position)
        if not fresher:
            at.beat[row] = -np.inf
        at.fresh[row] = max(at.beat[row], entry.fresh_until)
        at.trades[row], at.mode[row], at.floor[row] = trades, MODES.index(entry.mode), entry.floor
        at.since[row], at.until[row], at.reach[row] = entry.since, entry.until, entry.reach
        at.share[row], at.credit[row], at.key[row] = entry.share, entry.credit, entry.key
        at.offered[row], at.working[row] = entry.offered, entry.working
        at.busy[row] = bool(entry.promises or entry.worked)
        self.entries[row] = entry
        at.party[row] = entry.party
        if entry.crew is not None:
            self._crews.setdefault(entry.crew, set()).add(row)
        self._promises(row, entry)
        if changed:
            self._stamp(row)
        return row

    def remove(self, row: int) -> None:
        """Empty a row; trees that know it see another stamp."""
        entry = self.entries[row]
        if entry is None:
            return
        del self.row_of[entry.worker]
        self._part(row)
        self.entries[row] = None
        self._promises(row, None)
        self.at.trades[row] = 0
        self._stamp(row)
        self._free.append(row)

    def move(self, rows: Ints, places: Floats, fresh_until: Floats, still_m: float) -> None:
        """Signs of life of different rows, and their places (degrees, n × 2; nan: none) where these changed by
        more than `still_m` metres.
        """
        at = self.at
        at.beat[rows] = np.maximum(at.beat[rows], fresh_until)
        at.fresh[rows] = np.maximum(at.fresh[rows], fresh_until)
        lat, lng = places.T
        there = point(lat, lng)
        # No place is not far from anywhere: nan is not greater.
        far = np.flatnonzero(metres_of(there, at.point[rows]) > still_m)
        moved = rows[far]
        at.lat[moved], at.lng[moved], at.point[moved] = lat[far], lng[far], there[far]
        at.stamp[moved] = self.stamps + 1 + np.arange(len(moved))
        self.stamps += len(moved)

    def changed(self, stamp: int) -> Ints:
        """The rows whose place or trades changed after this stamp, ascending."""
        return np.flatnonzero(self.at.stamp > stamp)

    def promised(self) -> tuple[Ints, Floats]:
        """The rows of workers with promised gigs, once per gig, and the sites as points of the unit sphere."""
        if self._promised is None:
            held = [(row, one.site) for row in sorted(self._promising) for one in self._held(row)]
            lat, lng = (np.array([getattr(site, name) for _, site in held]) for name in ("lat", "lng"))
            self._promised = (np.array([row for row, _ in held], dtype=np.int64), point(lat, lng))
        return self._promised

    def crew(self, row: int) -> CrewId | None:
        """The crew of the row's worker."""
        entry = self.entries[row]
        return None if entry is None else entry.crew

    def mates(self, crew: CrewId) -> list[int]:
        """The rows of the crew's members that are here, ascending."""
        return sorted(self._crews.get(crew, ()))

    def _part(self, row: int) -> None:
        """Whoever has been in this row leaves the crew."""
        crew = self.crew(row)
        if crew is not None:
            self._crews[crew].discard(row)
            if not self._crews[crew]:
                del self._crews[crew]

    def _held(self, row: int) -> tuple[Promise, ...]:
        entry = self.entries[row]
        return () if entry is None else entry.promises

    def _promises(self, row: int, entry: Entry | None) -> None:
        if entry is not None and entry.promises:
            self._promising.add(row)
            self._promised = None
        elif row in self._promising:
            self._promising.discard(row)
            self._promised = None

    def place(self, row: int) -> Position:
        """Where the row's worker is."""
        return Position(float(self.at.lat[row]), float(self.at.lng[row]))

    def _place(self, row: int, position: Position) -> None:
        at = self.at
        at.lat[row], at.lng[row] = position.lat, position.lng
        at.point[row] = point(at.lat[row : row + 1], at.lng[row : row + 1])[0]

    def _stamp(self, row: int) -> None:
        self.stamps += 1
        self.at.stamp[row] = self.stamps

    def _row(self) -> int:
        if not self._free:
            count = len(self.entries)
            more = _arrays(count)
            for field in fields(_Arrays):
                name = field.name
                setattr(self.at, name, np.concatenate((getattr(self.at, name), getattr(more, name))))
            self.entries.extend([None] * count)
            self._free = list(range(2 * count - 1, count - 1, -1))
        return self._free.pop()


def point(lat: Floats, lng: Floats) -> Floats:
    """WGS-84 degrees as points on the unit sphere, n × 3: distances there keep the order of real ones."""
    phi, theta = np.radians(lat), np.radians(lng)
    flat = np.cos(phi)
    return np.column_stack((flat * np.cos(theta), flat * np.sin(theta), np.sin(phi)))


def above(column: Floats | Ints, rows: Ints, limit: float) -> Flags:
    """Which of these rows have more than `limit`. For many, all are compared first: flags stay in the cache."""
    found: Flags = (column > limit)[rows] if len(rows) > len(column) // 4 else column[rows] > limit
    return found


def metres_of(one: Floats, other: Floats) -> Floats:
    """Great-circle metres between points of the unit sphere, pair by pair (n × 3 each)."""
    way = one - other
    # A product with ones adds three numbers up four times as quickly as einsum does.
    chord = np.sqrt(np.square(way) @ np.ones(3))
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1.0))
    return metres


def _arrays(count: int) -> _Arrays:
    def floats() -> Floats:
        return np.zeros(count)

    def ints() -> Ints:
        return np.zeros(count, dtype=np.int64)

    return _Arrays(
        lat=floats(),
        lng=floats(),
        point=np.zeros((count, 3)),
        trades=ints(),
        mode=ints(),
        floor=floats(),
        since=floats(),
        until=floats(),
        fresh=floats(),
        beat=floats(),
        reach=floats(),
        share=floats(),
        credit=floats(),
        key=np.zeros(count, dtype=np.uint64),
        offered=np.zeros(count, dtype=np.bool_),
        working=floats(),
        busy=np.zeros(count, dtype=np.bool_),
        stamp=ints(),
        party=np.ones(count, dtype=np.int64),
    )
