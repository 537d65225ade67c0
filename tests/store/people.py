"""The people and the station that every database of these tests begins with."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import Gig, GigStatus
from gigmarket.domain.ids import (
    AccountId,
    AssignmentId,
    EmployerId,
    GigId,
    OfferId,
    Role,
    StationId,
    WorkerId,
)
from gigmarket.domain.offer import Offer, OfferStatus
from gigmarket.domain.region import Level
from gigmarket.domain.worker import Presence, Worker
from gigmarket.store.accounts import Account
from gigmarket.store.stations import Station
from gigmarket.store.transaction import Transaction
from tests.domain import samples
from tests.domain.samples import NOW

HALL = StationId("s1")
WORKERS = tuple(WorkerId(f"w{number}") for number in range(1, 21))
EMPLOYERS = (EmployerId("e1"), EmployerId("e2"))


def account(account_id: str, role: Role, at: datetime = NOW) -> Account:
    """A person whose phone number and name follow from the id."""
    return Account(
        AccountId(account_id), role, f"13{role.value}{account_id}", f"name of {account_id}", None, at
    )


def station(station_id: StationId = HALL) -> Station:
    """A hall in the middle of the town."""
    return Station(
        station_id,
        "中心驿站",
        "Centre",
        "淦阳街道",
        "药都大道 1 号",
        Position(28.06, 115.55),
        True,
        Level.TOWN,
        None,
    )


def worker(worker_id: WorkerId, **presence: Any) -> Worker:
    """A porter on an e-bike with the given presence."""
    return Worker(
        worker_id,
        f"name of {worker_id}",
        frozenset({"porter", "packer"}),
        Mode.EBIKE,
        0,
        Presence(**presence),
    )


def waiting(worker_id: WorkerId, **changes: Any) -> Worker:
    """A worker who wants work since NOW, near the site."""
    return worker(
        worker_id,
        **{"wanted": True, "since": NOW, "seen_at": NOW, "position": Position(28.05, 115.54), **changes},
    )


def actor(account_id: str, role: Role = Role.WORKER) -> Actor:
    """A session of this account."""
    return Actor(AccountId(account_id), role, f"session-of-{account_id}")


def enter_people(tx: Transaction) -> None:
    """One station, two employers, twenty workers."""
    tx.stations.put_all([station()])
    for employer in EMPLOYERS:
        tx.accounts.add(account(employer, Role.EMPLOYER))
    for worker_id in WORKERS:
        tx.accounts.add(account(worker_id, Role.WORKER))
        tx.workers.add(worker(worker_id))


def gig(number: int = 1, status: GigStatus = GigStatus.OPEN, **changes: Any) -> Gig:
    """The sample gig under the id g1, g2, …; `changes` are its own fields or its draft's."""
    own = {name: changes.pop(name) for name in list(changes) if name in Gig.__dataclass_fields__}
    return replace(samples.gig(status, **changes), id=GigId(f"g{number}"), **own)


def offer(number: int = 1, status: OfferStatus = OfferStatus.PENDING, **changes: Any) -> Offer:
    """The sample offer under the id o1, o2, …, to the worker of the same number unless told."""
    return samples.offer(status, **{"id": OfferId(f"o{number}"), "worker": WorkerId(f"w{number}"), **changes})


def assignment(
    number: int = 1, status: AssignmentStatus = AssignmentStatus.CONFIRMED, **changes: Any
) -> Assignment:
    """The sample assignment under the id a1, a2, …, from the offer and to the worker of the same number."""
    usual = {
        "id": AssignmentId(f"a{number}"),
        "offer": OfferId(f"o{number}"),
        "worker": WorkerId(f"w{number}"),
    }
    return samples.assignment(status, **{**usual, **changes})
