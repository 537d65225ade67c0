"""A whole day as a dispatcher would have recorded it: a made day under the simulation's matching."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gigmarket.domain.calendar import CHINA
from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.recording.lines import Answer, Answered, Gig, Gone, Line, Offered, Round, Work, Worker
from gigmarket.recording.recorder import Recorder, recordings
from gigmarket.simulation.days import Day, DayGig, DayWorker
from gigmarket.simulation.ours import run_ours
from gigmarket.simulation.world import Columns, Outcome, ways_of
from gigmarket.travel.straight_line import StraightLine


def recorder(folder: Path, policy: Policy = DEFAULT, **bounds: Any) -> Recorder:
    """A recorder of a market in China that travels in straight lines."""
    return Recorder(folder, policy, estimated=True, software="0.0", zone=CHINA, **bounds)


def record(lines: Sequence[Line], folder: Path, policy: Policy = DEFAULT) -> Path:
    """The only file in which these lines stand."""
    writing = recorder(folder, policy)
    writing.add(lines)
    writing.close()
    (path,) = recordings(folder)
    return path


def gig_line(gig: DayGig, at: float) -> Gig:
    """A gig of a made day."""
    return Gig(
        at=at,
        gig=gig.id,
        posted=gig.posted_at.timestamp(),
        starts=gig.starts_at.timestamp(),
        ends=gig.ends_at.timestamp(),
        lat=gig.site.lat,
        lng=gig.site.lng,
        trade=gig.trade,
        headcount=gig.headcount,
        free=gig.headcount,
        pay=gig.wage_fen,
    )


def worker_line(worker: DayWorker, hall: bool = False, groups: tuple[str, ...] = ()) -> Worker:
    """A worker of a made day, when he comes."""
    return Worker(
        at=worker.available_from.timestamp(),
        worker=worker.id,
        since=worker.available_from.timestamp(),
        lat=worker.home.lat,
        lng=worker.home.lng,
        mode=worker.mode,
        trades=tuple(worker.trades),
        floor=worker.floor_wage_fen,
        hall=hall,
        groups=groups,
    )


def run_live(columns: Columns, policy: Policy = DEFAULT) -> Outcome:
    """The day as the live market would run it."""
    return run_ours(columns, ways_of(columns, StraightLine(), policy.circle_s), policy, policy.hold_live_s)


def market_day(day: Day, policy: Policy = DEFAULT) -> list[Line]:
    """Everything recorded on a day run by the simulation's matching, every offer accepted."""
    columns = Columns(day)
    outcome = run_live(columns, policy)
    lines: list[Line] = [gig_line(gig, gig.posted_at.timestamp()) for gig in day.gigs]
    for row, worker in enumerate(day.workers):
        lines.append(worker_line(worker, hall=row % 4 == 0, groups=("veteran",) if row % 5 == 0 else ()))
        lines.append(Gone(worker.available_to.timestamp(), worker.id))
    for number, booking in enumerate(outcome.bookings):
        gig, name = columns.gigs[booking.gig].id, columns.workers[booking.worker].id
        offer = Offered(gig, name, booking.travel_s, booking.travel_s)
        lines.append(Round(booking.offered, number, (gig,), (offer,)))
        lines.append(Answered(booking.offered, gig, name, Answer.ACCEPTED))
        lines.append(Work(booking.ends, gig, name, booking.ends - booking.begins))
    order = {Gig: 0, Worker: 1, Round: 2, Answered: 3, Work: 4, Gone: 5}
    return sorted(lines, key=lambda line: (line.at, order[type(line)]))
