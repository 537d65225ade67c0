"""The desk's working lists, in one read: who waits, what nobody saw, who did not come, what is not paid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from gigmarket.domain.actor import Actor
from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.errors import Invalid
from gigmarket.domain.region import Region
from gigmarket.services.regions import Regions, scope
from gigmarket.store.listed import Entry, Listed, Mark
from gigmarket.store.queues import Seat, Unseen, Waiter, Waits
from gigmarket.store.transaction import Transaction
from gigmarket.wire.desk import DeliveryView, MissedView, QueueName, QueuesView, UnpaidView, WaitingView
from gigmarket.wire.pages import Page
from gigmarket.wire.values import View, masked

FIRST = 50
"""So many of each list come with all the others."""
SEARCHED = 2000
"""So many of a list are looked at in one read for those of one town or village."""
WEEK = timedelta(days=6)
COMING_UP = timedelta(hours=8)
"""Who has work today does not wait for any, nor late in the evening who has some in the early morning."""
LONG_WAIT = timedelta(hours=1)
"""Who waits for less has not been passed over yet: a round begins at once, but new work comes by the hour."""
UNDELIVERED_AFTER = timedelta(seconds=30)
"""A phone says at once that it has an offer, and one that lost its line is mostly back by then. An offer to a
phone lives for twice as long: there is still time for a call."""
MISSED_FOR = timedelta(hours=24)
"""A seat that nobody came to stays on the list for this long after the work's end."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DIGITS = 16
"""Of microseconds since 1970, until the year 2286."""

Row = TypeVar("Row")
Shown = TypeVar("Shown", bound=View)


@dataclass(frozen=True, slots=True)
class Queue(Generic[Row, Shown]):
    """One of the lists: where it comes from, and how a desk sees each of it."""

    listed: Callable[[Transaction], Listed[Row]]
    shown: Callable[[Row], Shown]

    def count(self, tx: Transaction, regions: Regions, here: Region) -> int:
        """How many there are in the region."""
        listed = self.listed(tx)
        return listed.count() if here.whole else len(regions.within(here, listed.places(), lambda place: place))

    def page(
        self, tx: Transaction, regions: Regions, here: Region, after: Mark | None, limit: int
    ) -> Page[Shown]:
        """Those of the region that come after a mark."""
        listed, most = self.listed(tx), limit + 1 if here.whole else SEARCHED
        found: list[Entry[Row]] = []
        while len(found) <= limit:
            read = listed.page(after, most)
            found += regions.within(here, read, lambda entry: entry.where)
            if len(read) < most:
                break
            after = read[-1].mark
        items = [self.shown(entry.what) for entry in found[:limit]]
        return Page(items=items, next=cursor_of(found[limit - 1].mark) if len(found) > limit else None)


def queues(tx: Transaction, actor: Actor, asked: Region) -> QueuesView:
    """The lists of the region that this desk sees. Raises Invalid for a town or a village without a station."""
    regions, here = scope(tx, actor, asked)
    now = tx.now()
    free = regions.within(here, tx.gigs.with_free_seats(now), lambda gig: gig.draft.site.position)
    counts = {name.value: queue.count(tx, regions, here) for name, queue in _QUEUES.items()}

    def first(queue: Queue[Row, Shown]) -> Page[Shown]:
        return queue.page(tx, regions, here, None, FIRST)

    return QueuesView(
        at=now,
        town=here.town,
        village=here.village,
        long_wait_s=round(LONG_WAIT.total_seconds()),
        undelivered_s=round(UNDELIVERED_AFTER.total_seconds()),
        counts={**counts, "unfilled": len(free), "appeals": tx.queues.open_appeals()},
        waiting=first(WAITING),
        never=first(NEVER),
        undelivered=first(UNDELIVERED),
        missed=first(MISSED),
        unpaid=first(UNPAID),
    )


def more(
    tx: Transaction, actor: Actor, asked: Region, name: QueueName, cursor: str | None, limit: int
) -> Page[Any]:
    """A page of one list. Raises Invalid for a cursor that no page gave, and as `queues`."""
    regions, here = scope(tx, actor, asked)
    page: Page[Any] = _QUEUES[name].page(tx, regions, here, mark_of(cursor), limit)
    return page


def waits(tx: Transaction, since: datetime | None = None, *, never: bool = False) -> Waits:
    """Who waits now, for the store."""
    now = tx.now()
    today = day_of(now)
    until = max(midnight(today + timedelta(days=1)), now + COMING_UP)
    return Waits(today, until, today - WEEK, since, never)


def cursor_of(mark: Mark) -> str:
    """A mark as a page's `next`."""
    return f"{(mark.at - _EPOCH) // _MICROSECOND}-{mark.id}"


def mark_of(cursor: str | None) -> Mark | None:
    """The mark of a page's `next`. Raises Invalid for one that no page gave."""
    if cursor is None:
        return None
    at, _, ended = cursor.partition("-")
    if not (at.isascii() and at.isdecimal() and len(at) <= _DIGITS and ended):
        raise Invalid.field("cursor", "is not one that a page gave")
    return Mark(_EPOCH + int(at) * _MICROSECOND, ended)


def _waiting(one: Waiter) -> WaitingView:
    return WaitingView(
        worker_id=one.worker,
        name=masked(one.name),
        since=one.since,
        trades=sorted(one.trades),
        station_id=one.station,
        offers_today=one.offers_today,
        offers_week=one.offers_week,
    )


def _delivery(offer: Unseen) -> DeliveryView:
    return DeliveryView(
        offer_id=offer.offer,
        gig_id=offer.gig,
        title=offer.title,
        worker_id=offer.worker,
        worker=masked(offer.worker_name),
        station_id=offer.station,
        created_at=offer.created_at,
        expires_at=offer.expires_at,
        delivered_at=None,
    )


def _missed(seat: Seat) -> MissedView:
    return MissedView(
        assignment_id=seat.assignment,
        gig_id=seat.gig,
        title=seat.title,
        worker_id=seat.worker,
        worker=masked(seat.worker_name),
        employer=seat.employer_name,
        starts_at=seat.starts_at,
        free_seats=seat.free_seats,
    )


def _unpaid(seat: Seat) -> UnpaidView:
    return UnpaidView(
        assignment_id=seat.assignment,
        gig_id=seat.gig,
        title=seat.title,
        worker_id=seat.worker,
        worker=masked(seat.worker_name),
        employer_id=seat.employer,
        employer=seat.employer_name,
        due_fen=seat.due_fen,
        due_on=seat.settle_on or day_of(seat.ends_at),
    )


def _overdue(tx: Transaction) -> Listed[Seat]:
    today = day_of(tx.now())
    return tx.queues.unpaid(today, midnight(today))


WAITING = Queue(lambda tx: tx.queues.waiting(waits(tx, tx.now() - LONG_WAIT)), _waiting)
NEVER = Queue(lambda tx: tx.queues.waiting(waits(tx, tx.now() - LONG_WAIT, never=True)), _waiting)
UNDELIVERED = Queue(lambda tx: tx.queues.undelivered(tx.now() - UNDELIVERED_AFTER, tx.now()), _delivery)
MISSED = Queue(lambda tx: tx.queues.missed(tx.now() - MISSED_FOR), _missed)
UNPAID = Queue(_overdue, _unpaid)
_QUEUES: Mapping[QueueName, Queue[Any, Any]] = {
    QueueName.WAITING: WAITING,
    QueueName.NEVER: NEVER,
    QueueName.UNDELIVERED: UNDELIVERED,
    QueueName.MISSED: MISSED,
    QueueName.UNPAID: UNPAID,
}
