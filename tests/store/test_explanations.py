"""The reasons that rounds leave behind."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from gigmarket.domain.draw import key_of
from gigmarket.domain.explanation import Considered, Explanation, Lot
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.verdict import Verdict
from gigmarket.store.explanations import SEARCHED
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW, seconds
from tests.store.people import gig

pytestmark = pytest.mark.contract

G1, G2 = GigId("g1"), GigId("g2")
W1, W2 = WorkerId("w1"), WorkerId("w2")


def person(worker: WorkerId = W1, verdict: Verdict = Verdict.OFFERED) -> Considered:
    """Somebody six minutes away who waited twenty, with numbers no float of 32 bits can hold."""
    return Considered(worker, verdict, 360, 241.0625, 118.9375, 1200, 0.1 + 0.2, 1 - 2**-53, 2**64 - 1)


def explanation(turn: int = 1, gig_id: GigId = G1, at: datetime = NOW, *people: Considered) -> Explanation:
    """One round's decision about a gig."""
    return Explanation(
        gig=gig_id,
        at=at,
        round=f"7.{turn}",
        seed="ab" * 32,
        seats=2,
        circle_s=900,
        estimated=True,
        funnel={Verdict.OUTSIDE_CIRCLE: 31, Verdict.OFFERED: 1},
        considered=people,
    )


@pytest.fixture
def tx(tx: Transaction) -> Transaction:
    """With two gigs."""
    tx.gigs.add(gig(1))
    tx.gigs.add(gig(2))
    return tx


def test_an_explanation_comes_back_as_it_was(tx: Transaction) -> None:
    outside = Considered(W2, Verdict.OUTSIDE_CIRCLE, None, None, 0.0, 0, 0.0, 0.0, 0)
    mate = replace(person(WorkerId("w3")), in_crew=True)
    full, empty = explanation(1, G1, NOW, person(), outside, mate), replace(explanation(2, G2), funnel={})
    full = replace(full, alike=3, lots=(Lot(2**64 - 1, 241.07), Lot(7, 0.1 + 0.2)))

    tx.explanations.add_many([])
    tx.explanations.add_many([full, empty])

    assert tx.explanations.latest(G1) == full
    assert tx.explanations.latest(G2) == empty


def test_numbers_straight_from_columns_are_taken(tx: Transaction) -> None:
    raw = replace(person(), cost_s=np.float64(1.5), key=np.uint64(2**64 - 1), waited_s=np.int64(3))  # type: ignore[arg-type]

    tx.explanations.add_many([replace(explanation(1, G1, NOW, raw), funnel={Verdict.TRADE: np.int64(4)})])  # type: ignore[dict-item]

    found = tx.explanations.latest(G1)
    assert found is not None
    assert (found.considered[0].cost_s, found.considered[0].key, found.funnel) == (
        1.5,
        2**64 - 1,
        {Verdict.TRADE: 4},
    )


def test_the_newest_comes_first_and_each_round_is_found(tx: Transaction) -> None:
    tx.explanations.add_many([explanation(1), explanation(1, G2), explanation(2), explanation(3)])

    assert [found.round for found in tx.explanations.of_gig(G1, 2)] == ["7.3", "7.2"]
    assert tx.explanations.of_round(G1, "7.2") == explanation(2)
    assert tx.explanations.of_round(G2, "7.2") is None
    assert tx.explanations.latest(GigId("g9")) is None


def test_the_newest_round_that_considered_a_worker_is_found(tx: Transaction) -> None:
    lost = person(W1, Verdict.OTHERS_FIRST)
    tx.explanations.add_many(
        [
            explanation(1, G1, NOW, person(W2)),
            explanation(2, G1, NOW, lost, person(W2)),
            explanation(3, G1, NOW, lost),
        ]
    )
    tx.explanations.add_many([explanation(turn) for turn in range(4, 4 + SEARCHED - 2)])

    assert tx.explanations.considering(G1, W1) == explanation(3, G1, NOW, lost)
    assert tx.explanations.considering(G1, W2) == explanation(2, G1, NOW, lost, person(W2))
    assert tx.explanations.considering(G1, WorkerId("w")) is None
    assert tx.explanations.considering(G2, W1) is None


def test_a_worker_is_found_by_the_lot_that_lost(tx: Transaction) -> None:
    drawn = replace(explanation(1, G1, NOW, person(W2)), alike=2, lots=(Lot(key_of(W1), 9.5),))
    tx.explanations.add_many([drawn, explanation(2)])

    assert tx.explanations.considering(G1, W1) == drawn
    assert tx.explanations.considering(G1, WorkerId("w3")) is None


def test_the_round_that_decided_is_the_last_one_that_offered_a_seat(tx: Transaction) -> None:
    assert tx.explanations.deciding(G1) is None
    tx.explanations.add_many(
        [explanation(1), explanation(2), replace(explanation(3), funnel={Verdict.LEFT: 4})]
    )

    assert tx.explanations.deciding(G1) == explanation(2)


def test_only_the_last_rounds_are_searched(tx: Transaction) -> None:
    tx.explanations.add_many([explanation(1, G1, NOW, person())])
    tx.explanations.add_many([explanation(turn) for turn in range(2, 2 + SEARCHED)])

    assert tx.explanations.considering(G1, W1) is None


def test_the_oldest_are_forgotten_a_batch_at_a_time(tx: Transaction) -> None:
    tx.explanations.add_many([explanation(turn, G1, NOW + seconds(turn)) for turn in range(1, 6)])

    assert tx.explanations.forget(NOW + seconds(4), limit=2) == 2
    assert [found.round for found in tx.explanations.of_gig(G1, 9)] == ["7.5", "7.4", "7.3"]
    assert tx.explanations.forget(NOW + seconds(4)) == 1
    assert tx.explanations.forget(NOW + seconds(4)) == 0
