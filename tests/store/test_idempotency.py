"""First answers by key."""

from datetime import timedelta

import pytest

from gigmarket.domain.errors import IdempotencyMismatch
from gigmarket.domain.ids import AccountId
from gigmarket.store.idempotency import Answer, Answered
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW

pytestmark = pytest.mark.contract

W1, W2 = AccountId("w1"), AccountId("w2")
ANSWER = Answer(201, '{"name":"搬运"}'.encode())


def test_the_first_answer_is_kept(tx: Transaction) -> None:
    assert tx.idempotency.find(W1, "k", "print") is None

    tx.idempotency.add(W1, "k", "print", ANSWER, NOW)

    assert tx.idempotency.find(W1, "k", "print") == ANSWER


def test_a_key_is_its_accounts_own(tx: Transaction) -> None:
    tx.idempotency.add(W1, "k", "print", ANSWER, NOW)

    assert tx.idempotency.find(W2, "k", "another print") is None
    assert tx.idempotency.find(W1, "K", "another print") is None


def test_of_many_keys_those_are_known_that_were_answered(tx: Transaction) -> None:
    tx.idempotency.add_many([], NOW)
    tx.idempotency.add_many([Answered(W1, "k", "print", ANSWER), Answered(W2, "other", "print", ANSWER)], NOW)

    assert tx.idempotency.known({}) == set()
    assert tx.idempotency.known({W1: "k", W2: "k"}) == {W1}
    assert tx.idempotency.known({W1: "other", W2: "other"}) == {W2}
    assert tx.idempotency.known({W1: "other", W2: "k"}) == set(), "each key is the other's"
    assert tx.idempotency.find(W2, "other", "print") == ANSWER


def test_another_request_under_the_key_is_refused(tx: Transaction) -> None:
    tx.idempotency.add(W1, "k", "print", ANSWER, NOW)

    with pytest.raises(IdempotencyMismatch):
        tx.idempotency.find(W1, "k", "another print")


def test_old_answers_are_forgotten(tx: Transaction) -> None:
    tx.idempotency.add(W1, "old", "print", ANSWER, NOW - timedelta(microseconds=1))
    tx.idempotency.add(W1, "new", "print", ANSWER, NOW)

    assert tx.idempotency.forget(NOW) == 1

    assert tx.idempotency.find(W1, "old", "print") is None
    assert tx.idempotency.find(W1, "new", "print") == ANSWER
