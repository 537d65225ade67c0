"""Assignments."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.assignment import clashes as clashing
from gigmarket.domain.errors import NotFound, Overlap
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, WorkerId
from gigmarket.store.transaction import Transaction, savepoint
from tests.domain.samples import EMPLOYER, ENDS_AT, NOW, OTHER_EMPLOYER, STARTS_AT, seconds
from tests.store.people import assignment, gig, offer

pytestmark = pytest.mark.contract

W1 = WorkerId("w1")


@pytest.fixture
def tx(tx: Transaction) -> Transaction:
    """With two gigs and accepted offers o1 … o6."""
    tx.gigs.add(gig(1, headcount=9))
    tx.gigs.add(gig(2, headcount=9))
    tx.offers.add_many([offer(number) for number in range(1, 7)])
    return tx


def test_an_assignment_comes_back_as_it_was(tx: Transaction) -> None:
    paid = assignment(
        1,
        AssignmentStatus.SETTLED,
        due_fen=None,
        checked_in_at=NOW,
        checked_out_at=NOW + seconds(1),
        paid_fen=2**40,
        paid_at=NOW + seconds(2),
        paid_reason="加班",
        settled_at=NOW + seconds(3),
        closed_reason="没有",
    )

    tx.assignments.add(paid)
    tx.assignments.add(assignment(2))

    assert tx.assignments.get(paid.id) == paid
    assert tx.assignments.get(AssignmentId("a2")) == assignment(2)
    assert tx.assignments.of_offer(OfferId("o1")) == paid
    assert tx.assignments.of_offer(OfferId("o3")) is None
    with pytest.raises(NotFound):
        tx.assignments.get(AssignmentId("a9"))


def test_what_changes_is_saved(tx: Transaction) -> None:
    tx.assignments.add(assignment(1))
    tx.assignments.add(assignment(2))
    here = replace(assignment(1), status=AssignmentStatus.CHECKED_IN, checked_in_at=NOW)

    tx.assignments.save_many([])
    tx.assignments.save(here)

    assert tx.assignments.get(here.id) == here
    assert tx.assignments.get(AssignmentId("a2")) == assignment(2)


@pytest.mark.parametrize(
    ("hours", "clashes"),
    [
        ({}, True),
        ({"busy_from": NOW, "busy_until": STARTS_AT}, True),
        ({"busy_from": ENDS_AT - seconds(1), "busy_until": ENDS_AT + seconds(9)}, True),
        ({"busy_from": ENDS_AT, "busy_until": ENDS_AT + seconds(9)}, False),
        ({"busy_from": NOW, "busy_until": STARTS_AT - seconds(600)}, False),
    ],
)
def test_taken_hours_are_refused(tx: Transaction, hours: dict[str, Any], clashes: bool) -> None:
    tx.assignments.add(assignment(1))
    second = assignment(2, worker=W1, gig=GigId("g2"), **hours)

    assert clashing(second, tx.assignments.working_of([W1])[W1]) is clashes
    if clashes:
        with pytest.raises(DBAPIError), savepoint(tx.connection, "unasked"):
            tx.assignments.add_many([assignment(3), second])
        with pytest.raises(Overlap):
            tx.assignments.add(second)
    else:
        tx.assignments.add_many([])
        tx.assignments.add(second)
    assert len(tx.assignments.of_worker(W1, None, 9)) == (1 if clashes else 2)


def test_a_gigs_assignments_are_all_listed_but_only_working_ones_count(tx: Transaction) -> None:
    statuses = [
        AssignmentStatus.CONFIRMED,
        AssignmentStatus.CHECKED_IN,
        AssignmentStatus.COMPLETED,
        AssignmentStatus.NO_SHOW,
    ]
    for number, status in enumerate(statuses, start=1):
        tx.assignments.add(assignment(number, status))
    tx.assignments.add(assignment(5, gig=GigId("g2")))

    assert [found.id for found in tx.assignments.of_gig(GigId("g1"))] == ["a1", "a2", "a3", "a4"]
    assert tx.assignments.working_on(GigId("g1")) == 2
    assert tx.assignments.working_on(GigId("g9")) == 0
    assert tx.assignments.checked_in_workers() == {"w2"}


def test_the_working_assignments_of_workers(tx: Transaction) -> None:
    later: dict[str, Any] = {"busy_from": ENDS_AT, "busy_until": ENDS_AT + seconds(60)}
    tx.assignments.add(assignment(1))
    tx.assignments.add(assignment(2, worker=W1, gig=GigId("g2"), **later))
    tx.assignments.add(assignment(3, AssignmentStatus.COMPLETED))

    found = tx.assignments.working_of([W1, WorkerId("w3"), WorkerId("nobody")])

    assert tx.assignments.working_of([]) == {}
    assert {worker: {one.id for one in many} for worker, many in found.items()} == {"w1": {"a1", "a2"}}


def test_both_sides_page_through_theirs_newest_first(tx: Transaction) -> None:
    for number in (1, 2, 3):
        done = AssignmentStatus.CANCELLED_BY_WORKER
        tx.assignments.add(assignment(number, done, worker=W1))
    tx.assignments.add(assignment(4, employer=OTHER_EMPLOYER))

    first = tx.assignments.of_worker(W1, None, 2)
    rest = tx.assignments.of_worker(W1, first[-1].id, 2)
    employers = tx.assignments.of_employer(EMPLOYER, None, 9)

    assert [found.id for found in first + rest] == ["a3", "a2", "a1"]
    assert employers == first + rest
    assert tx.assignments.of_employer(EMPLOYER, "a2", 9) == rest


def test_what_is_under_way_is_found_however_old(tx: Transaction) -> None:
    for number, status in enumerate(AssignmentStatus, 1):
        if number <= 6:
            tx.assignments.add(assignment(number, status, worker=WorkerId(f"w{number}")))

    found = tx.assignments.under_way(EMPLOYER, "a9")

    open_ = {AssignmentStatus.CONFIRMED, AssignmentStatus.CHECKED_IN}
    owed = {AssignmentStatus.COMPLETED, AssignmentStatus.DISPUTED}
    assert {each.status for each in found} == open_ | owed
    paid = next(each for each in found if each.status is AssignmentStatus.COMPLETED)
    tx.assignments.save(replace(paid, paid_fen=18_000))
    assert paid.id not in {each.id for each in tx.assignments.under_way(EMPLOYER, "a9")}
    assert {each.id for each in tx.assignments.under_way(EMPLOYER, "a2")} == {"a1"}
    assert tx.assignments.under_way(OTHER_EMPLOYER, "a9") == []


def test_who_works_for_whom(tx: Transaction) -> None:
    tx.assignments.add(assignment(1, AssignmentStatus.SETTLED, worker=W1))
    tx.assignments.add(assignment(2, AssignmentStatus.COMPLETED, worker=W1, gig=GigId("g2")))
    tx.assignments.add(assignment(3, AssignmentStatus.NO_SHOW, worker=W1, employer=OTHER_EMPLOYER))
    tx.assignments.add(assignment(4))

    assert tx.assignments.with_employers(W1) == {EMPLOYER: ["a1", "a2"], OTHER_EMPLOYER: ["a3"]}
    assert tx.assignments.with_employers(WorkerId("w9")) == {}
    assert tx.assignments.gigs_of_workers(EMPLOYER) == {W1: {"g1", "g2"}, WorkerId("w4"): {"g1"}}


def test_assignments_are_due_after_their_hours(tx: Transaction) -> None:
    tx.assignments.add(assignment(1))
    tx.assignments.add(assignment(2, AssignmentStatus.CHECKED_IN))
    tx.assignments.add(assignment(3, AssignmentStatus.COMPLETED))

    assert tx.assignments.due(ENDS_AT - seconds(1)) == []
    assert {found.id for found in tx.assignments.due(ENDS_AT)} == {"a1", "a2"}
    assert len(tx.assignments.due(ENDS_AT, limit=1)) == 1


def test_who_forgot_to_check_out_is_due_later(tx: Transaction) -> None:
    """Those the clock can't move yet take no place among the due."""
    tx.assignments.add(assignment(1, AssignmentStatus.CHECKED_IN))
    tx.assignments.add(assignment(2))

    assert [found.id for found in tx.assignments.due(ENDS_AT, 9, patience_s=60)] == ["a2"]
    assert {found.id for found in tx.assignments.due(ENDS_AT + seconds(60), 9, patience_s=60)} == {"a1", "a2"}


