"""The desk's working lists, in one read: who waits, what nobody saw, who did not come, what is not paid."""

from collections.abc import Iterable
from datetime import timedelta

from gigmarket.domain.actor import Actor
from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import GigId
from gigmarket.domain.region import Region
from gigmarket.services import deliveries
from gigmarket.services.regions import Regions, scope
from gigmarket.store.queues import Seat, Waiter
from gigmarket.store.transaction import Transaction
from gigmarket.wire.desk import DeliveryView, MissedView, QueuesView, UnpaidView, WaitingView
from gigmarket.wire.values import masked

LISTED = 50
SEARCHED = 2000
"""So many of a list are looked at for those of one town or village."""
WEEK = timedelta(days=6)
MISSED_FOR = timedelta(hours=24)
"""A seat that nobody came to stays on the list for this long after the work's end."""
NEVER_AFTER = timedelta(hours=1)
"""Who waits for less has not been passed over yet."""


def queues(tx: Transaction, actor: Actor, asked: Region) -> QueuesView:
    """The lists of the region that this desk sees. Raises Invalid for a town or a village without a station."""
    regions, here = scope(tx, actor, asked)
    now = tx.now()
    today, most = day_of(now), LISTED if here.whole else SEARCHED
    week = today - WEEK
    waiting = regions.within(here, tx.queues.waiting(today, week, most), _place)
    never = regions.within(here, tx.queues.never(today, week, now - NEVER_AFTER, most), _place)
    undelivered = _undelivered(tx, regions, here)
    free = [row for row in tx.reports.demand() if row.free_seats > 0]
    missed = regions.within(here, tx.queues.missed(now - MISSED_FOR, SEARCHED), lambda seat: seat.site)
    unpaid = regions.within(here, tx.queues.unpaid(today, midnight(today), SEARCHED), lambda seat: seat.site)
    return QueuesView(
        at=now,
        town=here.town,
        village=here.village,
        counts={
            "unfilled": len(regions.within(here, free, lambda row: row.position)),
            "waiting": tx.queues.waiting_count(today) if here.whole else len(waiting),
            "never": tx.queues.never_count(today, week, now - NEVER_AFTER) if here.whole else len(never),
            "undelivered": len(undelivered),
            "missed": len(missed),
            "unpaid": len(unpaid),
            "appeals": tx.queues.open_appeals(),
        },
        waiting=[_waiting(one) for one in waiting[:LISTED]],
        never=[_waiting(one) for one in never[:LISTED]],
        undelivered=undelivered[:LISTED],
        missed=[_missed(seat) for seat in missed[:LISTED]],
        unpaid=[_unpaid(seat) for seat in unpaid[:LISTED]],
    )


def _place(waiter: Waiter) -> Position | None:
    return waiter.position


def _undelivered(tx: Transaction, regions: Regions, here: Region) -> list[DeliveryView]:
    found: Iterable[DeliveryView] = deliveries.pending(tx, SEARCHED)
    on_no_screen = [offer for offer in found if offer.delivered_at is None]
    if here.whole:
        return on_no_screen
    sites = tx.gigs.get_many([GigId(offer.gig_id) for offer in on_no_screen])
    return regions.within(here, on_no_screen, lambda offer: sites[GigId(offer.gig_id)].draft.site.position)


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
