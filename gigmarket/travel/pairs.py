"""Travel for many pairs of a worker and a site at once, whatever the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import MODES, Position
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def pair_seconds(
    router: Router,
    sites: Sequence[Position],
    limits: Floats,
    site: Ints,
    mode: Ints,
    metres: Floats,
    degrees: Callable[[], tuple[Floats, Floats]],
) -> tuple[Floats, Flags]:
    """Seconds to `sites[site[i]]` for someone `metres[i]` of great circle away, by MODES[mode[i]]; nan beyond
    the site's limit, in seconds. The flags tell which answers are estimates.

    Only roads ask where everybody is (`degrees`, latitudes and longitudes per pair), and nobody who is too far
    even as the crow flies is looked up there; a site and a mode cost one search, kept by the router.
    """
    if not len(site):
        return np.zeros(0), np.zeros(0, dtype=np.bool_)
    if isinstance(router, StraightLine):
        speed = np.array([router.factors[each].metres_per_second for each in MODES])
        seconds = metres / speed.take(mode)
        return np.where(seconds <= limits.take(site), seconds, np.nan), np.ones(len(site), dtype=np.bool_)
    lat, lng = degrees()
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
