"""Travel for many pairs of a worker and a site at once, whatever the engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MODES = tuple(Mode)


def pair_seconds(
    router: Router, sites: Sequence[Position], limits: Floats, site: Ints, mode: Ints, lat: Floats, lng: Floats
) -> tuple[Floats, Flags]:
    """Seconds to `sites[site[i]]` for someone at lat[i], lng[i] by MODES[mode[i]]; nan beyond the site's limit.

    `limits` are seconds per site. The flags tell which answers are estimates. Nobody who is too far even as the
    crow flies is looked up on the roads; there a site and a mode cost one search, kept by the router.
    """
    if not len(site):
        return np.zeros(0), np.zeros(0, dtype=np.bool_)
    metres = _metres(sites, site, lat, lng)
    if isinstance(router, StraightLine):
        speed = np.array([router.factors[each].metres_per_second for each in MODES])
        seconds = metres / speed[mode]
        return np.where(seconds <= limits[site], seconds, np.nan), np.ones(len(site), dtype=np.bool_)
    seconds, estimated = np.full(len(site), np.nan), np.full(len(site), router.estimated)
    furthest = {
        (limit, code): router.radius_m(MODES[code], limit)
        for limit in np.unique(limits).tolist()
        for code in np.unique(mode).tolist()
    }
    near = np.fromiter(
        (furthest[limit, code] for limit, code in zip(limits[site].tolist(), mode.tolist(), strict=True)),
        dtype=np.float64,
        count=len(site),
    )
    group = site * len(MODES) + mode
    inside = np.flatnonzero(metres <= near)
    order = inside[np.argsort(group[inside], kind="stable")]
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if order.size else []:
        first = int(rows[0])
        reach = router.reach(sites[int(site[first])], MODES[int(mode[first])], float(limits[site[first]]))
        seconds[rows] = reach.seconds_many(lat[rows], lng[rows])
        estimated[rows] = reach.estimated
    return seconds, estimated


def _metres(sites: Sequence[Position], site: Ints, lat: Floats, lng: Floats) -> Floats:
    """Great-circle metres per pair (haversine, mean radius)."""
    site_lat = np.radians(np.array([each.lat for each in sites]))[site]
    site_lng = np.radians(np.array([each.lng for each in sites]))[site]
    here_lat, here_lng = np.radians(lat), np.radians(lng)
    half_lat, half_lng = np.sin((here_lat - site_lat) / 2), np.sin((here_lng - site_lng) / 2)
    h = half_lat * half_lat + np.cos(site_lat) * np.cos(here_lat) * half_lng * half_lng
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return metres
