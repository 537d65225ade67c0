"""What a build takes of an OpenStreetMap extract: usable ways, their nodes, and the nodes that stop a mode."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gigmarket.travel.roads.osm_rules import MODES, WayRule, blocked_modes, way_rule
from gigmarket.travel.roads.progress import Progress
from gigmarket.travel.roads.sketch import Sketch
from gigmarket.travel.streets import RoadsBuildFailed, is_street

_PROGRESS_EVERY = 1_000
_KEYS = ("highway", "route", "barrier", "waterway")


@dataclass(frozen=True, slots=True, eq=False)
class Extract:
    """What a build needs of an extract, as arrays over ways, over the nodes in them, and over barriers.

    `nodes`, `lat`, `lng` (OSM ids and 1e-7 degrees) hold way after way; way w is first[w] to first[w + 1].
    `forward` and `backward` are ways × modes in km/h, 0 closed; `barrier_blocks` is barriers × modes. `sketch`
    holds what a map draws.
    """

    first: NDArray[np.int64]
    nodes: NDArray[np.int64]
    lat: NDArray[np.int32]
    lng: NDArray[np.int32]
    forward: NDArray[np.float32]
    backward: NDArray[np.float32]
    ferry: NDArray[np.bool_]
    duration_s: NDArray[np.float32]
    street: NDArray[np.bool_]
    barriers: NDArray[np.int64]
    barrier_blocks: NDArray[np.bool_]
    sketch: Sketch

    def way_of_node(self) -> NDArray[np.int64]:
        """The way of each entry of `nodes`."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


class _Reading:
    """The growing columns of an extract while its objects pass by."""

    def __init__(self) -> None:
        self.first, self.nodes = array("q", [0]), array("q")
        self.lat, self.lng = array("i"), array("i")
        self.speeds, self.duration_s = array("f"), array("f")
        self.ferry, self.street = array("b"), array("b")
        self.barriers, self.blocks = array("q"), array("b")
        self.sketch = Sketch()

    def node(self, node: Any) -> None:
        stopped = blocked_modes(dict(node.tags))
        if stopped:
            self.barriers.append(node.id)
            self.blocks.extend(mode in stopped for mode in MODES)

    def way(self, way: Any) -> None:
        tags = dict(way.tags)
        rule = way_rule(tags)
        street = is_street(tags)
        self.sketch.way(tags, way.nodes)
        if rule is None and not street:
            return
        # A node may be missing where an extract was cut; the way goes on behind it as if it were not there.
        kept = [(node.ref, place.y, place.x) for node in way.nodes if (place := node.location).valid()]
        if not kept:
            return
        for ref, y, x in kept:
            self.nodes.append(ref)
            self.lat.append(y)
            self.lng.append(x)
        self._rule(rule or WayRule((0.0,) * len(MODES), (0.0,) * len(MODES)), street)

    def _rule(self, rule: WayRule, street: bool) -> None:
        self.first.append(len(self.nodes))
        self.speeds.extend(rule.forward + rule.backward)
        self.ferry.append(rule.ferry)
        self.duration_s.append(rule.duration_s)
        self.street.append(street)

    def extract(self) -> Extract:
        speeds = np.asarray(self.speeds, dtype=np.float32).reshape(-1, 2, len(MODES))
        return Extract(
            first=np.asarray(self.first, dtype=np.int64),
            nodes=np.asarray(self.nodes, dtype=np.int64),
            lat=np.asarray(self.lat, dtype=np.int32),
            lng=np.asarray(self.lng, dtype=np.int32),
            forward=speeds[:, 0],
            backward=speeds[:, 1],
            ferry=np.asarray(self.ferry, dtype=np.bool_),
            duration_s=np.asarray(self.duration_s, dtype=np.float32),
            street=np.asarray(self.street, dtype=np.bool_),
            barriers=np.asarray(self.barriers, dtype=np.int64),
            barrier_blocks=np.asarray(self.blocks, dtype=np.bool_).reshape(-1, len(MODES)),
            sketch=self.sketch,
        )


def read(pbf: Path, tell: Progress) -> Extract:
    """Read an OSM file (.osm.pbf, .osm); `tell` hears of objects with tags that matter.

    They are counted first: osmium does not say how far in a file it is, and a pass without places takes a few
    hundredths of the time. Raises RoadsBuildFailed when the file is missing, unreadable, or osmium is not
    installed.
    """
    if not pbf.is_file():
        raise RoadsBuildFailed(f"{pbf}: no such file")
    try:
        import osmium
        from osmium.filter import KeyFilter
    except ImportError as error:
        raise RoadsBuildFailed("building roads needs osmium: pip install 'gigmarket[roads]'") from error
    reading = _Reading()
    try:
        kinds = osmium.osm.NODE | osmium.osm.WAY
        tell("counting objects", 0, 0)
        total = sum(1 for _ in osmium.FileProcessor(pbf, kinds).with_filter(KeyFilter(*_KEYS)))
        tell("counting objects", total, total)
        objects = osmium.FileProcessor(pbf, kinds).with_locations().with_filter(KeyFilter(*_KEYS))
        for done, thing in enumerate(objects):
            if done % _PROGRESS_EVERY == 0:
                tell("reading objects", done, total)
            if isinstance(thing, osmium.osm.Way):
                reading.way(thing)
            else:
                reading.node(thing)
    except (RuntimeError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise RoadsBuildFailed(f"{pbf}: not a readable OSM extract ({reason})") from error
    tell("reading objects", total, total)
    return reading.extract()
