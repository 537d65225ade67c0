"""What is asked all day long looks at what is going on, not at everything that ever was.

SQLite tells how it will find rows. A scan of a table that grows for years is else found where it is slow.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gigmarket.domain.ids import EmployerId, GigId, OfferId, StationId
from gigmarket.services.queues import waits
from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.people import WORKERS

GROWING = "assignment|offer|gig|event|session|explanation|idempotency|worker|worker_day|account"
WHOLE = re.compile(rf"SCAN ({GROWING})\b(?! USING (COVERING )?INDEX (\w+))")
BY_INDEX = re.compile(rf"SCAN ({GROWING}) USING (?:COVERING )?INDEX (\w+)")
SHORT = {
    *("assignment_working", "assignment_unpaid", "assignment_missed"),
    *("offer_one_pending", "offer_pending_until", "gig_unfinished", "worker_wanted"),
}
"""Indexes of what is going on, or waits for somebody."""

GIG, EMPLOYER, HALL, MANY = GigId("g1"), EmployerId("e1"), StationId("s1"), list(WORKERS)
DAY = timedelta(days=1)

ASKED: dict[str, Callable[[Transaction], Any]] = {
    "who works on a gig": lambda tx: tx.assignments.working_on(GIG),
    "everybody of a gig": lambda tx: tx.assignments.of_gig(GIG),
    "what workers promised": lambda tx: tx.assignments.working_of(MANY),
    "what workers worked": lambda tx: tx.assignments.hours_of(MANY, NOW - DAY),
    "hours that are over": lambda tx: tx.assignments.due(NOW, 200, 7200),
    "workers' newest": lambda tx: tx.assignments.newest_of(MANY, 50),
    "an employer's newest": lambda tx: tx.assignments.of_employer(EMPLOYER, None, 50),
    "an employer's seats under way": lambda tx: tx.assignments.under_way(EMPLOYER, "z"),
    "gigs that time moves": lambda tx: tx.gigs.due(NOW, 200),
    "gigs with free seats": lambda tx: tx.gigs.with_free_seats(NOW),
    "an employer's gigs": lambda tx: tx.gigs.of_employer(EMPLOYER, None, 50),
    "an employer's gigs under way": lambda tx: tx.gigs.under_way(EMPLOYER, "z"),
    "gigs not begun": lambda tx: tx.gigs.not_begun(EMPLOYER),
    "offers that ran out": lambda tx: tx.offers.due(NOW, 200),
    "offers of a gig": lambda tx: tx.offers.pending_on(GIG),
    "offers of workers": lambda tx: tx.offers.pending_of(MANY),
    "offers of an employer": lambda tx: tx.offers.pending_of_employer(EMPLOYER),
    "offers in a hall": lambda tx: tx.offers.pending_at(HALL),
    "offers on screens": lambda tx: tx.offers.deliveries(50),
    "who had a chance": lambda tx: tx.offers.refused([GIG]),
    "an offer on a screen": lambda tx: tx.offers.delivered([OfferId("o1")], NOW),
    "who wants work": lambda tx: tx.workers.wanted(NOW),
    "who is forgotten": lambda tx: tx.workers.forgotten(NOW, NOW, 200, NOW),
    "a hall": lambda tx: tx.workers.in_hall(HALL),
    "events to forget": lambda tx: tx.streams.forget(NOW, 1000),
    "answers to forget": lambda tx: tx.idempotency.forget(NOW),
    "sessions to forget": lambda tx: tx.accounts.delete_sessions(NOW),
    "reasons to forget": lambda tx: tx.explanations.forget(NOW, 1000),
    "days to forget": lambda tx: tx.days.forget(date(2025, 1, 1)),
    "reasons of a gig": lambda tx: tx.explanations.latest(GIG),
    "standings": lambda tx: tx.days.standings(MANY, date(2025, 1, 1), 14),
    "demand": lambda tx: tx.reports.demand(),
    "asked": lambda tx: tx.reports.pending_offers(),
    "assigned today": lambda tx: tx.reports.assigned_since(NOW),
    "on site": lambda tx: tx.reports.checked_in(),
    "the list of who waits": lambda tx: tx.queues.waiting(waits(tx)).page(None, 50),
    "how many wait": lambda tx: tx.queues.waiting(waits(tx)).count(),
    "the list of the unseen": lambda tx: tx.queues.undelivered(NOW, NOW).page(None, 50),
    "the list of the unpaid": lambda tx: tx.queues.unpaid(date(2025, 1, 1), NOW).page(None, 50),
    "the list of the missed": lambda tx: tx.queues.missed(NOW).page(None, 50),
}


@pytest.fixture
def plans(sqlite: str) -> Iterator[Callable[[Callable[[Transaction], Any]], list[str]]]:
    """How SQLite finds what a question asks for, statement by statement."""
    store = Store(sqlite, clock=lambda: NOW)
    said: list[tuple[str, Any]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        said.append((statement, parameters[0] if many else parameters))

    def plans_of(ask: Callable[[Transaction], Any]) -> list[str]:
        def explain(tx: Transaction) -> list[str]:
            ask(tx)
            statements = [one for one in said if not one[0].startswith("EXPLAIN")]
            driver: Any = tx.connection.connection.driver_connection
            return [
                row[3]
                for sql, given in statements
                for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", given)
            ]

        return store.transact_now(explain).value

    yield plans_of
    store.close()


@pytest.mark.parametrize("question", ASKED)
def test_no_whole_table_is_read(
    plans: Callable[[Callable[[Transaction], Any]], list[str]], question: str
) -> None:
    found = plans(ASKED[question])
    assert found
    whole = [step for step in found if WHOLE.search(step)]
    assert not whole
    assert {index for step in found for _, index in BY_INDEX.findall(step)} <= SHORT


def test_who_worked_for_years_is_found_as_quickly_as_who_came_today(
    plans: Callable[[Callable[[Transaction], Any]], list[str]],
) -> None:
    (step,) = (step for step in plans(ASKED["what workers worked"]) if "assignment" in step)
    assert step.endswith("USING INDEX assignment_hours (worker_id=? AND busy_until>?)")


def test_who_is_there_is_found_by_name(plans: Callable[[Callable[[Transaction], Any]], list[str]]) -> None:
    found = plans(lambda tx: tx.workers.seen_many([(worker, None) for worker in MANY], NOW))
    assert [step for step in found if "worker" in step and not step.endswith("(account_id=?)")] == []
    assert any(step.startswith("SEARCH worker USING INDEX") for step in found)
