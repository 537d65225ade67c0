"""The schema itself makes doubles impossible: each constraint attacked by plain SQL, behind our code's back."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from gigmarket.domain.assignment import VACANT, WORKING, AssignmentStatus
from gigmarket.domain.offer import OfferStatus
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.domain.samples import ENDS_AT, NOW, STARTS_AT, seconds
from tests.store.people import gig, offer

pytestmark = pytest.mark.contract

LEAVES = STARTS_AT - seconds(600)


@pytest.fixture
def tx(tx: Transaction) -> Transaction:
    """With two gigs of two seats and four offers answered long ago."""
    tx.gigs.add(gig(1))
    tx.gigs.add(gig(2))
    tx.offers.add_many([offer(number, OfferStatus.ACCEPTED) for number in range(1, 5)])
    return tx


def _refused(tx: Transaction, why: str, statement: str, values: Mapping[str, Any] | None = None) -> None:
    with pytest.raises(DBAPIError, match=why), tx.connection.begin_nested():
        tx.connection.execute(text(statement), values or {})


def _assign(tx: Transaction, number: int, **changes: Any) -> None:
    """A bare row for worker w1 on gig g1, as nobody but an attacker writes it."""
    row = {
        "id": f"a{number}",
        "gig_id": "g1",
        "offer_id": f"o{number}",
        "worker_id": "w1",
        "employer_id": "e1",
        "created_at": NOW,
        "busy_from": LEAVES,
        "busy_until": ENDS_AT,
        "travel_s": 600,
        "status": "confirmed",
        "paid_reason": "",
        "closed_reason": "",
        **changes,
    }
    with tx.connection.begin_nested():
        tx.connection.execute(insert(TABLES["assignment"]), row)


def _offer_row(tx: Transaction, number: int, status: str) -> None:
    row = {
        "id": f"p{number}",
        "gig_id": "g1",
        "worker_id": "w9",
        "employer_id": "e1",
        "travel_s": 1,
        "estimated": True,
        "created_at": NOW,
        "expires_at": NOW,
        "status": status,
        "extended": False,
    }
    with tx.connection.begin_nested():
        tx.connection.execute(insert(TABLES["offer"]), row)


def test_a_worker_holds_one_pending_offer(tx: Transaction) -> None:
    _offer_row(tx, 1, "pending")
    _offer_row(tx, 2, "declined")

    with pytest.raises(DBAPIError, match=r"offer_one_pending|offer\.worker_id"):
        _offer_row(tx, 3, "pending")
    _refused(tx, r"offer_one_pending|offer\.worker_id", "UPDATE offer SET status = 'pending' WHERE id = 'p2'")


@pytest.mark.parametrize(
    "change",
    [
        "filled = 3",
        "reserved = 3",
        "reserved = 2, filled = 1",
        "reserved = -1",
        "filled = -1",
        "reserved = 3, filled = -1",
    ],
)
def test_a_gig_is_never_overfilled(tx: Transaction, change: str) -> None:
    tx.connection.execute(text("UPDATE gig SET reserved = 1, filled = 1 WHERE id = 'g1'"))

    _refused(tx, "gig_seats", f"UPDATE gig SET {change} WHERE id = 'g1'")


@pytest.mark.parametrize("headcount", [0, 51])
def test_a_gig_has_one_to_fifty_seats(tx: Transaction, headcount: int) -> None:
    _refused(tx, "gig_headcount", "UPDATE gig SET headcount = :n WHERE id = 'g1'", {"n": headcount})


def test_a_gig_cannot_shrink_below_its_taken_seats(tx: Transaction) -> None:
    tx.connection.execute(text("UPDATE gig SET filled = 2 WHERE id = 'g1'"))

    _refused(tx, "gig_seats", "UPDATE gig SET headcount = 1 WHERE id = 'g1'")


def test_a_gig_ends_after_it_starts(tx: Transaction) -> None:
    _refused(tx, "gig_hours", "UPDATE gig SET ends_at = starts_at WHERE id = 'g1'")


def test_an_offer_leads_to_one_assignment(tx: Transaction) -> None:
    _assign(tx, 1)

    with pytest.raises(DBAPIError, match="offer_id"):
        _assign(tx, 2, offer_id="o1", worker_id="w2")


def test_a_worker_has_one_seat_on_a_gig_unless_it_was_vacated(tx: Transaction) -> None:
    _assign(tx, 1, status="completed")

    with pytest.raises(DBAPIError, match=r"assignment_one_seat|assignment\.gig_id"):
        _assign(tx, 2, status="completed")
    tx.connection.execute(text("UPDATE assignment SET status = 'no_show' WHERE id = 'a1'"))
    _assign(tx, 2, status="completed")


@pytest.mark.parametrize(
    "hours",
    [
        {},
        {"busy_from": LEAVES - seconds(60), "busy_until": LEAVES + seconds(1)},
        {"busy_from": ENDS_AT - seconds(1), "busy_until": ENDS_AT + seconds(60)},
        {"busy_from": LEAVES + seconds(1), "busy_until": ENDS_AT - seconds(1)},
        {"busy_from": LEAVES - seconds(1), "busy_until": ENDS_AT + seconds(1)},
    ],
)
@pytest.mark.parametrize("status", sorted(WORKING))
def test_no_worker_is_in_two_places(tx: Transaction, hours: dict[str, Any], status: AssignmentStatus) -> None:
    _assign(tx, 1, status=status.value)

    with pytest.raises(DBAPIError, match="assignment_no_overlap"):
        _assign(tx, 2, gig_id="g2", **hours)


@pytest.mark.parametrize(
    "hours",
    [
        {"busy_from": LEAVES - seconds(60), "busy_until": LEAVES},
        {"busy_from": ENDS_AT, "busy_until": ENDS_AT + seconds(60)},
    ],
)
def test_hours_that_only_touch_do_not_overlap(tx: Transaction, hours: dict[str, Any]) -> None:
    _assign(tx, 1)

    _assign(tx, 2, gig_id="g2", **hours)


@pytest.mark.parametrize("status", sorted(set(AssignmentStatus) - WORKING))
def test_what_was_vacated_or_is_done_takes_no_hours(tx: Transaction, status: AssignmentStatus) -> None:
    _assign(tx, 1, status=status.value)

    _assign(tx, 2, gig_id="g2")


def test_two_workers_may_work_the_same_hours(tx: Transaction) -> None:
    _assign(tx, 1)

    _assign(tx, 2, worker_id="w2")


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"busy_from": ENDS_AT, "busy_until": ENDS_AT + seconds(60)}, {"busy_from": ENDS_AT - seconds(1)}),
        ({"busy_from": LEAVES - seconds(60), "busy_until": LEAVES}, {"busy_until": LEAVES + seconds(1)}),
        ({"worker_id": "w2"}, {"worker_id": "w1"}),
        *(({"status": status.value}, {"status": "confirmed"}) for status in sorted(VACANT)),
        ({"status": "completed"}, {"status": "checked_in"}),
    ],
)
def test_nor_is_one_moved_there_later(tx: Transaction, before: dict[str, Any], change: dict[str, Any]) -> None:
    table = TABLES["assignment"]
    _assign(tx, 1)
    _assign(tx, 2, gig_id="g2", **before)

    with pytest.raises(DBAPIError, match="assignment_no_overlap"), tx.connection.begin_nested():
        tx.connection.execute(update(table).where(table.c.id == "a2").values(change))


def test_an_assignment_may_change_in_its_own_hours(tx: Transaction) -> None:
    _assign(tx, 1)

    tx.connection.execute(text("UPDATE assignment SET status = 'checked_in' WHERE id = 'a1'"))


def test_wages_are_not_negative(tx: Transaction) -> None:
    _assign(tx, 1)

    _refused(tx, "assignment_paid", "UPDATE assignment SET paid_fen = -1 WHERE id = 'a1'")


def test_a_key_has_one_answer(tx: Transaction) -> None:
    row = {"account_id": "w1", "key": "k", "fingerprint": "f", "status": 200, "body": "{}", "at": NOW}
    tx.connection.execute(insert(TABLES["idempotency"]), row)

    with pytest.raises(DBAPIError, match="idempotency"), tx.connection.begin_nested():
        tx.connection.execute(insert(TABLES["idempotency"]), {**row, "fingerprint": "g"})


def test_a_seq_is_given_once(tx: Transaction) -> None:
    row = {"principal": "worker:w1", "seq": 1, "kind": "note", "data": "{}", "at": NOW}
    tx.connection.execute(insert(TABLES["event"]), row)

    with pytest.raises(DBAPIError, match=r"event_by_principal|event\.principal"), tx.connection.begin_nested():
        tx.connection.execute(insert(TABLES["event"]), row)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE offer SET gig_id = 'g9' WHERE id = 'o1'",
        "UPDATE offer SET worker_id = 'nobody' WHERE id = 'o1'",
        "UPDATE gig SET employer_id = 'nobody' WHERE id = 'g1'",
        "DELETE FROM account WHERE id = 'w1'",
        "DELETE FROM gig WHERE id = 'g1'",
    ],
)
def test_nothing_points_at_what_is_not_there(tx: Transaction, statement: str) -> None:
    _refused(tx, r"(?i)foreign key", statement)
