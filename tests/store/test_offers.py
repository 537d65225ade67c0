"""Offers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import GigId, OfferId, WorkerId
from gigmarket.domain.offer import DeclineReason, OfferStatus
from gigmarket.store.transaction import Transaction
from tests.domain.samples import EMPLOYER, NOW, OTHER_EMPLOYER, seconds
from tests.store.people import HALL, gig, offer

pytestmark = pytest.mark.contract

G1, G2 = GigId("g1"), GigId("g2")


@pytest.fixture
def tx(tx: Transaction) -> Transaction:
    """With two gigs to offer."""
    tx.gigs.add(gig(1))
    tx.gigs.add(gig(2))
    return tx


def test_an_offer_comes_back_as_it_was(tx: Transaction) -> None:
    plain = offer(1)
    answered = offer(
        2,
        OfferStatus.DECLINED,
        station=HALL,
        estimated=True,
        extended=True,
        answered_at=NOW + seconds(9),
        reason=DeclineReason.PAY,
    )

    tx.offers.add_many([])
    tx.offers.add_many([plain, answered])

    assert tx.offers.get(plain.id) == plain
    assert tx.offers.get(answered.id) == answered
    assert tx.offers.get_many([]) == {}
    asked = [plain.id, OfferId("o9"), answered.id, plain.id]
    assert tx.offers.get_many(asked) == {plain.id: plain, answered.id: answered}
    with pytest.raises(NotFound):
        tx.offers.get(OfferId("o9"))


def test_what_changes_is_saved(tx: Transaction) -> None:
    tx.offers.add_many([offer(1), offer(2)])
    declined = replace(
        offer(1), status=OfferStatus.DECLINED, answered_at=NOW, reason=DeclineReason.TOO_FAR, extended=True
    )

    tx.offers.save_many([])
    tx.offers.save(declined)

    assert tx.offers.get(declined.id) == declined
    assert tx.offers.get(OfferId("o2")) == offer(2)


def test_pending_offers_are_found_by_worker_gig_employer_and_hall(tx: Transaction) -> None:
    tx.offers.add_many(
        [
            offer(1),
            offer(2, station=HALL),
            offer(3, gig=G2, employer=OTHER_EMPLOYER),
            offer(4, OfferStatus.EXPIRED, station=HALL),
        ]
    )
    everyone = [WorkerId(f"w{number}") for number in range(1, 6)]

    assert tx.offers.pending_of([]) == {}
    assert {worker: found.id for worker, found in tx.offers.pending_of(everyone).items()} == {
        "w1": "o1",
        "w2": "o2",
        "w3": "o3",
    }
    assert [found.id for found in tx.offers.pending_on(G1)] == ["o1", "o2"]
    assert [found.id for found in tx.offers.pending_of_employer(EMPLOYER)] == ["o1", "o2"]
    assert [found.id for found in tx.offers.pending_at(HALL)] == ["o2"]


def test_offers_are_due_when_their_time_is_over_earliest_first(tx: Transaction) -> None:
    tx.offers.add_many(
        [
            offer(1, expires_at=NOW + seconds(2)),
            offer(2, expires_at=NOW + seconds(1)),
            offer(3, expires_at=NOW + seconds(3)),
            offer(4, OfferStatus.ACCEPTED, expires_at=NOW),
        ]
    )

    assert [found.id for found in tx.offers.due(NOW + seconds(2))] == ["o2", "o1"]
    assert [found.id for found in tx.offers.due(NOW + seconds(9), limit=1)] == ["o2"]
    assert tx.offers.due(NOW + seconds(1) - timedelta(microseconds=1)) == []


def test_who_had_their_chance_at_a_gig_is_remembered(tx: Transaction) -> None:
    tx.offers.add_many(
        [
            offer(1, OfferStatus.DECLINED),
            offer(2, OfferStatus.EXPIRED),
            offer(3, OfferStatus.DECLINED, gig=G2, worker=WorkerId("w1")),
            offer(4, OfferStatus.WITHDRAWN),
            offer(5, OfferStatus.ACCEPTED),
            offer(6),
        ]
    )

    assert tx.offers.refused([]) == {}
    assert tx.offers.refused([G1]) == {"w1": {G1}, "w2": {G1}, "w5": {G1}}
    assert tx.offers.refused([G1, G2]) == {"w1": {G1, G2}, "w2": {G1}, "w5": {G1}}


def test_the_first_screen_counts_and_offers_on_none_come_first(tx: Transaction) -> None:
    tx.offers.add_many([offer(1), offer(2), offer(3)])
    tx.offers.delivered([OfferId("o1")], NOW + seconds(1))
    tx.offers.delivered([OfferId("o1"), OfferId("o3")], NOW + seconds(2))
    tx.offers.delivered([], NOW)

    found = [(each.id, at) for each, at in tx.offers.deliveries(9)]
    assert found == [("o2", None), ("o1", NOW + seconds(1)), ("o3", NOW + seconds(2))]
    assert [each.id for each, _ in tx.offers.deliveries(1)] == ["o2"]


def test_all_that_was_offered_of_one_gig_to_one_worker_newest_first(tx: Transaction) -> None:
    one, other = WorkerId("w1"), WorkerId("w2")
    tx.offers.add_many(
        [
            offer(1, OfferStatus.EXPIRED, worker=one),
            offer(2, worker=other),
            offer(3, OfferStatus.DECLINED, worker=one, gig=G2),
            offer(4, worker=one),
        ]
    )
    tx.offers.delivered([OfferId("o1")], NOW)

    assert [(found.id, at) for found, at in tx.offers.of_pair(GigId("g1"), one)] == [("o4", None), ("o1", NOW)]
