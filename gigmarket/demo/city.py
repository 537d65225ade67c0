"""The demo's city from a seed: who lives where, what they do, and what work there is."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gigmarket.demo.names import WORK, address, employer_name, person_name
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import WageUnit
from gigmarket.travel import streets
from gigmarket.travel.places import TOWNS, load_stations

MODES = {Mode.EBIKE: 48, Mode.WALK: 14, Mode.BICYCLE: 12, Mode.MOTORBIKE: 16, Mode.CAR: 10}
STREET_TOWNS = 5
"""The first towns of the list are the streets of the city itself: most people and most work are there."""
HOT_SPOTS = 9
METRES_PER_DEGREE = 111_195.0
HEADCOUNTS = ((1, 38), (2, 27), (3, 15), (4, 10), (5, 4), (8, 2))
LARGE = 4
"""Weight, beside the headcounts', of gigs for 10 to 30 workers."""
FOR_COUPLES = 0.08
"""Share of the gigs for two or three that are for people who come together."""
COUPLE_EVERY = 12
"""One in so many workers looks for work with the one before: they live together and know the same trades."""


@dataclass(frozen=True, slots=True)
class Population:
    """How many workers, how often gigs are posted (a mean), the seed, and a roads folder to place them on."""

    workers: int
    gigs_per_minute: float
    seed: int
    roads: Path | None

    def employers(self) -> int:
        """How many employers post those gigs."""
        return max(3, self.workers // 20)


@dataclass(frozen=True, slots=True)
class Labourer:
    """One simulated worker; `arrives_s` after the demo's start. `crew`: the number of who leads the crew, if in
    one.
    """

    name: str
    phone: str
    trades: tuple[str, ...]
    mode: Mode
    floor_wage_fen: int
    position: Position
    arrives_s: float
    seed: int
    number: int
    crew: int | None = None


@dataclass(frozen=True, slots=True)
class Firm:
    """One simulated employer."""

    name: str
    phone: str
    seed: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A place around which people stand and sites lie: its middle, spread in metres and share."""

    name: str
    centre: Position
    spread_m: float
    weight: float


class City:
    """Everything drawn from one seed. Equal populations give equal people; gigs follow from their moment."""

    def __init__(self, population: Population) -> None:
        self._rng = random.Random(population.seed)
        self._streets = streets.load(population.roads) if population.roads else None
        self._spots = self._street_spots() if self._streets else _town_spots(population.workers)
        self._largest = min(30, max(4, population.workers // 20))
        self._weights = [spot.weight for spot in self._spots]
        arrival_s = min(15.0, max(2.0, population.workers / 50))
        self.labourers = [
            self._labourer(number, arrival_s * number / population.workers)
            for number in range(population.workers)
        ]
        for mate in range(COUPLE_EVERY // 2, population.workers, COUPLE_EVERY):
            leader = self.labourers[mate - 1] = replace(self.labourers[mate - 1], crew=mate - 1)
            self.labourers[mate] = replace(
                self.labourers[mate], position=leader.position, trades=leader.trades, mode=leader.mode,
                crew=mate - 1,
            )  # fmt: skip
        self.firms = [
            Firm(employer_name(self._rng), f"137{number:08d}", self._rng.getrandbits(48))
            for number in range(population.employers())
        ]

    def place(self, rng: random.Random) -> tuple[str, Position]:
        """The area's name and a position there: on a street when there are roads."""
        spot = rng.choices(self._spots, self._weights)[0]
        if self._streets is not None:
            return spot.name, self._streets.sample(rng, 1, (spot.centre, spot.spread_m))[0]
        return spot.name, jittered(rng, spot.centre, spot.spread_m)

    def gig(self, rng: random.Random, now: datetime) -> dict[str, Any]:
        """The JSON body of a posting: headcount mostly 1 to 4, beginning within two hours."""
        trade = rng.choices(list(WORK), [work.weight for work in WORK.values()])[0]
        work = WORK[trade]
        area, site = self.place(rng)
        starts_at = now + timedelta(minutes=rng.uniform(3, 110))
        ends_at = starts_at + timedelta(minutes=30 * rng.randrange(4, 18))
        headcount = self._headcount(rng)
        return {
            "title": rng.choice(work.titles),
            "trade": trade,
            "headcount": headcount,
            "min_crew": 2 if headcount in (2, 3) and rng.random() < FOR_COUPLES else 1,
            "site": {"lat": site.lat, "lng": site.lng, "datum": "wgs84", "address": address(rng, area)},
            "starts_at": starts_at.isoformat(),
            "ends_at": ends_at.isoformat(),
            "wage": {"amount_fen": _wage_fen(rng, work.least_fen, work.most_fen, work.per), "per": work.per},
            "settlement": "daily",
            "meals": rng.random() < 0.4,
            "transport": rng.random() < 0.2,
        }

    def _headcount(self, rng: random.Random) -> int:
        sizes: Sequence[int] = [size for size, _ in HEADCOUNTS]
        drawn = rng.choices([*sizes, 0], [*(weight for _, weight in HEADCOUNTS), LARGE])[0]
        return min(drawn or rng.randrange(10, 31), self._largest)

    def _labourer(self, number: int, arrives_s: float) -> Labourer:
        rng = self._rng
        trades = set(rng.choices(list(WORK), [work.weight for work in WORK.values()], k=rng.randrange(2, 6)))
        mode = Mode.CAR if "driver" in trades else rng.choices(list(MODES), list(MODES.values()))[0]
        return Labourer(
            name=person_name(rng),
            phone=f"139{number:08d}",
            trades=tuple(sorted(trades)),
            mode=mode,
            floor_wage_fen=rng.choice((0, 0, 0, 5_000, 8_000, 12_000)),
            position=self.place(rng)[1],
            arrives_s=arrives_s,
            seed=rng.getrandbits(48),
            number=number,
        )

    def _street_spots(self) -> list[Spot]:
        """Hot spots on streets around the middle of the extract, the first ones bigger."""
        assert self._streets is not None  # noqa: S101 - called with streets only
        centre = self._streets.centre()
        middles = self._streets.sample(self._rng, HOT_SPOTS, (centre, 6_000))
        spots = [
            Spot(f"第{number}片区", middle, 900, 1 / number) for number, middle in enumerate(middles, start=1)
        ]
        return [*spots, Spot("城区", centre, 6_000, sum(spot.weight for spot in spots) / 3)]


def jittered(rng: random.Random, centre: Position, spread_m: float) -> Position:
    """A position near another, normally distributed with `spread_m` metres in each direction."""
    lat = centre.lat + rng.gauss(0, spread_m) / METRES_PER_DEGREE
    metres_per_lng = METRES_PER_DEGREE * math.cos(math.radians(centre.lat))
    return Position(round(lat, 6), round(centre.lng + rng.gauss(0, spread_m) / metres_per_lng, 6))


def _town_spots(workers: int) -> list[Spot]:
    """The real towns and stations: the city's streets carry most, stations gather people close by.

    Few people all live in the city: a dozen spread over 19 towns would meet no work at all.
    """
    outside = min(1.5, workers / 1000)
    streets_ = {town.name_zh for town in TOWNS[:STREET_TOWNS]}
    towns = [Spot(t.name_zh, t.position, 900, 12 if t.name_zh in streets_ else outside) for t in TOWNS]
    stations = [
        Spot(place.town_zh, place.position, 250, 1.5 if place.town_zh in streets_ else outside)
        for place in load_stations()
    ]
    return [*towns, *stations]


def _wage_fen(rng: random.Random, least: int, most: int, per: WageUnit) -> int:
    step = 1_000 if per is WageUnit.DAY else 100 if per is WageUnit.HOUR else 10
    return rng.randrange(least, most + 1, step)