def test_who_handed_in_late_that_he_came_is_due_as_much_later(tx: Transaction) -> None:
    told = ENDS_AT + seconds(600)
    tx.assignments.add(assignment(1, AssignmentStatus.CHECKED_IN, handed_in_at=told))

    assert tx.assignments.due(told + seconds(59), 9, patience_s=60) == []
    assert [found.id for found in tx.assignments.due(told + seconds(60), 9, patience_s=60)] == ["a1"]


def test_the_hours_of_a_worker_are_those_he_promised_or_worked(tx: Transaction) -> None:
    for number, status in enumerate((AssignmentStatus.SETTLED, AssignmentStatus.NO_SHOW), 1):
        tx.assignments.add(assignment(number, status, worker=W1, gig=GigId(f"g{number}")))
    tx.assignments.add(assignment(3, AssignmentStatus.CANCELLED_BY_EMPLOYER, worker=W1))

    found = tx.assignments.hours_of([W1, WorkerId("nobody")], ENDS_AT - seconds(1))

    assert {worker: [one.id for one in many] for worker, many in found.items()} == {W1: ["a1"]}
    assert tx.assignments.hours_of([W1], ENDS_AT) == tx.assignments.hours_of([], NOW) == {}


def test_the_newest_of_each_worker_come_first_and_no_more_than_asked(tx: Transaction) -> None:
    for number in (1, 2, 3):
        tx.assignments.add(assignment(number, AssignmentStatus.CANCELLED_BY_WORKER, worker=W1))
    tx.assignments.add(assignment(4))

    found = tx.assignments.newest_of([W1, WorkerId("w4")], 2)

    assert {worker: [one.id for one in many] for worker, many in found.items()} == {
        W1: ["a3", "a2"],
        "w4": ["a4"],
    }
    assert tx.assignments.newest_of([], 2) == {}


def test_the_wages_of_a_month_are_those_of_gigs_that_begin_in_it(tx: Transaction) -> None:
    tx.assignments.add(assignment(1, AssignmentStatus.SETTLED, paid_fen=7))
    month = timedelta(days=30)

    def paid(since: datetime, until: datetime) -> list[int | None]:
        return [wage.paid_fen for wage in tx.assignments.wages_of(W1, since, until)]

    assert paid(STARTS_AT, STARTS_AT + month) == [7]
    assert paid(STARTS_AT - month, STARTS_AT) == []
    assert paid(STARTS_AT - month, STARTS_AT + seconds(1)) == [7]
    assert tx.assignments.wages_of(WorkerId("w2"), STARTS_AT, STARTS_AT + month) == []
