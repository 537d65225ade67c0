"""Who has the strongest claim to a gig, looked at however many others are nearer.

A round weighs the nearest workers of each gig. Where hundreds wait within minutes, whoever waited for hours
would be too far down that list to be weighed at all, and the public rule says that he goes first.
"""

from __future__ import annotations

import numpy as np

from gigmarket.domain.matching import Floats, Ints
from gigmarket.live.roster_columns import Columns, metres_of
from gigmarket.services.layout import Known, Postings, claim_s

MOST = 64
"""Of each trade; in a city where more have waited for hours, these have waited longest."""
SPARE = 4
"""So many more than seats: some of them may not take the gig."""


def claimants(postings: Postings, radii: Floats, columns: Columns, known: Known) -> tuple[Ints, Ints]:
    """Pairs of gig rows and roster rows: of those of its trade in a gig's circle (`radii`: metres by gig and
    mode) the best by travel along a straight line less claim, in seconds; as many as seats and a few more.
    """
    openings = postings.openings
    gigs, rows = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for trade in np.unique(openings.trade).tolist():
        strongest, claim = _strongest(columns, trade, known)
        mine = np.flatnonzero(openings.trade == trade)
        metres = metres_of(postings.point[mine, None], columns.at.point[strongest][None])
        radius = radii[mine][:, columns.at.mode[strongest]]
        score = np.where(metres <= radius, openings.circle[mine, None] * (metres / radius) - claim, np.inf)
        order = np.argsort(score, axis=1, kind="stable")
        place = np.arange(order.shape[1]) < openings.seats[mine, None] + SPARE
        gig, nth = np.nonzero(place & np.isfinite(np.take_along_axis(score, order, axis=1)))
        gigs.append(mine[gig])
        rows.append(strongest[order[gig, nth]])
    return np.concatenate(gigs), np.concatenate(rows)


def _strongest(columns: Columns, trade: int, known: Known) -> tuple[Ints, Floats]:
    """The rows of a trade that could be offered something now and whose claim is strongest, with the claims."""
    at, now = columns.at, known.now.timestamp()
    able = np.flatnonzero((at.trades >> trade) & 1)
    able = able[~at.offered[able] & (at.fresh[able] > now)]
    claim = claim_s(columns, able, now, known.policy)
    if len(able) > MOST:
        best = np.sort(np.argpartition(claim, len(able) - MOST)[-MOST:])
        able, claim = able[best], claim[best]
    return able, claim
