"""Gigs and the counts over them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.errors import NotFound
from gigmarket.domain.gig import GigStatus, Settlement, Wage, WageUnit
from gigmarket.domain.ids import EmployerId, GigId, OfferId, new_id
from gigmarket.store.reports import Demand
from gigmarket.store.transaction import Transaction
from tests.domain.samples import EMPLOYER, NOW, OTHER_EMPLOYER, SITE, STARTS_AT, seconds
from tests.domain.samples import gig as sample
from tests.store.people import assignment, gig, offer

pytestmark = pytest.mark.contract

SECOND = timedelta(seconds=1)


def _enter(tx: Transaction, number: int, status: GigStatus = GigStatus.OPEN, **changes: Any) -> GigId:
    one = gig(number, status, **changes)
    tx.gigs.add(one)
    return one.id


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"meals": True, "transport": True, "note": "带手套", "headcount": 50},
        {"settlement": Settlement.BY_DATE, "settle_on": date(2025, 7, 1)},
        {"wage": Wage(2**40, WageUnit.PIECE)},
        {"status": GigStatus.CANCELLED, "reserved": 0, "filled": 1},
    ],
)
def test_a_gig_comes_back_as_it_was(tx: Transaction, changes: dict[str, Any]) -> None:
    posted = gig(1, **changes)

    tx.gigs.add(posted)

    assert tx.gigs.get(posted.id) == posted
    assert tx.gigs.lock(posted.id) == posted


def test_an_unknown_gig_is_not_found(tx: Transaction) -> None:
    with pytest.raises(NotFound):
        tx.gigs.get(GigId("g9"))
    with pytest.raises(NotFound):
        tx.gigs.lock(GigId("g9"))


def test_many_gigs_are_found_and_locked_in_order(tx: Transaction) -> None:
    for number in (2, 1, 3):
        _enter(tx, number)
    asked = [GigId("g3"), GigId("g9"), GigId("g1"), GigId("g3")]

    assert tx.gigs.get_many([]) == tx.gigs.lock_many([]) == {}
    assert list(tx.gigs.get_many(asked)) == ["g1", "g3"]
    assert list(tx.gigs.lock_many(asked)) == ["g1", "g3"]


def test_the_gigs_of_offers_are_locked_once_each(tx: Transaction) -> None:
    for number in (1, 2, 3):
        _enter(tx, number)
    tx.offers.add_many([offer(1), offer(2), offer(3, gig=GigId("g2"))])

    assert tx.gigs.lock_free_offered([]) == {}
    found = tx.gigs.lock_free_offered([OfferId(name) for name in ("o3", "o9", "o1", "o2", "o1")])
    assert found == {GigId(name): tx.gigs.get(GigId(name)) for name in ("g1", "g2")}


def test_what_changes_is_saved(tx: Transaction) -> None:
    _enter(tx, 1)
    _enter(tx, 2)
    changed = gig(1, GigStatus.FILLED, filled=1, reserved=1, recruit_until=STARTS_AT)

    tx.gigs.save_many([])
    tx.gigs.save(changed)

    assert tx.gigs.get(changed.id) == changed
    assert tx.gigs.get(GigId("g2")) == gig(2)


def test_free_seats_are_those_of_open_gigs_still_recruiting(tx: Transaction) -> None:
    _enter(tx, 2, reserved=1)
    _enter(tx, 1)
    _enter(tx, 3, reserved=1, filled=1)
    _enter(tx, 4, GigStatus.CANCELLED)
    _enter(tx, 5, recruit_until=NOW)

    assert [found.id for found in tx.gigs.with_free_seats(NOW)] == ["g1", "g2"]
    assert [found.id for found in tx.gigs.with_free_seats(NOW, limit=1)] == ["g1"]


def test_the_clock_moves_gigs_on_when_their_hours_pass(tx: Transaction) -> None:
    until = STARTS_AT + seconds(900)
    _enter(tx, 1, recruit_until=until)
    _enter(tx, 2, GigStatus.FILLED, filled=2)
    _enter(tx, 3, GigStatus.IN_PROGRESS, filled=2)
    _enter(tx, 4, GigStatus.COMPLETED, filled=2)
    _enter(tx, 5, GigStatus.CANCELLED)
    ends_at = gig().draft.ends_at

    assert tx.gigs.due(STARTS_AT - SECOND) == []
    assert set(tx.gigs.due(STARTS_AT)) == {"g2"}
    assert set(tx.gigs.due(until)) == {"g1", "g2"}
    assert set(tx.gigs.due(ends_at)) == {"g1", "g2", "g3"}
    assert len(tx.gigs.due(ends_at, limit=2)) == 2


def test_a_gig_the_clock_cannot_move_takes_no_place_among_the_due(tx: Transaction) -> None:
    ends_at = gig().draft.ends_at
    for number in (1, 2):
        _enter(tx, number, GigStatus.IN_PROGRESS, filled=1)
    tx.offers.add_many([offer(1, gig=GigId("g1"))])
    tx.assignments.add(assignment(1, AssignmentStatus.CHECKED_IN))
    _enter(tx, 3, reserved=1)

    assert tx.gigs.due(ends_at) == ["g2"], "g1 has somebody working, g3 an offer that may be accepted"


def test_an_employers_gigs_come_newest_first_page_by_page(tx: Transaction) -> None:
    for number in (1, 2, 3):
        _enter(tx, number)
    tx.gigs.add(gig(4, employer=OTHER_EMPLOYER))

    first = tx.gigs.of_employer(EMPLOYER, None, 2)
    rest = tx.gigs.of_employer(EMPLOYER, first[-1].id, 2)

    assert [found.id for found in first + rest] == ["g3", "g2", "g1"]
    assert tx.gigs.of_employer(EmployerId("e9"), None, 2) == []


def test_what_is_under_way_is_found_however_old(tx: Transaction) -> None:
    for number, status in enumerate(GigStatus, 1):
        _enter(tx, number, status, filled=1 if status is GigStatus.FILLED else 0)
    tx.gigs.add(gig(7, employer=OTHER_EMPLOYER))

    found = tx.gigs.under_way(EMPLOYER, "g9")

    assert {each.status for each in found} == {GigStatus.OPEN, GigStatus.FILLED, GigStatus.IN_PROGRESS}
    assert [each.id for each in tx.gigs.under_way(EMPLOYER, "g2")] == ["g1"]


def test_what_has_not_begun_can_be_called_off(tx: Transaction) -> None:
    for number, status in enumerate(GigStatus, 1):
        _enter(tx, number, status, filled=1 if status is GigStatus.FILLED else 0)
    tx.gigs.add(gig(7, employer=OTHER_EMPLOYER))

    assert tx.gigs.not_begun(EMPLOYER) == ["g1", "g2"]


def test_recent_gigs_are_found_by_words_as_they_are_written(tx: Transaction) -> None:
    hour = timedelta(hours=1)
    ids = [GigId(new_id(NOW + hour * number, Random(number))) for number in range(3)]
    for one, title in zip(ids, ("搬运", "50%_日结", "搬运"), strict=True):
        tx.gigs.add(replace(gig(1, title=title), id=one))

    def found(since_h: int, words: str) -> list[str]:
        return [each.id for each, _ in tx.gigs.recent(NOW + hour * since_h, words, 9)]

    assert found(0, "") == ids[::-1]
    assert found(1, "") == ids[:0:-1]
    assert found(0, "%_") == [ids[1]]
    assert found(0, "name of e1") == ids[::-1]


def test_demand_counts_the_seats_that_nobody_has_or_holds(tx: Transaction) -> None:
    tx.gigs.add(sample(headcount=5, reserved=1, filled=1))
    _enter(tx, 2, GigStatus.CANCELLED)

    assert tx.reports.demand() == [Demand("porter", SITE.position, 3)]


def test_the_market_is_counted(tx: Transaction) -> None:
    _enter(tx, 1, headcount=5)
    tx.offers.add_many([offer(1), offer(2), offer(3)])
    tx.assignments.add(assignment(1, AssignmentStatus.CHECKED_IN))
    tx.assignments.add(assignment(2, created_at=NOW - SECOND))

    assert tx.reports.pending_offers() == 3
    assert tx.reports.checked_in() == 1
    assert tx.reports.assigned_since(NOW) == 1
    assert tx.reports.assigned_since(NOW - SECOND) == 2


def test_gigs_are_found_by_words_whatever_their_case(tx: Transaction) -> None:
    """SQLite's LIKE does not tell cases apart, PostgreSQL's does."""
    tx.gigs.add(gig(1, title="KTV 保洁"))
    found = [one.id for one, _ in tx.gigs.recent(datetime(1970, 1, 1, tzinfo=UTC), "ktv", 9)]
    assert found == ["g1"]
