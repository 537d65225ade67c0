"""The ledger of workers' days."""

from datetime import date, timedelta

import pytest

from gigmarket.domain.fairness import Day, Standing
from gigmarket.domain.ids import WorkerId
from gigmarket.store.transaction import Transaction

pytestmark = pytest.mark.contract

W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")
TODAY = date(2026, 3, 20)
HOUR = 3600


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_what_is_added_to_a_day_adds_up(tx: Transaction) -> None:
    tx.days.add([Day(W1, TODAY, available_s=100), Day(W2, TODAY, offers=1)])
    tx.days.add([Day(W1, TODAY, available_s=50, worked_s=20), Day(W1, TODAY, offers=1)])

    assert tx.days.standings(None, TODAY, 14) == {
        W1: Standing(150, 20, 1, 1, TODAY, offers=1),
        W2: Standing(offers=1),
    }


def test_adding_nothing_writes_nothing(tx: Transaction) -> None:
    tx.days.add([])

    assert tx.days.standings(None, TODAY, 14) == {}


def test_sums_reach_back_over_the_policys_days_and_no_further(tx: Transaction) -> None:
    tx.days.add([Day(W1, ago(days), available_s=HOUR, worked_s=HOUR) for days in (0, 13, 14)])

    assert tx.days.standings([W1], TODAY, 14) == {W1: Standing(2 * HOUR, 2 * HOUR, 2, 2, TODAY)}
    assert tx.days.standings([W1], TODAY, 15)[W1].worked_s == 3 * HOUR


def test_only_those_asked_for_are_told(tx: Transaction) -> None:
    tx.days.add([Day(worker, TODAY, available_s=1) for worker in (W1, W2)])

    assert tx.days.standings([W2, W3], TODAY, 14) == {W2: Standing(available_s=1, days_available=1)}
    assert tx.days.standings([], TODAY, 14) == {}


def test_days_without_work_count_since_the_last_one_with_work(tx: Transaction) -> None:
    tx.days.add([Day(W1, ago(days), available_s=HOUR) for days in (0, 1, 2, 4, 5)])
    tx.days.add([Day(W1, ago(3), available_s=HOUR, worked_s=60), Day(W1, ago(2), available_s=-60)])

    standing = tx.days.standings([W1], TODAY, 14)[W1]

    assert standing.last_worked == ago(3)
    assert standing.idle_days == 1, "today is not over, and the day with less than an hour does not count"


def test_who_never_worked_was_idle_on_every_day(tx: Transaction) -> None:
    tx.days.add([Day(W1, ago(days), available_s=HOUR) for days in range(5)])

    assert tx.days.standings([W1], TODAY, 14)[W1] == Standing(5 * HOUR, days_available=5, idle_days=4)


def test_old_days_are_forgotten(tx: Transaction) -> None:
    tx.days.add([Day(W1, ago(days), available_s=1) for days in (89, 90, 91)])

    assert tx.days.forget(ago(90)) == 1
    assert tx.days.standings([W1], TODAY, 100)[W1].available_s == 2
