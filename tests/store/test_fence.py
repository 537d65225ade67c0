"""The fencing number: a dispatcher that was replaced cannot write."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gigmarket.domain.errors import Fenced
from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction

pytestmark = pytest.mark.contract


def _take(tx: Transaction) -> int:
    return tx.fence.take("zhangshu", "dispatcher-1")


def _check(tx: Transaction, token: int, city: str = "zhangshu") -> None:
    tx.fence.check(city, token)


def test_each_dispatcher_gets_a_higher_number(store: Store) -> None:
    assert [store.transact_now(_take).value for _ in range(3)] == [1, 2, 3]
    assert store.transact_now(lambda tx: tx.fence.take("gaoan", "dispatcher-2")).value == 1


def test_only_the_newest_number_may_write(store: Store) -> None:
    older = store.transact_now(_take).value
    store.transact_now(_check, older)

    newer = store.transact_now(_take).value

    store.transact_now(_check, newer)
    with pytest.raises(Fenced):
        store.transact_now(_check, older)


def test_nobody_may_write_for_a_city_without_a_dispatcher(store: Store) -> None:
    token = store.transact_now(_take).value

    with pytest.raises(Fenced):
        store.transact_now(_check, token, "gaoan")


def test_numbers_taken_at_once_differ(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = [threads.submit(store.transact_now, _take) for _ in range(8)]

    assert sorted(done.result().value for done in taken) == list(range(1, 9))


def test_a_checked_number_holds_until_the_transaction_ends(store: Store) -> None:
    """A claim that has passed the check commits before the next dispatcher begins."""
    token = store.transact_now(_take).value
    checked, order = threading.Event(), list[str]()

    def claim(tx: Transaction) -> None:
        tx.fence.check("zhangshu", token)
        checked.set()
        # A take that did not wait would get through within this time.
        taken_early = successor.wait(0.3)
        order.append("claim, overtaken" if taken_early else "claim")

    successor = threading.Event()

    def take_over() -> None:
        store.transact_now(_take)
        successor.set()
        order.append("take")

    with ThreadPoolExecutor(2) as threads:
        claiming = threads.submit(store.transact_now, claim)
        assert checked.wait(30)
        taking = threads.submit(take_over)
        claiming.result()
        taking.result()

    assert order == ["claim", "take"]


def test_the_newest_dispatcher_is_known_by_name(store: Store) -> None:
    def holder(tx: Transaction) -> str | None:
        return tx.fence.holder("zhangshu")

    assert store.transact_now(holder).value is None
    store.transact_now(_take)
    assert store.transact_now(holder).value == "dispatcher-1"
    store.transact_now(lambda tx: tx.fence.take("zhangshu", "dispatcher-2"))
    assert store.transact_now(holder).value == "dispatcher-2"
