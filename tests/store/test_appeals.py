"""Appeals in SQL."""

from dataclasses import replace

import pytest

from gigmarket.domain.appeal import Appeal, AppealId
from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import AccountId, GigId, OfferId, WorkerId
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW, seconds
from tests.store.people import gig

pytestmark = pytest.mark.contract

W1, W2 = WorkerId("w1"), WorkerId("w2")


def appeal(number: int, worker: WorkerId = W1, answered: bool = False) -> Appeal:
    """The n-th appeal, filed in the n-th second."""
    filed = Appeal(
        AppealId(f"p{number}"), worker, GigId("g1"), OfferId("o1"), "我更近", "{}", NOW + seconds(number)
    )
    if not answered:
        return filed
    return replace(filed, answer="查过了", answered_by=AccountId("c1"), answered_at=NOW + seconds(60))


@pytest.fixture
def tx(tx: Transaction) -> Transaction:
    """With a gig and four appeals, one of them answered."""
    tx.gigs.add(gig(1))
    for each in (appeal(1), appeal(2, answered=True), appeal(3, W2), appeal(4), appeal(5, W2, answered=True)):
        tx.appeals.add(each)
    return tx


def test_an_appeal_comes_back_as_it_was(tx: Transaction) -> None:
    assert tx.appeals.lock(AppealId("p1")) == appeal(1)
    assert tx.appeals.lock(AppealId("p2")) == appeal(2, answered=True)
    tx.appeals.add(replace(appeal(6), offer=None))
    assert tx.appeals.lock(AppealId("p6")).offer is None
    with pytest.raises(NotFound):
        tx.appeals.lock(AppealId("p9"))


def test_an_answer_is_saved(tx: Transaction) -> None:
    tx.appeals.save(appeal(1, answered=True))

    assert tx.appeals.lock(AppealId("p1")) == appeal(1, answered=True)
    assert tx.appeals.lock(AppealId("p4")) == appeal(4)


def test_open_ones_are_counted_by_worker(tx: Transaction) -> None:
    assert (tx.appeals.open_of(W1), tx.appeals.open_of(W2), tx.appeals.open_of(WorkerId("w3"))) == (2, 1, 0)


def test_a_workers_own_come_newest_first_page_by_page(tx: Transaction) -> None:
    assert [each.id for each in tx.appeals.of_worker(W1, None, 2)] == ["p4", "p2"]
    assert [each.id for each in tx.appeals.of_worker(W1, "p2", 2)] == ["p1"]


def test_the_queue_has_the_longest_waiting_first_and_the_answered_newest_first(tx: Transaction) -> None:
    assert [each.id for each in tx.appeals.waiting(None, 2)] == ["p1", "p3"]
    assert [each.id for each in tx.appeals.waiting("p3", 2)] == ["p4"]
    assert [each.id for each in tx.appeals.answered(None, 1)] == ["p5"]
    assert [each.id for each in tx.appeals.answered("p5", 9)] == ["p2"]
