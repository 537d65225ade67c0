"""A recorded day as the simulation sees it: gigs, stretches of people's time, and what really happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.policy import DEFAULT, Policy, usable
from gigmarket.recording.lines import (
    Answer,
    Answered,
    Closed,
    Gig,
    Gone,
    Header,
    Line,
    Offered,
    Round,
    Work,
    Worker,
)
from gigmarket.recording.reader import BadRecording
from gigmarket.simulation.days import Day, DayGig, DayWorker

ANY_PAY_FEN = 10**12
"""Piece work is above everybody's floor."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled seat: whose, when it was posted and offered (seconds since 1970), travel (None: not known) and
    work in seconds.
    """

    gig: str
    person: str
    posted: float
    offered: float
    travel_s: float | None
    worked_s: float


@dataclass(frozen=True, slots=True)
class Person:
    """One worker of the day under a pseudonym; `available_s` seconds in which offers could be made."""

    name: str
    mode: Mode
    hall: bool
    groups: tuple[str, ...]
    available_s: float


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """`day` for the simulation, one worker per stretch of time (`person_of` tells whose), and what happened.

    `offers` and `accepted` count offers really made and taken; `notes` say what had to be left out.
    """

    header: Header
    policy: Policy
    day: Day
    people: Mapping[str, Person]
    person_of: Mapping[str, str]
    happened: tuple[Filled, ...]
    offers: int
    accepted: int
    rounds: int
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Story:
    """Everything read, by pseudonym, in order."""

    headers: list[Header] = field(default_factory=list)
    gigs: dict[str, list[Gig]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    workers: dict[str, list[Worker | Gone]] = field(default_factory=dict)
    offers: dict[tuple[str, str], tuple[float, Offered]] = field(default_factory=dict)
    answers: dict[tuple[str, str], list[Answered]] = field(default_factory=dict)
    work: dict[tuple[str, str], float] = field(default_factory=dict)
    made: int = 0
    rounds: int = 0
    end: float = 0.0


def rebuild(lines: Iterable[Line]) -> RecordedDay:
    """The day in a recording. A gap in somebody's time counts as one if it is longer than the policy's
    `forget_s` and he was not at work in it.

    Raises BadRecording when nothing could be filled: no gig with a free seat, or nobody near one.
    """
    story = _Story()
    for line in lines:
        _tell(story, line)
    header = story.headers[0]
    policy, notes = _policy(header)
    filled = _happened(story)
    gigs, closed = _gigs(story, filled, header.at)
    if closed:
        notes.append(f"{closed} gigs were taken back before they were filled: their empty seats are left out")
    crews = sum(any(isinstance(line, Worker) and line.crew for line in told) for told in story.workers.values())
    if crews:
        notes.append(f"{crews} people looked for work with others; under both policies each is matched alone")
    if not gigs:
        raise BadRecording("no gig with a free seat was recorded: there is nothing to replay")
    if not story.workers:
        raise BadRecording("nobody near an open gig was recorded: there is nothing to replay")
    known = {gig.id: gig for gig in gigs}
    workers, people, person_of = _people(story, filled, header.at, policy.forget_s)
    happened = tuple(
        Filled(gig, name, known[gig].posted_at.timestamp(), offered, travel_s, worked_s)
        for (gig, name), (offered, travel_s, worked_s) in filled.items()
        if gig in known
    )
    accepted = sum(any(a.answer is Answer.ACCEPTED for a in told) for told in story.answers.values())
    day = Day(tuple(gigs), tuple(workers))
    return RecordedDay(
        header, policy, day, people, person_of, happened, story.made, accepted, story.rounds, tuple(notes)
    )


def _tell(story: _Story, line: Line) -> None:
    story.end = max(story.end, line.at)
    match line:
        case Header():
            story.headers.append(line)
        case Gig():
            story.gigs.setdefault(line.gig, []).append(line)
        case Closed():
            story.closed.add(line.gig)
        case Worker() | Gone():
            story.workers.setdefault(line.worker, []).append(line)
        case Round():
            story.rounds += 1
            story.made += len(line.offers)
            story.offers.update({(offer.gig, offer.worker): (line.at, offer) for offer in line.offers})
        case Answered():
            story.answers.setdefault((line.gig, line.worker), []).append(line)
        case Work():
            story.work[line.gig, line.worker] = line.worked_s


def _policy(header: Header) -> tuple[Policy, list[str]]:
    known = {entry.name: getattr(DEFAULT, entry.name) for entry in fields(Policy)}
    taken = {name: value for name, value in header.policy.items() if name in known and usable(name, value)}
    other = sorted(header.policy.keys() - taken.keys())
    missing = sorted(known.keys() - taken.keys())
    notes = [f"recorded policy numbers this program can not use: {', '.join(other)}"] if other else []
    notes += [f"not recorded, so as in this program: {', '.join(missing)}"] if missing else []
    return Policy(**{**known, **taken}), notes


_Fill = tuple[float, float | None, float]


def _happened(story: _Story) -> dict[tuple[str, str], _Fill]:
    """(gig, worker) → offered at, seconds of travel, seconds of work, of seats that stayed filled."""
    found: dict[tuple[str, str], _Fill] = {}
    for key, told in story.answers.items():
        said = [answer for answer in told if answer.answer in {Answer.ACCEPTED, Answer.CANCELLED}]
        if not said or said[-1].answer is Answer.CANCELLED or key[0] not in story.gigs:
            continue
        gig = story.gigs[key[0]][0]
        at, offer = story.offers.get(key, (said[-1].at, None))
        worked_s = story.work.get(key, gig.ends - gig.starts)
        found[key] = (at, offer.travel_s if offer else None, worked_s)
    return found


def _gigs(story: _Story, filled: Mapping[tuple[str, str], _Fill], begin: float) -> tuple[list[DayGig], int]:
    """The gigs with the seats that were free when the recording met them; how many were taken back."""
    taken: dict[str, int] = {}
    for gig, _ in filled:
        taken[gig] = taken.get(gig, 0) + 1
    found, closed = [], 0
    for name, told in story.gigs.items():
        first, last = told[0], told[-1]
        seats = first.free + max(0, last.headcount - first.headcount)
        if name in story.closed and taken.get(name, 0) < seats:
            seats, closed = taken.get(name, 0), closed + 1
        # Seats that came back from before this recording can make more of them than were free at first.
        seats = max(seats, taken.get(name, 0))
        if seats and last.ends > last.starts:
            found.append(_gig(name, last, seats, max(first.posted, begin)))
    return found, closed


def _gig(name: str, told: Gig, seats: int, posted: float) -> DayGig:
    return DayGig(
        id=name,
        posted_at=_moment(posted),
        starts_at=_moment(told.starts),
        ends_at=_moment(told.ends),
        site=Position(told.lat, told.lng),
        trade=told.trade,
        headcount=seats,
        wage_fen=ANY_PAY_FEN if told.pay is None else told.pay,
    )


def _people(
    story: _Story, filled: Mapping[tuple[str, str], _Fill], begin: float, least_gap_s: float
) -> tuple[list[DayWorker], dict[str, Person], dict[str, str]]:
    at_work: dict[str, list[Span]] = {}
    for gig, name in filled:
        at_work.setdefault(name, []).append((story.gigs[gig][0].starts, story.gigs[gig][0].ends))
    workers: list[DayWorker] = []
    people: dict[str, Person] = {}
    person_of: dict[str, str] = {}
    for name, told in story.workers.items():
        stretches = _merged(_stretches(told, begin, story.end), at_work.get(name, []), least_gap_s)
        # Later lines would tell of hours promised by this very recording.
        busy = told[0].busy if isinstance(told[0], Worker) else ()
        pieces = [(first, piece) for first, span in stretches for piece in _without(span, busy)]
        for row, (first, (since, until)) in enumerate(pieces):
            workers.append(_worker(f"{name}-{row}", first, since, until))
            person_of[workers[-1].id] = name
        if pieces:
            who = pieces[-1][0]
            available_s = sum(until - since for _, (since, until) in pieces)
            people[name] = Person(name, who.mode, who.hall, who.groups, available_s)
    return workers, people, person_of


def _stretches(told: Sequence[Worker | Gone], begin: float, end: float) -> list[tuple[Worker, Span]]:
    """From each first sight until the worker left, or the hours he named ended, or the recording."""
    found: list[tuple[Worker, Span]] = []
    first: Worker | None = None
    until = end
    for line in told:
        if isinstance(line, Worker):
            first = first or line
            until = end if line.until is None else min(line.until, end)
        elif first:
            found.append((first, (max(first.since, begin), min(until, line.at))))
            first = None
    if first:
        found.append((first, (max(first.since, begin), until)))
    return [(who, span) for who, span in found if span[1] > span[0]]


def _merged(
    stretches: Sequence[tuple[Worker, Span]], at_work: Sequence[Span], least_gap_s: float
) -> list[tuple[Worker, Span]]:
    found: list[tuple[Worker, Span]] = []
    for who, (since, until) in stretches:
        if found:
            first, (begin, end) = found[-1]
            working = any(starts < since and ends > end for starts, ends in at_work)
            if since - end < least_gap_s or working:
                found[-1] = (first, (begin, max(end, until)))
                continue
        found.append((who, (since, until)))
    return found


def _without(span: Span, busy: Iterable[Span]) -> list[Span]:
    """A stretch without the hours promised before the recording met the worker."""
    free = [span]
    for starts, ends in busy:
        free = [
            piece for since, until in free for piece in ((since, min(until, starts)), (max(since, ends), until))
        ]
    return [(since, until) for since, until in free if until > since]


def _worker(name: str, told: Worker, since: float, until: float) -> DayWorker:
    return DayWorker(
        id=name,
        available_from=_moment(since),
        available_to=_moment(until),
        home=Position(told.lat, told.lng),
        trades=frozenset(told.trades),
        mode=told.mode,
        floor_wage_fen=told.floor,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
