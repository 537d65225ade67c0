"""What OpenStreetMap tags mean for each mode: who may pass, in which direction, and how fast.

The tables below are the rules; docs/roads.md explains them with their sources. A way gives two speeds per
mode, along its drawing direction and against it, in km/h; 0 means closed. A node closes some modes or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gigmarket.domain.geo import Mode
from gigmarket.travel.roads import osm_oneway
from gigmarket.travel.roads.osm_values import kilometres_per_hour, seconds_of

MODES: tuple[Mode, ...] = (Mode.WALK, Mode.BICYCLE, Mode.EBIKE, Mode.MOTORBIKE, Mode.CAR)
"""The order of the columns of every per-mode array of a build."""

WALK_KMH = 5.1
CRUISE_KMH: Mapping[Mode, float] = {Mode.WALK: WALK_KMH, Mode.BICYCLE: 18.0, Mode.EBIKE: 22.0}
"""Speeds on a good surface; motor modes have speeds by highway class instead."""

CAR_KMH: Mapping[str, float] = {
    "motorway": 95, "motorway_link": 45, "trunk": 70, "trunk_link": 40, "primary": 50, "primary_link": 35,
    "secondary": 45, "secondary_link": 30, "tertiary": 38, "tertiary_link": 25, "unclassified": 32,
    "residential": 25, "living_street": 10, "service": 15, "road": 20, "track": 12,
}  # fmt: skip
MOTORBIKE_KMH: Mapping[str, float] = {
    "trunk": 45, "trunk_link": 35, "primary": 38, "primary_link": 32, "secondary": 35, "secondary_link": 28,
    "tertiary": 32, "tertiary_link": 25, "unclassified": 30, "residential": 25, "living_street": 10,
    "service": 15, "road": 20, "track": 12,
}  # fmt: skip
"""Speeds between junctions in towns; assumed, not fitted."""

JUNCTION_S: Mapping[Mode, float] = {Mode.WALK: 0.0} | dict.fromkeys(
    (Mode.BICYCLE, Mode.EBIKE, Mode.MOTORBIKE, Mode.CAR), 1.75
)
"""Seconds that slowing, looking and turning take at a junction of three roads or more, on the average."""

_SHARED = frozenset(CAR_KMH) - {"motorway", "motorway_link"}
FOOT_CLASSES = _SHARED | {
    "footway", "pedestrian", "path", "steps", "corridor", "platform", "elevator"
}  # fmt: skip
CYCLE_CLASSES = _SHARED | {"cycleway", "path"}
KNOWN_CLASSES = frozenset(CAR_KMH) | FOOT_CLASSES | CYCLE_CLASSES | {"bridleway"}
"""Every other value of `highway` is no road. A mode may use a class that is not listed for it when a tag of
its own or of its kind says so (foot=yes on a cycleway, bicycle=yes on a footway …)."""

ACCESS_KEYS: Mapping[Mode, tuple[str, ...]] = {
    Mode.WALK: ("foot", "access"),
    Mode.BICYCLE: ("bicycle", "vehicle", "access"),
    Mode.EBIKE: ("electric_bicycle", "bicycle", "vehicle", "access"),
    Mode.MOTORBIKE: ("motorcycle", "motor_vehicle", "vehicle", "access"),
    Mode.CAR: ("motorcar", "motor_vehicle", "vehicle", "access"),
}
"""Access keys from the most to the least specific: the first one present decides."""

OPEN = frozenset(
    {
        "yes", "designated", "permissive", "official", "public", "destination", "customers", "delivery",
        "allowed", "dismount", "use_sidepath", "lane", "track", "shared", "shared_lane", "sidewalk",
        "crossing", "passable",
    }
)  # fmt: skip
CLOSED = frozenset(
    {
        "no", "private", "agricultural", "forestry", "emergency", "military", "psv", "bus", "hov", "permit",
        "residents", "employees", "discouraged", "unsuitable", "restricted", "none",
    }
)  # fmt: skip

SURFACE_FACTORS: Mapping[str, float] = {
    **dict.fromkeys(("compacted", "fine_gravel", "pebblestone", "unpaved", "woodchips"), 0.8),
    **dict.fromkeys(("dirt", "earth", "ground", "grass", "grass_paver", "clay", "salt"), 0.6),
    **dict.fromkeys(("gravel", "stone", "rock"), 0.4),
    **dict.fromkeys(("sand", "mud", "snow", "ice"), 0.25),
}
"""Share of a bicycle's or e-bike's speed that is left on a surface; paved and unknown values keep all."""
TRACK_FACTORS: Mapping[str, float] = {"grade1": 1.0, "grade2": 0.8, "grade3": 0.6, "grade4": 0.6, "grade5": 0.4}
UNTAGGED_FACTORS: Mapping[str, float] = {"footway": 0.8, "pedestrian": 0.8, "path": 0.8, "track": 0.6}
ROUGH_MOTOR_KMH = 20.0
"""Most a motor vehicle makes on a surface with a factor below 0.8."""

# Node barriers: whom they stop unless an access tag on the node says otherwise.
_MOTOR = frozenset({Mode.MOTORBIKE, Mode.CAR})
_WHEELS = frozenset(MODES) - {Mode.WALK}
BARRIERS: Mapping[str, frozenset[Mode]] = {
    **dict.fromkeys(
        ("bollard", "block", "cycle_barrier", "motorcycle_barrier", "chain", "bar", "planter", "log"), _MOTOR
    ),
    "sump_buster": frozenset({Mode.CAR}),
    "bus_trap": frozenset({Mode.CAR}),
    **dict.fromkeys(("stile", "turnstile", "full-height_turnstile", "kissing_gate"), _WHEELS),
    **dict.fromkeys(("wall", "fence", "jersey_barrier", "debris", "barrier_board"), frozenset(MODES)),
}
"""Barriers not named here (gates, lift gates, kerbs, toll booths, entrances …) stop only whom they tag."""

FERRY_KMH = 10.0
FERRY_BOARDING_S = 300.0
"""Speed of a ferry without `duration`, and the wait and boarding that each crossing costs."""


@dataclass(frozen=True, slots=True)
class WayRule:
    """Speeds per mode (columns as in MODES) in km/h along and against a way; 0 is closed.

    For a ferry, `duration_s` is the crossing's tagged duration in seconds, or 0 when it is not tagged.
    """

    forward: tuple[float, ...]
    backward: tuple[float, ...]
    ferry: bool = False
    duration_s: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether any mode may use the way at all."""
        return any(self.forward) or any(self.backward)


