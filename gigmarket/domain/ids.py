"""Names of things: typed ids, roles and the principals that own a stream."""

import random
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
WorkerId = NewType("WorkerId", str)
EmployerId = NewType("EmployerId", str)
StationId = NewType("StationId", str)
GigId = NewType("GigId", str)
OfferId = NewType("OfferId", str)
AssignmentId = NewType("AssignmentId", str)
CrewId = NewType("CrewId", str)

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
ID_PATTERN = f"[{_CROCKFORD}]{{26}}"
"""What `new_id` makes, as a regular expression."""
TIME_OF_ID = 10
"""Letters of an id that tell its time (`new_id`)."""


class Role(StrEnum):
    """Who a session may act as. A kiosk is a device of one station, not a person."""

    WORKER = "worker"
    EMPLOYER = "employer"
    CLERK = "clerk"
    STAFF = "staff"
    KIOSK = "kiosk"


class StreamOwner(StrEnum):
    """Kinds of principal that own one private stream each (design: `gig.v1`)."""

    WORKER = "worker"
    EMPLOYER = "employer"
    STATION = "station"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """The owner of one stream: a worker, an employer, a station's hall or the market's staff."""

    kind: StreamOwner
    id: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}"


def worker_principal(worker: WorkerId) -> Principal:
    """The stream of one day labourer."""
    return Principal(StreamOwner.WORKER, worker)


def employer_principal(employer: EmployerId) -> Principal:
    """The stream of one employer."""
    return Principal(StreamOwner.EMPLOYER, employer)


def station_principal(station: StationId) -> Principal:
    """The stream of one station's hall, shared by its kiosks and clerks."""
    return Principal(StreamOwner.STATION, station)


def new_id(now: datetime, rng: random.Random) -> str:
    """A 26-character time-ordered id: 48 bits of UTC milliseconds, 80 random bits, lower-case
    Crockford base 32 (the ULID layout), so that new rows land at the end of their indexes.
    """
    value = (int(now.timestamp() * 1000) << 80) | rng.getrandbits(80)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_site_code(rng: random.Random) -> str:
    """Six digits that the employer shows on site and the worker types to check in."""
    return f"{rng.randrange(1_000_000):06d}"
