"""The recording's format, version 1: JSON lines, one of these values each, its kind under "t".

Times are seconds since 1970 (UTC), money is fen, travel and costs are seconds, degrees are WGS-84. Who writes
gives real ids and exact positions; the recorder puts pseudonyms and a grid of about 100 m in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gigmarket.domain.geo import Mode

FORMAT = 1

Instant = Annotated[float, Field(ge=0, le=32_503_680_000)]
"""Seconds since 1970, until the year 3000."""
Seconds = Annotated[float, Field(ge=0, le=1e9)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lng = Annotated[float, Field(ge=-180, le=180)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Fen = Annotated[int, Field(ge=0, le=10**12)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Answer(StrEnum):
    """What became of an offer; `cancelled` is an accepted one whose seat came back before the work."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a file: the local `day` and its seconds east of UTC, whether travel was `estimated`
    (straight lines) or by roads, and the policy's numbers.
    """

    at: Instant
    format: int
    day: str
    offset_s: Annotated[int, Field(ge=-86_400, le=86_400)]
    software: str
    estimated: bool
    policy: Mapping[str, float | int]


@dataclass(frozen=True, slots=True)
class Gig:
    """A gig with free seats, when a round first looked at it or `free` changed; `pay` None is piece work."""

    at: Instant
    gig: Name
    posted: Instant
    starts: Instant
    ends: Instant
    lat: Lat
    lng: Lng
    trade: Name
    headcount: Count
    free: Count
    pay: Fen | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """An employer or the staff took a gig back: no more workers are looked for."""

    at: Instant
    gig: Name


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody near an open gig who wants work, when a round first saw him and when he changed.

    `since` and `until` are his hours for offers, `busy` the hours he had promised by then (from, to), `share`
    work per available second, `credit_s` what waiting and idle days weigh for him. `hall`: waits in a station.
    `crew`: whom he comes with or not at all.
    """

    at: Instant
    worker: Name
    since: Instant
    lat: Lat
    lng: Lng
    mode: Mode
    trades: tuple[Name, ...]
    floor: Fen = 0
    until: Instant | None = None
    share: Seconds = 0.0
    credit_s: Annotated[float, Field(ge=-1e9, le=1e9)] = 0.0
    groups: tuple[Name, ...] = ()
    hall: bool = False
    busy: tuple[tuple[Instant, Instant], ...] = ()
    crew: Name | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A worker asks for no more work (or was not heard of for too long); being at work is not being gone."""

    at: Instant
    worker: Name


@dataclass(frozen=True, slots=True)
class Offered:
    """One offer of a round: seconds of travel, and the cost by which it was chosen."""

    gig: Name
    worker: Name
    travel_s: Seconds
    cost_s: Annotated[float, Field(ge=-1e9, le=1e9)]


@dataclass(frozen=True, slots=True)
class Round:
    """A round: the gigs it looked at, the offers it made, how many matches it held back.

    `seed` (hexadecimal) is the draw's, `commitment` what was published before it.
    """

    at: Instant
    number: Annotated[int, Field(ge=0)]
    gigs: tuple[Name, ...]
    offers: tuple[Offered, ...] = ()
    held: Count = 0
    seed: str = ""
    commitment: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an offer, and when."""

    at: Instant
    gig: Name
    worker: Name
    answer: Answer


@dataclass(frozen=True, slots=True)
class Work:
    """An assignment was checked out of: seconds worked."""

    at: Instant
    gig: Name
    worker: Name
    worked_s: Seconds


Line = Header | Gig | Closed | Worker | Gone | Round | Answered | Work

KINDS: Mapping[str, type[Line]] = {
    "day": Header,
    "gig": Gig,
    "closed": Closed,
    "worker": Worker,
    "gone": Gone,
    "round": Round,
    "answer": Answered,
    "work": Work,
}
"""The kind of each line, as its "t" says it."""