def way_rule(tags: Mapping[str, str]) -> WayRule | None:
    """The rule of a way, or None when it is no road or ferry that any of the modes can use."""
    if tags.get("route") == "ferry" and "highway" not in tags:
        speeds = tuple(FERRY_KMH if _ferry_open(mode, tags) else 0.0 for mode in MODES)
        directions = osm_oneway.directed(speeds, MODES, "", tags)
        rule = WayRule(*directions, True, seconds_of(tags.get("duration", "")))
        return rule if rule.usable else None
    highway = tags.get("highway", "")
    if highway not in KNOWN_CLASSES:
        return None
    if tags.get("area") == "yes" and highway not in ("pedestrian", "footway"):
        return None
    speeds = tuple(_speed(mode, highway, tags) for mode in MODES)
    forward, backward = osm_oneway.directed(speeds, MODES, highway, tags)
    rule = WayRule(forward, backward)
    return rule if rule.usable else None


def blocked_modes(tags: Mapping[str, str]) -> frozenset[Mode]:
    """The modes that can't pass a node with these tags (its barrier, and its access tags)."""
    stopped = BARRIERS.get(tags.get("barrier", ""), frozenset())
    if tags.get("locked") == "yes":
        stopped = frozenset(MODES)
    # Access tags on crossings and stops say who uses the crossing, not who may pass along the road.
    tagged = "barrier" in tags
    return frozenset(
        mode
        for mode in MODES
        if (allowed := _allowed(mode, tags) if tagged else None) is False
        or (allowed is None and mode in stopped)
    )


def _speed(mode: Mode, highway: str, tags: Mapping[str, str]) -> float:
    if not _may_use(mode, highway, tags):
        return 0.0
    if mode is Mode.WALK:
        return WALK_KMH
    factor = _surface_factor(highway, tags)
    if mode in (Mode.BICYCLE, Mode.EBIKE):
        # A bicycle that must be pushed moves at its rider's pace.
        pushed = highway == "steps" or tags.get("bicycle") == "dismount"
        return WALK_KMH if pushed else CRUISE_KMH[mode] * factor
    table = CAR_KMH if mode is Mode.CAR else MOTORBIKE_KMH
    speed = table.get(highway, 10.0)
    posted = kilometres_per_hour(tags.get("maxspeed", ""))
    if posted:
        speed = min(speed, 0.9 * posted)
    return min(speed, ROUGH_MOTOR_KMH) if factor < 0.8 else speed


def _may_use(mode: Mode, highway: str, tags: Mapping[str, str]) -> bool:
    if tags.get("impassable") == "yes":
        return False
    allowed = _allowed(mode, tags)
    if allowed is False:
        return False
    own = _own_tag(mode, tags)
    if tags.get("motorroad") == "yes" and mode not in _MOTOR:
        return own is True
    if tags.get("smoothness") == "impassable" and mode is not Mode.WALK:
        return own is True
    if mode is Mode.WALK:
        hard = tags.get("sac_scale", "hiking") not in ("hiking", "strolling")
        return (highway in FOOT_CLASSES and not hard) or own is True
    if mode in (Mode.BICYCLE, Mode.EBIKE):
        if highway == "steps":
            return own is True or tags.get("ramp:bicycle") == "yes"
        return highway in CYCLE_CLASSES or own is True
    return highway in (CAR_KMH if mode is Mode.CAR else MOTORBIKE_KMH) or own is True


def _allowed(mode: Mode, tags: Mapping[str, str]) -> bool | None:
    """What the first access key says: True, False, or None when nothing (known) is tagged."""
    return _first_known(ACCESS_KEYS[mode], tags)


def _own_tag(mode: Mode, tags: Mapping[str, str]) -> bool | None:
    # `access=yes` on a footway does not let cars in: only a key of the mode or of its kind does.
    return _first_known(ACCESS_KEYS[mode][:-1], tags)


def _first_known(keys: Sequence[str], tags: Mapping[str, str]) -> bool | None:
    return next((said for key in keys if (said := _meaning(tags.get(key, ""))) is not None), None)


def _meaning(value: str) -> bool | None:
    said = [part.strip() for part in value.split(";")]
    if any(part in OPEN for part in said):
        return True
    return False if any(part in CLOSED for part in said) else None


def _ferry_open(mode: Mode, tags: Mapping[str, str]) -> bool:
    allowed = _allowed(mode, tags)
    return allowed if allowed is not None else True


def _surface_factor(highway: str, tags: Mapping[str, str]) -> float:
    surface = tags.get("surface")
    if surface is not None:
        return SURFACE_FACTORS.get(surface.split(":")[0], 1.0)
    untagged = UNTAGGED_FACTORS.get(highway, 1.0)
    return TRACK_FACTORS.get(tags.get("tracktype", ""), untagged)
