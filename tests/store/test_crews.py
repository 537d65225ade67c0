"""Crews, and who is in them: in their order, and nobody in two."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gigmarket.domain.crew import Crew, Together
from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import CrewId, WorkerId
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.people import assignment, gig, offer, waiting

pytestmark = pytest.mark.contract

C1, C2 = CrewId("c1"), CrewId("c2")
W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")
HOUR = timedelta(hours=1)
CREW = Crew(C1, (W2,), "012345", NOW + HOUR)


def test_members_stand_in_the_order_in_which_they_came(tx: Transaction) -> None:
    tx.crews.add(CREW, NOW)
    tx.crews.enter(C1, W1, NOW + timedelta(seconds=1))
    tx.crews.enter(C1, W3, NOW + timedelta(seconds=1))

    whole = replace(CREW, members=(W2, W1, W3))
    assert tx.crews.get_many([C1, CrewId("nobody's")]) == {C1: whole}
    assert tx.crews.lock(C1) == whole
    assert {name: one.crew for name, one in tx.workers.get_many([W1, W2, W3]).items()} == dict.fromkeys(
        (W1, W2, W3), C1
    )


def test_nobody_is_in_two(tx: Transaction) -> None:
    tx.crews.add(CREW, NOW)
    tx.crews.enter(C1, W1, NOW)
    tx.crews.add(Crew(C2, (W1,), "999999", NOW), NOW)

    assert tx.crews.get_many([C1, C2]) == {C1: CREW, C2: Crew(C2, (W1,), "999999", NOW)}


def test_who_quits_is_in_none_and_an_empty_crew_is_nobodys(tx: Transaction) -> None:
    tx.crews.add(CREW, NOW)
    tx.crews.quit(W2)

    assert tx.workers.get(W2).crew is None
    assert tx.crews.get_many([C1]) == {}
    with pytest.raises(NotFound):
        tx.crews.lock(C1)
    tx.crews.remove(C1)
    assert tx.crews.by_code("012345") is None


def test_a_crew_is_found_by_its_code_only_while_it_has_that(tx: Transaction) -> None:
    tx.crews.add(CREW, NOW)
    assert tx.crews.by_code("012345") == C1
    later = replace(CREW, code="543210", code_until=NOW + 2 * HOUR)
    tx.crews.set_code(later)

    assert tx.crews.by_code("012345") is None
    assert tx.crews.by_code("543210") == C1
    assert tx.crews.lock(C1) == later


def test_saving_a_profile_leaves_the_crew_alone(tx: Transaction) -> None:
    tx.crews.add(CREW, NOW)
    tx.workers.save(waiting(W2))

    assert tx.workers.get(W2) == replace(waiting(W2), crew=C1)


@pytest.mark.parametrize("half", ["crew_id = 'c1'", "crew_since = NULL, crew_id = 'c1'"])
def test_nobody_is_in_a_crew_without_a_time(tx: Transaction, half: str) -> None:
    tx.crews.add(CREW, NOW)

    with pytest.raises(DBAPIError, match="worker_crew"):
        tx.connection.execute(text(f"UPDATE worker SET {half} WHERE account_id = 'w1'"))


def test_an_offer_and_an_assignment_keep_with_whom_they_were_made(tx: Transaction) -> None:
    together = Together(C1, W2, 3)
    tx.gigs.add(gig())
    tx.offers.add_many([offer(together=together), offer(2)])
    made = assignment(together=together)
    tx.assignments.add(made)

    assert tx.offers.get(offer().id).together == together
    assert tx.offers.get(offer(2).id).together is None
    assert tx.assignments.get(made.id) == made
