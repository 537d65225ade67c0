"""What a day came to, in the contract's words and units."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gigmarket.simulation.world import Columns, Floats, Outcome


class Figures(TypedDict):
    """One policy's day: seats, seconds, and Jain's index (1 is an even share of work per available hour)."""

    seats: int
    filled: int
    fill: float
    travel_s_mean: float
    travel_s_p90: float
    wait_s_p90: float
    jain: float
    longest_wait_s: float
    rounds: int
    wall_s: float


def figures(columns: Columns, outcome: Outcome) -> Figures:
    """The figures of one policy; waits are posted → offer over filled seats, percentiles interpolate.

    Without a filled seat travel and waits are 0; a day without seats counts as filled.
    """
    seats = int(columns.seats.sum())
    filled = len(outcome.bookings)
    travel = np.array([booking.travel_s for booking in outcome.bookings])
    wait = np.array([booking.offered - columns.posted[booking.gig] for booking in outcome.bookings])
    return Figures(
        seats=seats,
        filled=filled,
        fill=round(filled / seats, 6) if seats else 1.0,
        travel_s_mean=round(float(travel.mean()), 3) if filled else 0.0,
        travel_s_p90=round(float(np.percentile(travel, 90)), 3) if filled else 0.0,
        wait_s_p90=round(float(np.percentile(wait, 90)), 3) if filled else 0.0,
        jain=round(jain(shares(columns, outcome)), 6),
        longest_wait_s=round(float(wait.max()), 3) if filled else 0.0,
        rounds=outcome.rounds,
        wall_s=round(outcome.wall_s, 3),
    )


def shares(columns: Columns, outcome: Outcome) -> Floats:
    """Gig seconds worked per second available, of every worker available for at least an hour."""
    worked = np.zeros(len(columns.workers))
    for booking in outcome.bookings:
        worked[booking.worker] += columns.length[booking.gig]
    available = columns.until - columns.begins
    counted = available >= 3600
    share: Floats = worked[counted] / available[counted]
    return share


def jain(values: Floats) -> float:
    """Jain's fairness index, (Σx)² / (n Σx²): 1/n when one has everything, 1 when all have the same.

    1 when there is nobody, or nobody has anything (Jain, Chiu, Hawe 1984).
    """
    squares = float((values * values).sum())
    if squares == 0.0:
        return 1.0
    return float(values.sum()) ** 2 / (len(values) * squares)
