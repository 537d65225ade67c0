"""One unit of work: what a use case may touch, and what has to be told after its commit."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Generic, TypeVar

from sqlalchemy import Connection

from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, Principal, WorkerId
from gigmarket.store.accounts import Accounts
from gigmarket.store.appeals import Appeals
from gigmarket.store.assignments import Assignments
from gigmarket.store.crews import Crews
from gigmarket.store.days import Days
from gigmarket.store.draws import Draws
from gigmarket.store.explanations import Explanations
from gigmarket.store.fence import Fence
from gigmarket.store.gigs import Gigs
from gigmarket.store.idempotency import Idempotency
from gigmarket.store.kiosks import Kiosks
from gigmarket.store.offers import Offers
from gigmarket.store.passes import Passes
from gigmarket.store.personal import Personal
from gigmarket.store.queues import Queues
from gigmarket.store.reports import Reports
from gigmarket.store.samples import Samples
from gigmarket.store.stations import Stations
from gigmarket.store.streams import Draft, StreamEvent, Streams
from gigmarket.store.workers import Workers

Clock = Callable[[], datetime]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a committed transaction has to tell: events to send, gigs and workers to dispatch again, and those
    gigs that it posted.
    """

    events: tuple[StreamEvent, ...] = ()
    gigs: frozenset[GigId] = frozenset()
    workers: frozenset[WorkerId] = frozenset()
    posted: tuple[Gig, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.events or self.gigs or self.workers)


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """A use case's value and what has to be told now that it is committed."""

    value: T
    aftermath: Aftermath


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several callers of a transaction has to be told of its aftermath: the events from `first` to
    before `end`, and whom to dispatch again.
    """

    first: int
    end: int
    gigs: frozenset[GigId]
    workers: frozenset[WorkerId]

    def of(self, whole: Aftermath) -> Aftermath:
        """This part of the committed whole."""
        return Aftermath(whole.events[self.first : self.end], self.gigs, self.workers)


@contextmanager
def savepoint(connection: Connection, name: str) -> Iterator[None]:
    """Undo the block's statements when it raises. SQLAlchemy's own nested transactions compile their three
    statements anew each time: a tenth of an accept.
    """
    _say(connection, f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        # With a lost connection everything is undone already, and this would hide why.
        if not connection.invalidated:
            _say(connection, f"ROLLBACK TO SAVEPOINT {name}")
            _say(connection, f"RELEASE SAVEPOINT {name}")
        raise
    _say(connection, f"RELEASE SAVEPOINT {name}")


def _say(connection: Connection, statement: str) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        # SQLAlchemy's way to the driver takes ten times as long as SQLite takes for a savepoint.
        driver.execute(statement)
    else:
        connection.exec_driver_sql(statement)


class Transaction:
    """The queries of every noun on one connection. Synchronous: it runs whole in one thread."""

    def __init__(self, connection: Connection, clock: Clock | None, phones_hidden: bool = False) -> None:
        """`phones_hidden`: the city connects calls by a third number, so that nobody's is shown."""
        self.connection = connection
        self.phones_hidden = phones_hidden
        self._clock = clock
        self._asked: datetime | None = None
        self._drafts: list[Draft] = []
        self._gigs: set[GigId] = set()
        self._workers: set[WorkerId] = set()
        self._posted: list[Gig] = []

    def now(self) -> datetime:
        """The time after whatever was waited for: the database's own clock on PostgreSQL (many machines, one
        authority), this machine's on SQLite. Ask after taking locks, since expiry is decided by it.
        """
        if self._clock is not None:
            self._asked = self._clock()
        elif self.connection.dialect.name == "postgresql":
            stamp: datetime = self.connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            self._asked = stamp.astimezone(UTC)
        else:
            self._asked = datetime.now(UTC)
        return self._asked

    def wait_at_most(self, wait_s: float) -> None:
        """Wait no longer than this for a row that somebody holds; then the transaction ends with Locked. SQLite
        has no locks but the writer's, which is held already.
        """
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(wait_s * 1000)}")

    def stamp(self) -> datetime:
        """When what is written happened, where nothing is decided by it: the time that was asked last."""
        return self._asked or self.now()

    def tell(self, principal: Principal, kind: str, data: bytes) -> None:
        """Put an event on a principal's stream, as JSON."""
        self._drafts.append(Draft(str(principal), kind, data))

    def redispatch(self, gig: GigId | None = None, worker: WorkerId | None = None) -> None:
        """This gig has seats to offer, or this worker is free: the dispatcher should look."""
        if gig is not None:
            self._gigs.add(gig)
        if worker is not None:
            self._workers.add(worker)

    def dispatch(self, gig: Gig) -> None:
        """This gig is new: the dispatcher should look, and need not read it."""
        self._gigs.add(gig.id)
        self._posted.append(gig)

    def part(self, tell: Callable[[], None]) -> Part:
        """Run `tell`, and note what it tells: it is for one caller of several."""
        first, gigs, workers = len(self._drafts), self._gigs, self._workers
        self._gigs, self._workers = set(), set()
        tell()
        part = Part(first, len(self._drafts), frozenset(self._gigs), frozenset(self._workers))
        self._gigs, self._workers = gigs | part.gigs, workers | part.workers
        return part

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the work that leaves no trace when it raises: neither in SQL nor in the aftermath."""
        count, gigs, workers = len(self._drafts), frozenset(self._gigs), frozenset(self._workers)
        posted = len(self._posted)
        try:
            with savepoint(self.connection, "attempt"):
                yield
        except BaseException:
            del self._drafts[count:], self._posted[posted:]
            self._gigs, self._workers = set(gigs), set(workers)
            raise

    def finish(self) -> Aftermath:
        """Store the events (last, so that stream rows are held briefly) and hand over the aftermath."""
        events = self.streams.append(self._drafts, self.stamp()) if self._drafts else []
        gigs, workers = frozenset(self._gigs), frozenset(self._workers)
        return Aftermath(tuple(events), gigs, workers, tuple(self._posted))

    @cached_property
    def kiosks(self) -> Kiosks:
        """Kiosks, their enrolment, and what identifies people at them."""
        return Kiosks(self.connection)

    @cached_property
    def passes(self) -> Passes:
        """Tickets and wallet cards."""
        return Passes(self.connection)

    @cached_property
    def accounts(self) -> Accounts:
        """Accounts and sessions."""
        return Accounts(self.connection)

    @cached_property
    def personal(self) -> Personal:
        """What is kept about one person."""
        return Personal(self.connection)

    @cached_property
    def stations(self) -> Stations:
        """Stations."""
        return Stations(self.connection)

    @cached_property
    def workers(self) -> Workers:
        """Workers' profiles and presence."""
        return Workers(self.connection)

    @cached_property
    def crews(self) -> Crews:
        """Crews and who is in them."""
        return Crews(self.connection)

    @cached_property
    def gigs(self) -> Gigs:
        """Gigs."""
        return Gigs(self.connection)

    @cached_property
    def offers(self) -> Offers:
        """Offers."""
        return Offers(self.connection)

    @cached_property
    def assignments(self) -> Assignments:
        """Assignments."""
        return Assignments(self.connection)

    @cached_property
    def streams(self) -> Streams:
        """Streams and their events."""
        return Streams(self.connection)

    @cached_property
    def idempotency(self) -> Idempotency:
        """Answered keys."""
        return Idempotency(self.connection)

    @cached_property
    def fence(self) -> Fence:
        """Fencing numbers."""
        return Fence(self.connection)

    @cached_property
    def appeals(self) -> Appeals:
        """Appeals against decisions of the dispatcher."""
        return Appeals(self.connection)

    @cached_property
    def explanations(self) -> Explanations:
        """Why rounds decided as they did."""
        return Explanations(self.connection)

    @cached_property
    def days(self) -> Days:
        """Workers' days: available, worked, offered."""
        return Days(self.connection)

    @cached_property
    def draws(self) -> Draws:
        """Published anchors of draws."""
        return Draws(self.connection)

    @cached_property
    def queues(self) -> Queues:
        """A desk's working lists."""
        return Queues(self.connection)

    @cached_property
    def samples(self) -> Samples:
        """The market minute by minute."""
        return Samples(self.connection)

    @cached_property
    def reports(self) -> Reports:
        """Counts over the market."""
        return Reports(self.connection)
