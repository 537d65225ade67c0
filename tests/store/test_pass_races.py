"""Papers printed twice at once, on PostgreSQL: SQLite has one writer."""

from collections.abc import Iterator

import pytest

from gigmarket.domain.grant import PassKind
from gigmarket.domain.ids import AssignmentId, Role
from gigmarket.services import passes
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.behind import behind
from tests.store.people import WORKERS, actor, assignment, gig, offer

pytestmark = pytest.mark.contract

RULES = Rules()
ME = WORKERS[0]
CLERK = actor("e1", Role.CLERK)


@pytest.fixture
def store(postgresql: str) -> Iterator[Store]:
    """A store whose clock stands at NOW."""
    opened = Store(postgresql, clock=lambda: NOW)
    yield opened
    opened.close()


def _valid(store: Store, kind: PassKind) -> list[str]:
    return [one.id for one in store.read_now(lambda tx: tx.passes.valid_of(ME, kind))]


async def test_of_two_cards_printed_at_once_one_is_good(store: Store) -> None:
    phone = store.read_now(lambda tx: tx.accounts.get_many([ME])[ME].phone)
    last = await behind(
        store, lambda tx: passes.card(tx, RULES, CLERK, phone), passes.card, RULES, CLERK, phone
    )
    assert _valid(store, PassKind.CARD) == [last.id]


async def test_a_ticket_printed_twice_at_once_is_one(store: Store) -> None:
    def hired(tx: Transaction) -> None:
        tx.gigs.add(gig(1, filled=1))
        tx.offers.add_many([offer(1)])
        tx.assignments.add(assignment(1))

    store.transact_now(hired)
    mine = AssignmentId("a1")
    last = await behind(
        store, lambda tx: passes.ticket(tx, RULES, actor(ME), mine), passes.ticket, RULES, actor(ME), mine
    )
    assert _valid(store, PassKind.TICKET) == [last.id]
