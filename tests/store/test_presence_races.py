"""Who leaves or is kept out while somebody else is at work on him, on PostgreSQL: SQLite has one writer."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

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


async def _behind(
    store: Store, first: Callable[[Transaction], Any], second: Callable[..., Any], *args: Any
) -> Any:
    """What `second(tx, *args)` returns that begins while `first` has done its work and is not committed yet,
    comes as far as a row that `first` holds, and goes on after its commit.
    """
    held, release = threading.Event(), threading.Event()

    def step(tx: Transaction) -> None:
        first(tx)
        held.set()
        # Who says nothing for long is ended by the server.
        while not release.wait(0.5):
            tx.connection.exec_driver_sql("SELECT 1")

    holding = asyncio.create_task(store.transact(step))
    await asyncio.to_thread(held.wait)
    waits = asyncio.create_task(store.transact(second, *args))
    try:
        while not await store.read(_somebody_waits):
            assert not waits.done()
    finally:
        release.set()
        await holding
    return (await waits).value


def _somebody_waits(tx: Transaction) -> bool:
    return bool(tx.connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


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
    await _behind(store, _offering(store), presence.go_offline, ME)
    assert _left(store) == (False, 0, 0)


async def test_nor_does_who_is_suspended(store: Store) -> None:
    desk, why = actor("e1", Role.STAFF), SuspensionIn(reason="test")
    await _behind(store, _offering(store), suspensions.suspend, RULES, desk, AccountId(ME), why)
    assert _left(store) == (False, 0, 0)


async def test_who_is_heard_of_again_at_that_moment_is_not_forgotten(store: Store) -> None:
    store.transact_now(lambda tx: tx.gigs.add(gig(1)))
    long_ago = NOW - seconds(RULES.policy.forget_s + 1)
    store.transact_now(lambda tx: tx.workers.save(waiting(ME, seen_at=long_ago, since=long_ago)))

    def comes_back(tx: Transaction) -> None:
        here = tx.workers.get(ME).presence.position
        presence.go_available(tx, actor(ME), here, None, False)

    assert await _behind(store, comes_back, presence.forget_due, RULES) == 0
    assert _left(store) == (True, 0, 0)


async def test_what_an_employer_posts_while_he_is_suspended_is_called_off(store: Store) -> None:
    desk, why = actor("w20", Role.STAFF), SuspensionIn(reason="test")
    posted: list[GigId] = []

    def post(tx: Transaction) -> None:
        posted.append(GigId(gigs.post(tx, RULES, EMPLOYER, draft()).id))

    await _behind(store, post, suspensions.suspend, RULES, desk, AccountId(EMPLOYER), why)
    assert store.read_now(lambda tx: tx.gigs.get(posted[0])).status is GigStatus.CANCELLED
