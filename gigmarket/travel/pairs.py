"""Travel for many pairs of a worker and a site at once, whatever the engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import MODES, Position
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine, metres_apart

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def pair_seconds(
    router: Router,
    sites: Sequence[Position],
    limits: Floats,
    site: Ints,
    mode: Ints,
    lat: Floats,
    lng: Floats,
    metres: Floats | None = None,
) -> tuple[Floats, Flags]:
    """Seconds to `sites[site[i]]` for someone at lat[i], lng[i] by MODES[mode[i]]; nan beyond the site's limit.

    `limits` are seconds per site, `metres` the great-circle ones per pair, if they are known already. The flags
    tell which answers are estimates. Nobody who is too far even as the crow flies is looked up on the roads;
    there a site and a mode cost one search, kept by the router.
    """
    if not len(site):
        return np.zeros(0), np.zeros(0, dtype=np.bool_)
    if metres is None:
        site_lat, site_lng = (np.array([getattr(each, of) for each in sites])[site] for of in ("lat", "lng"))
        metres = metres_apart(site_lat, site_lng, lat, lng)
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
