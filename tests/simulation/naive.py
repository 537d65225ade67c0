"""The baselines once more, as plainly as the contract says them: every pair is looked at, at every moment."""

from gigmarket.domain.geo import Position, metres_between
from gigmarket.simulation.days import Day, DayGig, DayWorker
from gigmarket.travel.straight_line import SPEEDS

Told = tuple[str, str, float]
"""Gig, worker, and the offer's moment in seconds since 1970."""


def naive(day: Day, fcfs: bool) -> list[Told]:
    """Everything a baseline does on a day."""
    place = {worker.id: worker.home for worker in day.workers}
    since = {worker.id: worker.available_from.timestamp() for worker in day.workers}
    left = {gig.id: gig.headcount for gig in day.gigs}
    moments = {gig.posted_at.timestamp() for gig in day.gigs} | set(since.values())
    told: list[Told] = []
    done: set[float] = set()
    while moments - done:
        now = min(moments - done)
        done.add(now)
        for gig in sorted(day.gigs, key=lambda gig: (gig.posted_at, gig.id)):
            while left[gig.id] and gig.posted_at.timestamp() <= now:
                found = [
                    (since[worker.id] if fcfs else way, worker.id, way)
                    for worker in day.workers
                    if since[worker.id] <= now and _may(gig, worker, way := _way_s(gig, worker, place), now)
                ]
                if not found:
                    break
                _, name, way = min(found)
                begins = max(now + way, gig.starts_at.timestamp())
                since[name] = begins + (gig.ends_at - gig.starts_at).total_seconds()
                moments.add(since[name])
                place[name] = gig.site
                left[gig.id] -= 1
                told.append((gig.id, name, now))
    return told


def _way_s(gig: DayGig, worker: DayWorker, place: dict[str, Position]) -> float:
    return metres_between(place[worker.id], gig.site) / SPEEDS[worker.mode].metres_per_second


def _may(gig: DayGig, worker: DayWorker, way_s: float, now: float) -> bool:
    return (
        worker.available_from.timestamp() <= now < worker.available_to.timestamp()
        and gig.trade in worker.trades
        and gig.wage_fen >= worker.floor_wage_fen
        and way_s <= 900
        and now + way_s <= gig.starts_at.timestamp() + 900
    )
