"""One worker's crew changed from two sides at once, on PostgreSQL: SQLite has one writer."""

from collections.abc import Iterator

import pytest

from gigmarket.domain.ids import CrewId, WorkerId
from gigmarket.services import crews
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from gigmarket.store.failures import Locked
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.behind import behind
from tests.store.people import WORKERS, actor

pytestmark = pytest.mark.contract

RULES = Rules()
FIRST, SECOND, ME = WORKERS[:3]


@pytest.fixture
def store(postgresql: str) -> Iterator[Store]:
    """A store whose clock stands at NOW."""
    opened = Store(postgresql, clock=lambda: NOW)
    yield opened
    opened.close()


def _code(store: Store, leader: WorkerId) -> str:
    """The code of a crew of this worker's own."""
    answer = store.transact_now(crews.open_crew, RULES, actor(leader)).value
    assert answer.crew is not None
    assert answer.crew.code is not None
    return answer.crew.code


def _crews(store: Store) -> list[list[WorkerId]]:
    """Everybody's crews, and crews that nobody is in."""

    def look(tx: Transaction) -> list[list[WorkerId]]:
        ids = [CrewId(name) for (name,) in tx.connection.exec_driver_sql("SELECT id FROM crew")]
        known = tx.crews.get_many(ids)
        return sorted(list(known[name].members) if name in known else [] for name in ids)

    return store.read_now(look)


async def test_who_joins_another_crew_while_his_leader_goes_on_without_him(store: Store) -> None:
    mine, other = _code(store, FIRST), _code(store, SECOND)
    store.transact_now(crews.join, RULES, actor(ME), mine)
    with pytest.raises(Locked):
        await behind(
            store,
            lambda tx: crews.remove(tx, RULES, actor(FIRST), ME),
            *(crews.join, RULES, actor(ME), other),
        )
    assert _crews(store) == [[FIRST], [SECOND]]
    store.transact_now(crews.join, RULES, actor(ME), other)
    assert _crews(store) == [[FIRST], [SECOND, ME]]


async def test_who_joins_a_crew_while_another_screen_founds_one(store: Store) -> None:
    other = _code(store, SECOND)
    with pytest.raises(Locked):
        await behind(
            store, lambda tx: crews.open_crew(tx, RULES, actor(ME)), *(crews.join, RULES, actor(ME), other)
        )
    assert _crews(store) == [[SECOND], [ME]]
