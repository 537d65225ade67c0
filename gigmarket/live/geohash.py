"""The 52-bit scores by which geo sets keep positions, to and fro, for many at once."""

import numpy as np
from numpy.typing import NDArray

LAT_MAX = 85.05112878
"""Degrees north and south where geohashes end (the Web Mercator square)."""

LNG_MAX = 180.0

_BITS = 26
_STEPS = float(1 << _BITS)
# Spreading 26 bits over 52, each step halving the groups; read backwards it gathers them again.
_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_GATHER = (
    (1, 0x3333333333333333),
    (2, 0x0F0F0F0F0F0F0F0F),
    (4, 0x00FF00FF00FF00FF),
    (8, 0x0000FFFF0000FFFF),
    (16, 0x00000000FFFFFFFF),
)

Degrees = NDArray[np.float64]
Scores = NDArray[np.uint64]


def encode_positions(lats: Degrees, lngs: Degrees) -> Scores:
    """The scores GEOADD would give to positions in WGS-84 degrees (geohash_helper.c of Redis and Valkey).

    Latitudes beyond ±85.05° are taken as that. Computed here because ZADD of a score costs the server
    half as much as GEOADD, and one number is shorter than two.
    """
    return _spread(lats, LAT_MAX) | (_spread(lngs, LNG_MAX) << np.uint64(1))


def decode_scores(scores: Scores) -> tuple[Degrees, Degrees]:
    """Latitudes and longitudes (WGS-84 degrees) of scores: the middles of cells of at most 0.3 by 0.6 m.

    A score interleaves 26 bits of each: latitude from −85.05 to 85.05 in the even bits, longitude from
    −180 to 180 in the odd ones.
    """
    return _gather(scores, LAT_MAX), _gather(scores >> np.uint64(1), LNG_MAX)


def _spread(degrees: Degrees, limit: float) -> Scores:
    steps = (np.clip(degrees, -limit, limit) + limit) / (2 * limit) * _STEPS
    bits = np.minimum(steps, _STEPS - 1).astype(np.uint64)
    for shift, keep in _SPREAD:
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(keep)
    return bits


def _gather(scores: Scores, limit: float) -> Degrees:
    bits = scores & np.uint64(0x5555555555555555)
    for shift, keep in _GATHER:
        bits = (bits | (bits >> np.uint64(shift))) & np.uint64(keep)
    return (bits.astype(np.float64) + 0.5) / _STEPS * (2 * limit) - limit
