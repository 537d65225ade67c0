"""WGS-84 (GPS), GCJ-02 (AMap, Tencent) and BD-09 (Baidu): conversion, and links into their maps.

The constants are those of the published reverse engineering of GCJ-02 on the Krasovsky 1940 ellipsoid;
published reference pairs lie up to 0.7 m from it, which no journey notices.
Outside China, taken as the customary bounding box, the three datums are one. Within about a kilometre of
the box's edge (sea and foreign land) the inverse is ambiguous, because the shift begins there at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from urllib.parse import quote, urlencode

from gigmarket.domain.geo import Datum, Mode, Position

_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_WAVE = math.pi * 3000.0 / 180.0
# 1e-8 degrees is a millimetre: far below the 0.1 m that is promised.
_CLOSE_DEG = 1e-8
_AMAP_MODE = {Mode.WALK: "walk", Mode.BICYCLE: "ride", Mode.EBIKE: "ride"}

_Degrees = tuple[float, float]


def to_wgs84(lat: float, lng: float, datum: Datum) -> Position:
    """The WGS-84 position of a pair of degrees measured in `datum`: `from_wgs84` inverted to within 0.1 m.

    Raises ValueError when the pair is not finite or outside the earth.
    """
    given = Position(lat, lng)
    if datum is Datum.WGS84 or not _in_china(lat, lng):
        return given
    forward = _gcj02_shifted if datum is Datum.GCJ02 else _bd09_shifted
    return Position(*_inverse(forward, lat, lng))


def from_wgs84(position: Position, datum: Datum) -> tuple[float, float]:
    """A WGS-84 position as (lat, lng) degrees of `datum`; unchanged outside China.

    Only for handing over to another map: nothing in the market stores what this returns.
    """
    if datum is Datum.WGS84 or not _in_china(position.lat, position.lng):
        return position.lat, position.lng
    forward = _gcj02_shifted if datum is Datum.GCJ02 else _bd09_shifted
    return forward(position.lat, position.lng)


def map_links(position: Position, name: str, mode: Mode = Mode.CAR) -> dict[str, str]:
    """Links that open a place in AMap (a route from here), Baidu (a marker) and any app (`geo:`).

    Keys `amap`, `baidu`, `geo`; each link is in its map's own datum, `geo:` in WGS-84 (RFC 5870). `name` is
    shown by those maps and leaves the market: pass a place, never a person.
    """
    gcj_lat, gcj_lng = from_wgs84(position, Datum.GCJ02)
    bd_lat, bd_lng = from_wgs84(position, Datum.BD09)
    # AMap splits `to` at commas after decoding it, so a comma in the name would cut it short.
    amap = {
        "to": f"{gcj_lng:.6f},{gcj_lat:.6f},{name.replace(',', ' ')}",
        "mode": _AMAP_MODE.get(mode, "car"),
        "coordinate": "gaode",
        "src": "gigmarket",
        "callnative": "1",
    }
    baidu = {
        "location": f"{bd_lat:.6f},{bd_lng:.6f}",
        "title": name,
        "content": name,
        "output": "html",
        "coord_type": "bd09ll",
        "src": "webapp.gigmarket.web",
    }
    here = f"{position.lat:.6f},{position.lng:.6f}"
    return {
        "amap": f"https://uri.amap.com/navigation?{urlencode(amap, quote_via=quote, safe=',')}",
        "baidu": f"https://api.map.baidu.com/marker?{urlencode(baidu, quote_via=quote, safe=',')}",
        "geo": f"geo:{here}?q={here}({quote(name, safe='')})",
    }


def _in_china(lat: float, lng: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347


def _gcj02_shifted(lat: float, lng: float) -> _Degrees:
    x, y = lng - 105.0, lat - 35.0
    ripple = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    north = (
        -100
        + 2 * x
        + 3 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * math.sqrt(abs(x))
        + (ripple + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    )
    east = (
        300
        + x
        + 2 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * math.sqrt(abs(x))
        + (ripple + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    )
    sine = math.sin(math.radians(lat))
    flattening = 1 - _ECCENTRICITY_SQUARED * sine * sine
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_m = _AXIS_M / math.sqrt(flattening) * math.cos(math.radians(lat))
    return lat + math.degrees(north / meridian_m), lng + math.degrees(east / parallel_m)


def _waves(at: float, *terms: tuple[int, int]) -> float:
    return sum(height * math.sin(at / length * math.pi) for height, length in terms)


def _bd09_shifted(lat: float, lng: float) -> _Degrees:
    gcj_lat, gcj_lng = _gcj02_shifted(lat, lng)
    radius = math.hypot(gcj_lng, gcj_lat) + 0.00002 * math.sin(gcj_lat * _BD_WAVE)
    angle = math.atan2(gcj_lat, gcj_lng) + 0.000003 * math.cos(gcj_lng * _BD_WAVE)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


def _inverse(forward: Callable[[float, float], _Degrees], lat: float, lng: float) -> _Degrees:
    # The shift changes by a few per cent of a step at most, so each round gains more than one digit.
    guess_lat, guess_lng = lat, lng
    for _ in range(20):
        shifted_lat, shifted_lng = forward(guess_lat, guess_lng)
        miss_lat, miss_lng = lat - shifted_lat, lng - shifted_lng
        guess_lat, guess_lng = guess_lat + miss_lat, guess_lng + miss_lng
        if max(abs(miss_lat), abs(miss_lng)) < _CLOSE_DEG:
            break
    return guess_lat, guess_lng
