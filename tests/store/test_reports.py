"""What the fairness report is counted from."""

from datetime import timedelta

import pytest

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.fairness import Day
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.offer import OfferStatus
from gigmarket.store.reports import Totals
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.people import HALL, assignment, gig, offer, waiting

pytestmark = pytest.mark.contract

W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")
TODAY = day_of(NOW)
DAY = timedelta(days=1)


def totals(tx: Transaction, days: int = 2) -> dict[WorkerId, Totals]:
    first = TODAY - (days - 1) * DAY
    return {row.worker.id: row for row in tx.reports.totals(first, TODAY, midnight(first))}


def counts(row: Totals) -> tuple[int, int, int, int, int]:
    return row.available_s, row.worked_s, row.offers, row.accepts, row.hall_offers


@pytest.fixture
def tx(tx: Transaction) -> Transaction:
    """With a gig to offer."""
    tx.gigs.add(gig(1))
    return tx


def test_nobody_is_told_who_did_nothing(tx: Transaction) -> None:
    assert totals(tx) == {}


def test_days_and_offers_of_the_span_add_up_per_worker(tx: Transaction) -> None:
    tx.days.add([Day(W1, TODAY - days * DAY, available_s=100, worked_s=40) for days in (0, 1, 2)])
    tx.offers.add_many(
        [
            offer(1, OfferStatus.ACCEPTED, created_at=NOW),
            offer(2, OfferStatus.DECLINED, worker=W1, created_at=NOW - DAY, station=HALL),
            offer(3, OfferStatus.ACCEPTED, worker=W1, created_at=NOW - 2 * DAY),
            offer(4, OfferStatus.EXPIRED, worker=W2, created_at=NOW),
        ]
    )

    found = totals(tx)

    assert {worker: counts(row) for worker, row in found.items()} == {
        W1: (200, 80, 2, 1, 1),
        W2: (0, 0, 1, 0, 0),
    }
    assert found[W1].last_offer == NOW
    assert counts(totals(tx, 3)[W1]) == (300, 120, 3, 2, 1)


def test_the_last_offer_is_known_for_a_wait_longer_than_the_span(tx: Transaction) -> None:
    tx.workers.save(waiting(W1, since=NOW - 9 * DAY))
    tx.offers.add_many(
        [
            offer(1, OfferStatus.DECLINED, created_at=NOW - 5 * DAY),
            offer(2, OfferStatus.DECLINED, worker=W1, created_at=NOW - 10 * DAY),
        ]
    )

    (row,) = totals(tx).values()

    assert (row.offers, row.last_offer) == (0, NOW - 5 * DAY)
    assert (row.worker.presence.wanted, row.worker.presence.since) == (True, NOW - 9 * DAY)


def test_who_is_at_work_is_told_since_when(tx: Transaction) -> None:
    tx.offers.add_many([offer(1, OfferStatus.ACCEPTED, created_at=NOW - 3 * DAY)])
    tx.assignments.add(assignment(1, AssignmentStatus.CHECKED_IN, checked_in_at=NOW))

    (row,) = totals(tx).values()

    assert (row.worker.id, row.on_site_since, row.offers) == (W1, NOW, 0)


def test_groups_mode_and_hall_stand_in_the_worker(tx: Transaction) -> None:
    tx.workers.save(waiting(W3, station=HALL))

    (row,) = totals(tx).values()

    stored = tx.workers.get(W3)
    assert (row.worker.mode, row.worker.groups, row.worker.name) == (stored.mode, stored.groups, stored.name)
    assert row.worker.presence.station == HALL
    assert row.last_offer is None
