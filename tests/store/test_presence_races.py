"""Who leaves or is kept out while somebody else is at work on him, on PostgreSQL: SQLite has one writer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gigmarket.domain.gig import GigStatus
from gigmarket.domain.ids import AccountId, GigId, Role
from gigmarket.domain.matching import Proposal
from gigmarket.services import gigs, presence, suspensions
from gigmarket.services.claims import claim
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction
from gigmarket.wire.desk import SuspensionIn
from tests.domain.samples import EMPLOYER, NOW, draft, seconds
from tests.store.behind import behind
from tests.store.people import WORKERS, actor, gig, waiting

pytestmark = pytest.mark.contract

RULES = Rules()
G1 = GigId("g1")
ME = WORKERS[0]


@pytest.fixture
def store(postgresql: str) -> Iterator[Store]:
    """A store whose clock stands at NOW."""
    opened = Store(postgresql, clock=lambda: NOW)
    yield opened
    opened.close()


def _offering(store: Store) -> Callable[[Transaction], Any]:
    """A round that offers the one seat to the one worker who waits."""
    token = store.transact_now(lambda tx: tx.fence.take(RULES.city, "dispatcher")).value
    store.transact_now(lambda tx: tx.workers.save(waiting(ME)))
    store.transact_now(lambda tx: tx.gigs.add(gig(1)))
    return lambda tx: claim(tx, RULES, token, [Proposal(G1, ME, 60, 60.0)])


def _left(store: Store) -> tuple[bool, int, int]:
    """Whether the worker wants work, his pending offers, and seats that are reserved."""

    def look(tx: Transaction) -> tuple[bool, int, int]:
        return tx.workers.get(ME).presence.wanted, len(tx.offers.pending_of([ME])), tx.gigs.get(G1).reserved

    return store.read_now(look)


async def test_who_goes_offline_while_a_round_makes_him_an_offer_keeps_none(store: Store) -> None:
    await behind(store, _offering(store), presence.go_offline, ME)
    assert _left(store) == (False, 0, 0)


async def test_nor_does_who_is_suspended(store: Store) -> None:
    desk, why = actor("e1", Role.STAFF), SuspensionIn(reason="test")
    await behind(store, _offering(store), suspensions.suspend, RULES, desk, AccountId(ME), why)
    assert _left(store) == (False, 0, 0)


async def test_who_is_heard_of_again_at_that_moment_is_not_forgotten(store: Store) -> None:
    store.transact_now(lambda tx: tx.gigs.add(gig(1)))
    long_ago = NOW - seconds(RULES.policy.forget_s + 1)
    store.transact_now(lambda tx: tx.workers.save(waiting(ME, seen_at=long_ago, since=long_ago)))

    def comes_back(tx: Transaction) -> None:
        here = tx.workers.get(ME).presence.position
        presence.go_available(tx, actor(ME), here, None, False)

    assert await behind(store, comes_back, presence.forget_due, RULES) == 0
    assert _left(store) == (True, 0, 0)


async def test_what_an_employer_posts_while_he_is_suspended_is_called_off(store: Store) -> None:
    desk, why = actor("w20", Role.STAFF), SuspensionIn(reason="test")
    posted: list[GigId] = []

    def post(tx: Transaction) -> None:
        posted.append(GigId(gigs.post(tx, RULES, EMPLOYER, draft()).id))

    await behind(store, post, suspensions.suspend, RULES, desk, AccountId(EMPLOYER), why)
    assert store.read_now(lambda tx: tx.gigs.get(posted[0])).status is GigStatus.CANCELLED
