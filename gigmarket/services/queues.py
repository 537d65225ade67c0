"""The desk's working lists, in one read: who waits, what nobody saw, who did not come, what is not paid."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from gigmarket.domain.actor import Actor
from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import GigId
from gigmarket.services import deliveries
from gigmarket.services.towns import Towns, scope
from gigmarket.store.queues import Seat, Waiter
from gigmarket.store.transaction import Transaction
from gigmarket.wire.desk import DeliveryView, MissedView, QueuesView, UnpaidView, WaitingView
from gigmarket.wire.values import masked

LISTED = 50
SEARCHED = 2000
"""So many of a list are looked at for those of one town."""
WEEK = timedelta(days=6)
MISSED_FOR = timedelta(hours=24)
"""A seat that nobody came to stays on the list for this long after the work's end."""
NEVER_AFTER = timedelta(hours=1)
"""Who waits for less has not been passed over yet."""
T = TypeVar("T")


def queues(tx: Transaction, actor: Actor, town: str | None) -> QueuesView:
    """The lists of this desk's town, or of the whole city. Raises Invalid for an unknown town."""
    towns, here = scope(tx, actor, town)
    now = tx.now()
    today, most = day_of(now), SEARCHED if here else LISTED
    week = today - WEEK
    waiting = _within(towns, here, tx.queues.waiting(today, week, most), _place)
    never = _within(towns, here, tx.queues.never(today, week, now - NEVER_AFTER, most), _place)
    undelivered = _undelivered(tx, towns, here)
    missed = _within(towns, here, tx.queues.missed(now - MISSED_FOR, SEARCHED), lambda seat: seat.site)
    unpaid = _within(towns, here, tx.queues.unpaid(today, midnight(today), SEARCHED), lambda seat: seat.site)
    return QueuesView(
        at=now,
        town=here,
        counts={
            "unfilled": sum(
                here in (None, towns.of(row.position)) for row in tx.reports.demand() if row.free_seats > 0
            ),
            "waiting": len(waiting) if here else tx.queues.waiting_count(today),
            "never": len(never) if here else tx.queues.never_count(today, week, now - NEVER_AFTER),
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


def _within(
    towns: Towns, here: str | None, found: Sequence[T], place: Callable[[T], Position | None]
) -> list[T]:
    """Those of one town; all of them when none is asked for."""
    if here is None:
        return list(found)
    return [one for one in found if (at := place(one)) is not None and towns.of(at) == here]


def _place(waiter: Waiter) -> Position | None:
    return waiter.position


def _undelivered(tx: Transaction, towns: Towns, here: str | None) -> list[DeliveryView]:
    found: Iterable[DeliveryView] = deliveries.pending(tx, SEARCHED)
    on_no_screen = [offer for offer in found if offer.delivered_at is None]
    if here is None:
        return on_no_screen
    sites = tx.gigs.get_many([GigId(offer.gig_id) for offer in on_no_screen])
    return [o for o in on_no_screen if towns.of(sites[GigId(o.gig_id)].draft.site.position) == here]


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
