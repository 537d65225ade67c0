"""Workers' profiles and presence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gigmarket.domain.errors import NotFound
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import WorkerId
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.people import HALL, waiting, worker

pytestmark = pytest.mark.contract

MINUTE = timedelta(minutes=1)
W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")


def test_a_worker_comes_back_as_saved(tx: Transaction) -> None:
    busy = replace(
        waiting(W1, until=NOW + MINUTE, station=HALL),
        trades=frozenset({"driver"}),
        mode=Mode.WALK,
        floor_wage_fen=2**40,
    )

    tx.workers.save(busy)

    assert tx.workers.get(W1) == busy
    assert tx.workers.lock(W1) == busy
    assert tx.workers.get(W2) == worker(W2)


def test_a_worker_may_have_no_trade(tx: Transaction) -> None:
    idle = replace(worker(W1), trades=frozenset[str]())

    tx.workers.save(idle)

    assert tx.workers.get(W1) == idle


def test_an_unknown_worker_is_not_found(tx: Transaction) -> None:
    with pytest.raises(NotFound):
        tx.workers.get(WorkerId("e1"))
    with pytest.raises(NotFound):
        tx.workers.lock(WorkerId("nobody"))


def test_many_workers_are_found_at_once(tx: Transaction) -> None:
    assert tx.workers.get_many([]) == {}
    assert tx.workers.get_many([W2, WorkerId("nobody"), W1]) == {W1: worker(W1), W2: worker(W2)}


def test_a_sign_of_life_reaches_those_who_want_work(tx: Transaction) -> None:
    tx.workers.save(waiting(W1))
    tx.workers.save(waiting(W2))
    there = Position(28.1, 115.6)

    tx.workers.seen_many([], NOW + MINUTE)
    tx.workers.seen_many([(W1, there), (W2, None), (W3, there)], NOW + MINUTE)

    assert tx.workers.get(W1) == waiting(W1, seen_at=NOW + MINUTE, position=there)
    assert tx.workers.get(W2) == waiting(W2, seen_at=NOW + MINUTE)
    assert tx.workers.get(W3) == worker(W3)


def test_the_index_is_rebuilt_from_those_heard_of_lately(tx: Transaction) -> None:
    tx.workers.save(waiting(W1, seen_at=NOW))
    tx.workers.save(waiting(W2, seen_at=NOW - MINUTE))
    tx.workers.save(worker(W3, wanted=False, seen_at=NOW))

    assert tx.workers.wanted(NOW - MINUTE) == [waiting(W1, seen_at=NOW)]


def test_the_forgotten_are_silent_for_long_or_past_their_hours(tx: Transaction) -> None:
    tx.workers.save(waiting(W1, seen_at=NOW - 2 * MINUTE))
    tx.workers.save(waiting(W2, until=NOW))
    tx.workers.save(waiting(W3, until=NOW + MINUTE))

    assert set(tx.workers.forgotten(NOW - MINUTE, NOW)) == {W1, W2}
    assert len(tx.workers.forgotten(NOW - MINUTE, NOW, limit=1)) == 1


def test_a_check_in_in_the_hall_counts_for_longer(tx: Transaction) -> None:
    tx.workers.save(waiting(W1, seen_at=NOW - 2 * MINUTE))
    tx.workers.save(waiting(W2, seen_at=NOW - 2 * MINUTE, station=HALL))
    tx.workers.save(waiting(W3, seen_at=NOW - 9 * MINUTE, station=HALL))

    assert set(tx.workers.forgotten(NOW - MINUTE, NOW, 9, NOW - 5 * MINUTE)) == {W1, W3}


def test_the_hall_lists_who_waits_there_longest_first(tx: Transaction) -> None:
    tx.workers.save(waiting(W1, station=HALL, since=NOW))
    tx.workers.save(waiting(W2, station=HALL, since=NOW - MINUTE))
    tx.workers.save(waiting(W3))
    tx.workers.save(waiting(WorkerId("w4"), station=HALL, wanted=False))

    assert [found.id for found in tx.workers.in_hall(HALL)] == [W2, W1]


def test_a_pin_is_kept_as_its_hash(tx: Transaction) -> None:
    assert tx.workers.pin_hash(W1) is None

    tx.workers.set_pin_hash(W1, "salt:hash")

    assert tx.workers.pin_hash(W1) == "salt:hash"
    assert tx.workers.pin_hash(W2) is None
    tx.workers.save(waiting(W1))
    assert tx.workers.pin_hash(W1) == "salt:hash"
