"""SQL hears of everybody who is there, a few at a time."""

import asyncio
from typing import Any

import pytest

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.geo import Position
from gigmarket.edge.ws.sightings import Sightings
from gigmarket.services.market import Market
from tests.services.town import CENTRE, Town
from tests.talking import eventually

NORTH = Position(CENTRE.lat + 0.02, CENTRE.lng)


async def test_so_few_at_once_that_others_come_in_between(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigmarket.edge.ws.sightings.AT_ONCE", 2)
    workers = sorted(town.worker().worker() for _ in range(5))
    town.wait(seconds=60)
    sightings, sizes, transact = Sightings(market), list[int](), market.store.transact

    async def noted(fn: Any, few: Any, *rest: Any) -> Any:
        sizes.append(len(few))
        return await transact(fn, few, *rest)

    monkeypatch.setattr(market.store, "transact", noted)
    for worker in workers:
        sightings.add(worker, None)
    await sightings.tell(workers)
    await sightings.tell(workers)
    assert sizes == [2, 2, 1]
    found = town.see(lambda tx: tx.workers.get_many(workers))
    assert [found[worker].presence.seen_at for worker in workers] == [town.now] * 5


async def test_a_sign_of_life_does_not_take_back_a_place_that_waits(town: Town, market: Market) -> None:
    moved, sightings = town.worker().worker(), Sightings(market)
    sightings.add(moved, NORTH)
    sightings.add(moved, None)
    await sightings.tell([moved])
    assert town.see(lambda tx: tx.workers.get(moved)).presence.position == NORTH


async def test_what_comes_while_sql_is_being_told_is_told_next(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, sightings, transact = town.worker().worker(), Sightings(market), market.store.transact

    async def meanwhile(*args: Any) -> Any:
        sightings.add(moved, NORTH)
        return await transact(*args)

    sightings.add(moved, CENTRE)
    with monkeypatch.context() as slow:
        slow.setattr(market.store, "transact", meanwhile)
        await sightings.tell([moved])
    await sightings.tell([moved])
    assert town.see(lambda tx: tx.workers.get(moved)).presence.position == NORTH


async def test_what_sql_could_not_be_told_it_is_told_later(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigmarket.edge.ws.sightings.TELL_S", 0.0)
    worker, sightings, transact, tries = town.worker().worker(), Sightings(market), market.store.transact, 0
    town.wait(seconds=60)

    async def away_at_first(*args: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise Unavailable("the database does not answer")
        return await transact(*args)

    monkeypatch.setattr(market.store, "transact", away_at_first)
    running = asyncio.create_task(sightings.run())
    sightings.add(worker, None)

    async def was_seen() -> bool:
        return town.see(lambda tx: tx.workers.get(worker)).presence.seen_at == town.now

    await eventually(was_seen, "SQL hears of it")
    assert tries == 3
    running.cancel()
    await asyncio.wait({running})
