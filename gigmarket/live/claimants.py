"""Who has the strongest claim to work of a trade, however many others are nearer to a gig.

A round weighs the nearest workers of each gig. Where hundreds wait within minutes, whoever waited for hours
would be too far down that list to be weighed at all, and the public rule says that he goes first.
"""

from __future__ import annotations

import math

import numpy as np

from gigmarket.domain.costs import waiting_s
from gigmarket.domain.policy import Policy
from gigmarket.live.roster_columns import Columns, Floats, Ints, metres_of

MOST = 32
"""Of each trade; in a city where more have waited for hours, these have waited longest."""
SPARE = 4
"""So many more than seats: some of them may not take the gig."""
KEPT_S = 5.0
"""Everybody grows claims alike, so the strongest are looked for this often, and among those who came since."""
FEW = 256
"""More who came since are not looked at one by one."""


def claim_s(columns: Columns, rows: Ints, now: float, policy: Policy) -> Floats:
    """What fairness takes off the cost of a match with these rows' workers, in seconds of travel."""
    at = columns.at
    claim: Floats = at.credit.take(rows) + waiting_s(now - at.since.take(rows), policy)
    return claim


class Claimants:
    """The strongest claims on a roster by trade; lives as long as it."""

    def __init__(self) -> None:
        self._rows: dict[int, Ints] = {}
        self._found_at = math.inf
        self._entered: set[int] = set()

    def entered(self, row: int) -> None:
        """Somebody came, or is another than before; whoever only moves keeps his claim."""
        self._entered.add(row)

    def near(
        self,
        columns: Columns,
        trades: Ints,
        sites: Floats,
        radii: Floats,
        circles: Floats,
        seats: Ints,
        now: float,
        policy: Policy,
    ) -> tuple[Ints, Ints]:
        """Pairs of sites (points of the unit sphere) and rows, each once: of those of a site's trade in its
        circle (`radii`: metres by site and mode, for `circles` seconds) the best by travel along a straight
        line less claim; as many as seats and a few more.
        """
        found = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
        for trade in np.unique(trades).tolist():
            rows, claim = self._strongest(columns, trade, now, policy)
            if not rows.size:
                continue
            mine = np.flatnonzero(trades == trade)
            metres = metres_of(sites[mine, None], columns.at.point[rows][None])
            radius = radii[mine][:, columns.at.mode[rows]]
            score = np.where(metres <= radius, circles[mine, None] * (metres / radius) - claim, np.inf)
            last = np.minimum(seats[mine] + SPARE, len(rows)) - 1
            limit = np.take_along_axis(np.sort(score, axis=1), last[:, None], axis=1)
            site, nth = np.nonzero((score <= limit) & (score < np.inf))
            found.append((mine[site], rows[nth]))
        return np.concatenate([site for site, _ in found]), np.concatenate([row for _, row in found])

    def _strongest(self, columns: Columns, trade: int, now: float, policy: Policy) -> tuple[Ints, Floats]:
        """Rows of a trade that could be offered something now, whose claim is strongest, and the claims."""
        if not 0.0 <= now - self._found_at < KEPT_S or len(self._entered) > FEW:
            self._rows.clear()
            self._entered.clear()
            self._found_at = now
        if trade not in self._rows:
            everybody = np.flatnonzero(columns.at.trades)
            self._rows[trade] = _best(*_able(columns, everybody, trade, now, policy), policy)
        rows = self._rows[trade]
        if self._entered:
            rows = np.union1d(rows, np.fromiter(self._entered, np.int64, len(self._entered)))
        able, claim = _able(columns, rows, trade, now, policy)
        return able, claim


def _able(columns: Columns, rows: Ints, trade: int, now: float, policy: Policy) -> tuple[Ints, Floats]:
    at = columns.at
    able = rows[((at.trades[rows] >> trade) & 1 == 1) & ~at.offered[rows] & (at.fresh[rows] > now)]
    return able, claim_s(columns, able, now, policy)


def _best(rows: Ints, claim: Floats, policy: Policy) -> Ints:
    """The strongest; nobody where no claim is stronger than another's."""
    if not rows.size or float(np.ptp(claim)) <= policy.alike_s:
        return rows[:0]
    return rows if len(rows) <= MOST else rows[np.argpartition(claim, len(rows) - MOST)[-MOST:]]
