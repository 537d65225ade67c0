"""Small towns for the road tests, drawn in metres round a corner in the south-west and written as OSM files."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.osm import mutable

from gigmarket.domain.geo import EARTH_RADIUS_M, Position
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.build import build

Metres = tuple[float, float]
CORNER = Position(28.0500, 115.5400)
PORTO = Path(__file__).parents[3] / "shared" / "roads" / "porto_portugal.osm.pbf"
WALK = 5.1 / 3.6


def at(x: float, y: float) -> Position:
    """The position x metres east and y metres north of the town's corner."""
    lat = CORNER.lat + math.degrees(y / EARTH_RADIUS_M)
    lng = CORNER.lng + math.degrees(x / EARTH_RADIUS_M / math.cos(math.radians(CORNER.lat)))
    return Position(lat, lng)


@dataclass
class Town:
    """Ways through places in metres; a place named twice is one node."""

    ways: list[tuple[list[Metres], dict[str, str]]] = field(default_factory=list)
    node_tags: dict[Metres, dict[str, str]] = field(default_factory=dict)

    def way(self, *places: Metres, **tags: str) -> "Town":
        """Draw a way; `oneway_bicycle` stands for `oneway:bicycle`."""
        self.ways.append((list(places), {key.replace("_", ":"): value for key, value in tags.items()}))
        return self

    def grid(self, left: float, low: float, right: float, high: float, step: float = 100.0) -> "Town":
        """Draw residential streets along every line of a grid."""
        xs = [left + step * n for n in range(round((right - left) / step) + 1)]
        ys = [low + step * n for n in range(round((high - low) / step) + 1)]
        for x in xs:
            self.way(*((x, y) for y in ys), highway="residential")
        for y in ys:
            self.way(*((x, y) for x in xs), highway="residential")
        return self

    def write(self, path: Path) -> Path:
        """Write an OSM file, its type told by its name."""
        numbers: dict[Metres, int] = {}
        for places, _ in self.ways:
            for place in places:
                numbers.setdefault(place, len(numbers) + 1)
        with osmium.SimpleWriter(str(path)) as writer:
            for place, number in numbers.items():
                position = at(*place)
                tags = self.node_tags.get(place, {})
                location = (position.lng, position.lat)
                writer.add_node(mutable.Node(id=number, version=1, location=location, tags=tags))
            for number, (places, tags) in enumerate(self.ways, start=1):
                nodes = [numbers[place] for place in places]
                writer.add_way(mutable.Way(id=number, version=1, nodes=nodes, tags=tags))
        return path

    def router(self, folder: Path) -> RoadRouter:
        """Write and build the town in a folder, and open it."""
        folder.mkdir(parents=True, exist_ok=True)
        build(self.write(folder / "town.osm"), folder / "roads")
        return RoadRouter(folder / "roads")


def river_town(bridges: Sequence[float] = (500.0,), tags: Mapping[str, str] | None = None) -> Town:
    """Two banks of eleven by six streets, 200 m of river between them, and a bridge at each of these x."""
    town = Town().grid(0, -500, 1000, 0).grid(0, 200, 1000, 700)
    for x in bridges:
        town.ways.append(([(x, 0.0), (x, 200.0)], {"highway": "residential", "bridge": "yes", **(tags or {})}))
    return town
