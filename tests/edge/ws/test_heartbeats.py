"""Signs of life reach the index at once, and SQL by and by (`test_sightings`)."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Unavailable
from gigmarket.domain.geo import Datum, Position
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.trade import TRADES
from gigmarket.edge.ws.heartbeats import Heartbeats
from gigmarket.live.connection import LiveDown, connect
from gigmarket.live.index import Index
from gigmarket.services import presence
from gigmarket.services.indexing import sync_workers
from gigmarket.services.market import Market
from gigmarket.wire.values import PositionIn
from tests.services.town import CENTRE, Town
from tests.talking import eventually

NORTH = Position(CENTRE.lat + 0.02, CENTRE.lng)


def told(where: Position) -> PositionIn:
    """As a phone tells it."""
    return PositionIn(lat=where.lat, lng=where.lng, datum=Datum.WGS84)


def seen_at(town: Town, *workers: Actor) -> list[datetime | None]:
    """When SQL heard of them last."""
    names = [one.worker() for one in workers]
    found = town.see(lambda tx: tx.workers.get_many(names))
    return [found[name].presence.seen_at for name in names]


async def test_sql_hears_of_a_worker_once_a_minute(town: Town, market: Market) -> None:
    worker = town.worker()
    await sync_workers(market, town.roster, [worker.worker()])
    heartbeats = Heartbeats(market)
    for seconds, heard in ((60, True), (59, False), (1, True)):
        town.wait(seconds=seconds)
        await heartbeats._flush({worker.worker(): CENTRE})
        await heartbeats.sightings.tell([worker.worker()])
        assert (seen_at(town, worker) == [town.now]) is heard


async def test_who_is_not_in_the_index_is_told_of_at_once(town: Town, market: Market) -> None:
    there, missing = town.worker(), town.worker()
    await sync_workers(market, town.roster, [there.worker()])
    heartbeats = Heartbeats(market)
    await heartbeats._flush({there.worker(): CENTRE})
    town.wait(seconds=0.1)
    await heartbeats._flush({missing.worker(): CENTRE})
    assert seen_at(town, missing) == [town.now]


async def test_who_could_not_be_told_of_is_told_of_with_the_next_sign_of_life(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a minute later: it may be somebody who has just come back."""

    async def locked(*_args: object) -> None:
        raise Unavailable("the database is busy")

    back = town.worker()
    heartbeats = Heartbeats(market)
    with monkeypatch.context() as patched:
        patched.setattr(market.store, "transact", locked)
        with pytest.raises(Unavailable):
            await heartbeats._flush({back.worker(): CENTRE})
    town.wait(seconds=5)
    await heartbeats._flush({back.worker(): CENTRE})
    assert seen_at(town, back) == [town.now]


async def test_a_crowd_is_not_kept_waiting_for_more(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigmarket.edge.ws.heartbeats.FLUSH_S", 3600.0)
    monkeypatch.setattr("gigmarket.edge.ws.heartbeats.CROWD", 2)
    first, second = town.worker(), town.worker()
    await sync_workers(market, town.roster, [first.worker(), second.worker()])
    heartbeats = Heartbeats(market)
    running = asyncio.create_task(heartbeats.run())
    for worker, where in ((first, NORTH), (first, CENTRE), (second, NORTH)):
        heartbeats.beat(worker.worker(), told(where))
    names = [first.worker(), second.worker()]
    async with asyncio.timeout(10):
        while (await market.index.positions(names))[second.worker()].lat < NORTH.lat - 0.001:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert abs((await market.index.positions(names))[first.worker()].lat - CENTRE.lat) < 0.001
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()


async def test_sql_hears_who_is_there_also_while_the_live_store_is_away(
    town: Town, market: Market, tmp_path: Path
) -> None:
    """Half an hour of that would else look as if everybody had left."""
    workers = [town.worker() for _ in range(2)]
    nobody = connect(f"unix://{tmp_path}/nobody")
    market.index = Index(nobody, market.keys, [trade.code for trade in TRADES])
    heartbeats = Heartbeats(market)
    for _ in range(40):
        town.wait(seconds=60)
        with pytest.raises(LiveDown):
            await heartbeats._flush({worker.worker(): CENTRE for worker in workers})
        await heartbeats.sightings.tell(worker.worker() for worker in workers)
    assert seen_at(town, *workers) == [town.now] * 2
    assert town.do(presence.forget_due, town.rules) == 0
    await nobody.aclose()


async def test_the_rest_of_a_crowd_is_not_kept_waiting_either(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigmarket.edge.ws.heartbeats.FLUSH_S", 3600.0)
    monkeypatch.setattr("gigmarket.edge.ws.heartbeats.CROWD", 2)
    flushed: list[set[WorkerId]] = []

    async def flush(_heartbeats: Heartbeats, latest: dict[WorkerId, Position | None]) -> None:
        flushed.append(set(latest))
        if len(flushed) == 1:
            heartbeats.beat(WorkerId("late"), told(NORTH))

    async def both_were() -> bool:
        return len(flushed) == 2

    monkeypatch.setattr(Heartbeats, "_flush", flush)
    heartbeats = Heartbeats(market)
    running = asyncio.create_task(heartbeats.run())
    for name in ("one", "other"):
        heartbeats.beat(WorkerId(name), told(CENTRE))
    await eventually(both_were, "the rest is told")
    assert flushed == [{"one", "other"}, {"late"}]
    running.cancel()
    await asyncio.wait({running})


async def test_a_mere_sign_of_life_waits_for_a_position_or_its_time(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats, (one, other) = Heartbeats(market), (WorkerId("one"), WorkerId("other"))
    assert heartbeats._taken() == {}
    heartbeats.alive(one)
    heartbeats.alive(other)
    assert heartbeats._taken() == {}
    heartbeats.beat(one, told(CENTRE))
    heartbeats.alive(one)
    assert heartbeats._taken() == {one: CENTRE}
    monkeypatch.setattr(heartbeats, "_quiet_until", 0.0)
    assert heartbeats._taken() == {other: None}
    assert heartbeats._taken() == {}


async def test_signs_of_life_are_told_where_nobody_moves(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigmarket.edge.ws.heartbeats.FLUSH_S", 0.0)
    monkeypatch.setattr("gigmarket.edge.ws.heartbeats.QUIET_S", 0.01)
    worker = town.worker()
    await sync_workers(market, town.roster, [worker.worker()])
    town.wait(seconds=60)
    heartbeats = Heartbeats(market)
    running = asyncio.create_task(heartbeats.run())

    async def is_told() -> bool:
        return worker.worker() in heartbeats.sightings._untold

    heartbeats.alive(worker.worker())
    await eventually(is_told, "SQL is to hear of it")
    running.cancel()
    await asyncio.wait({running})
