"""When a position can't be right, or nobody gets there: the rule, in metres to the nearest roads.

The datums differ by 0.5 to 0.7 km (GCJ-02) and 1.0 to 1.3 km (BD-09) in China: further than any block is
wide, so a position read in the wrong one often lies in a river or a field. In the middle of a dense city it
lies on another street, and one position alone can't tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gigmarket.domain.geo import Datum, Position
from gigmarket.travel.datum import to_wgs84

REACHED_M = 300.0
"""Metres to a road of the worker's own mode beyond which no circle holds them: the road engine's own limit."""

OFF_STREET_M = 100.0
"""Metres to any street from which a position is doubted. Yards and works lie up to some 80 m from a street,
and a phone between houses is 10 to 20 m wrong."""

ON_STREET_M = 25.0
"""Metres to a street at which another reading of the same numbers explains them: half a street and the
phone's own error. Wider, and a field near a village would do."""


class RoadAdvice(StrEnum):
    """What a person is told about their position; the values are those of the public protocol."""

    OFF_ROAD = "off_road"
    DATUM_SUSPECT = "datum_suspect"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd about a position; `datum` is the one its numbers seem to be in, for DATUM_SUSPECT."""

    code: RoadAdvice
    datum: Datum | None = None


def judge(own_m: float, street_m: float, read_as: Mapping[Datum, float]) -> Finding | None:
    """What to tell about a position, or None when nothing is odd.

    Metres: `own_m` to the nearest road of the person's mode, `street_m` to any street, `read_as` to any street
    if the same numbers were in another datum. Infinite where no road is near.
    """
    if street_m > OFF_STREET_M:
        fitting = {datum: metres for datum, metres in read_as.items() if metres <= ON_STREET_M}
        if fitting:
            return Finding(RoadAdvice.DATUM_SUSPECT, min(fitting, key=lambda datum: fitting[datum]))
    return Finding(RoadAdvice.OFF_ROAD) if own_m > REACHED_M else None


def look(
    lat: float,
    lng: float,
    datum: Datum,
    own_m: Callable[[Position], float | None],
    street_m: Callable[[Position], float | None],
) -> Finding | None:
    """Judge degrees given in a datum by a road engine's distances, asking for no more than it takes.

    `own_m` and `street_m` give metres to the nearest road of the person's mode and to any street, or None when
    that can't be told: then nothing is found. Raises ValueError outside the earth.
    """
    here = to_wgs84(lat, lng, datum)
    own, street = own_m(here), street_m(here)
    if own is None or street is None:
        return None
    read_as: dict[Datum, float] = {}
    if street > OFF_STREET_M:
        for other in Datum:
            there = to_wgs84(lat, lng, other)
            metres = street_m(there) if there != here else None
            if metres is not None:
                read_as[other] = metres
    return judge(own, street, read_as)
