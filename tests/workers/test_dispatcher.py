"""Two dispatchers of one city: one leads, the other takes over, and the first writes no more."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gigmarket.domain import draw
from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import OfferId, WorkerId
from gigmarket.services.indexing import rebuild, sync_workers
from gigmarket.services.market import Market
from gigmarket.services.offers import accept
from gigmarket.services.presence import go_available, go_offline
from gigmarket.wire.bus import Move, Wake, pack_moves, pack_wake
from tests.services.columns import place
from tests.services.town import CENTRE, Town
from tests.serving import WAIT_S, environment
from tests.talking import eventually
from workers import dispatcher as module
from workers.dispatcher import Dispatcher, Draws


@contextmanager
def dispatcher(town: Town, url: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One dispatcher process on the town's folder, ended by SIGTERM."""
    settings = {"GIGMARKET_DATA": str(town.path.parent), "GIGMARKET_REDIS_URL": url}
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "workers", "dispatcher"], env=environment(**settings), stderr=stderr
        ) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            assert process.wait(WAIT_S) == 0, log.read_text()


async def leader(market: Market) -> int:
    """The process id of who holds the lease."""

    async def held() -> Any:
        return await market.redis.get(market.keys.lease("dispatcher"))

    return int((await eventually(held, "somebody leads")).split(b":")[1])


async def test_a_paused_dispatcher_is_replaced_and_writes_no_more(
    town: Town, market: Market, valkey_url: str, tmp_path: Path
) -> None:
    town.store._clock = None  # the processes go by the clock on the wall
    with ExitStack() as both:
        processes = {
            process.pid: process
            for process in (
                both.enter_context(dispatcher(town, valkey_url, tmp_path / f"{name}.log")) for name in "ab"
            )
        }
        first = await leader(market)
        town.now = datetime.now(UTC)
        worker, other, employer = town.worker(), town.worker(), town.employer()
        for actor in (worker, other):
            await market.transact(go_available, actor, CENTRE, None, False)
        offer = await _offer_of(town, market, employer)
        fence = town.see(lambda tx: tx.connection.exec_driver_sql("SELECT token FROM fence").scalar_one())

        os.kill(first, signal.SIGSTOP)

        async def replaced() -> bool:
            return await leader(market) != first

        await eventually(replaced, "the other leads")
        again = await _offer_of(town, market, employer)
        assert again != offer
        now = town.see(lambda tx: tx.connection.exec_driver_sql("SELECT token FROM fence").scalar_one())
        assert now == fence + 1

        os.kill(first, signal.SIGCONT)
        wakened = tmp_path / ("a.log" if first == next(iter(processes)) else "b.log")
        await eventually(_says(wakened, "not dispatching"), "the first has noticed")
        assert await leader(market) != first
        pending = town.see(lambda tx: len(tx.offers.due(datetime(2100, 1, 1, tzinfo=UTC))))
        assert pending == 2
        for held in (offer, again):
            owner = worker if town.get_offer(held).worker == worker.worker() else other
            assert (await market.transact(accept, town.rules, owner.worker(), held)).assignment.offer_id == held


async def test_signs_of_life_wait_for_the_next_round(town: Town, market: Market) -> None:
    dispatcher, worker = Dispatcher(market), town.worker(where=place(0))
    roster, name = dispatcher._roster, worker.worker()
    await sync_workers(market, roster, [name])
    fresh_until = town.now.timestamp() + 300
    for metres in (100, 200):
        moves = [Move(name, place(metres), fresh_until), Move(WorkerId("a stranger"), place(1), fresh_until)]
        await dispatcher._moved(pack_moves(moves))
    assert roster.columns.place(roster.columns.row_of[name]) == place(0)
    dispatcher._follow_moves()
    row = roster.columns.row_of[name]
    assert (roster.columns.place(row), roster.columns.at.fresh[row]) == (place(200), fresh_until)
    assert len(roster) == 1
    await dispatcher._moved(pack_moves([Move(name, None, fresh_until + 10)]))
    dispatcher._follow_moves()
    assert (roster.columns.place(row), roster.columns.at.fresh[row]) == (place(200), fresh_until + 10)


async def test_each_round_takes_the_next_seed_of_a_published_chain(town: Town, market: Market) -> None:
    dispatcher = Dispatcher(market)
    dispatcher._token = town.token
    first, second = await dispatcher._turn(), await dispatcher._turn()
    (chain,) = town.see(lambda tx: tx.draws.recent("zhangshu", 9))
    assert [turn.name for turn in (first, second)] == [f"{chain.id}.1", f"{chain.id}.2"]
    assert chain.length == draw.LENGTH
    for number, turn in ((1, first), (2, second)):
        assert draw.verify(bytes.fromhex(chain.anchor), number, turn.seed)
    dispatcher._draws = Draws(chain.id, draw.chain(b"a short one", 2))
    assert [(await dispatcher._turn()).name for _ in range(2)] == [f"{chain.id}.1", f"{chain.id}.2"]
    third = await dispatcher._turn()
    newest, *_ = town.see(lambda tx: tx.draws.recent("zhangshu", 9))
    assert (third.name, newest.id > chain.id) == (f"{newest.id}.1", True)
    assert draw.verify(bytes.fromhex(newest.anchor), 1, third.seed)
    # A secret that is the same in every term would be known from the seeds of the last one.
    assert newest.anchor != chain.anchor


async def test_who_was_silent_for_long_leaves_the_roster(town: Town, market: Market) -> None:
    dispatcher = Dispatcher(market)
    people = [town.worker(), town.worker()]
    await sync_workers(market, dispatcher._roster, [worker.worker() for worker in people])
    town.wait(seconds=600)
    dispatcher._roster.move([Move(people[0].worker(), None, town.now.timestamp() + 90)])
    dispatcher._forget_silent()
    assert len(dispatcher._roster) == 1
    assert people[0].worker() in dispatcher._roster


async def test_the_index_is_built_once_when_everything_is_listened_to(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    leading, built = Dispatcher(market), 0

    async def counting(*args: Any) -> Any:
        nonlocal built
        built += 1
        return await rebuild(*args)

    async def built_times(times: int) -> None:
        async def are() -> bool:
            return (built, leading._built) == (times, True)

        await eventually(are, f"the index is built {times} times")

    monkeypatch.setattr(module, "rebuild", counting)
    rounds = asyncio.create_task(leading._rounds())
    await leading._gap()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert built == 0
    await leading._gap_in_moves()
    await built_times(1)
    await leading._gap_in_moves()
    await built_times(2)
    rounds.cancel()


async def test_what_was_lost_during_a_build_is_built_again(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    leading, built = Dispatcher(market), 0

    async def losing_once(*args: Any) -> Any:
        nonlocal built
        built += 1
        if built == 1:
            await leading._gap()
        return await rebuild(*args)

    async def again() -> bool:
        return (built, leading._built) == (2, True)

    monkeypatch.setattr(module, "rebuild", losing_once)
    rounds = asyncio.create_task(leading._rounds())
    leading._following.set()
    leading._changed.set()
    await eventually(again, "the index is built twice")
    rounds.cancel()


async def test_a_posting_is_known_until_it_is_told_of_again(town: Town, market: Market) -> None:
    leading, employer = Dispatcher(market), town.employer()
    gig, other = town.gig(employer), town.gig(employer)
    posted = [town.get_gig(name) for name in (gig, other)]
    await leading._woken(pack_wake(Wake((gig, other), (), tuple(posted))))
    assert leading._posted == {one.id: one for one in posted}
    await leading._woken(pack_wake(Wake((gig,), ())))
    assert leading._posted == {other: posted[1]}
    assert leading._gigs == {gig, other}


async def test_who_left_without_a_word_costs_a_gig_no_time(town: Town, market: Market) -> None:
    leading, gone, other = Dispatcher(market), town.worker(where=place(0)), town.worker(where=place(900))
    leading._token = town.token
    rounds = asyncio.create_task(leading._rounds())
    leading._following.set()
    leading._changed.set()

    async def known() -> bool:
        return len(leading._roster) == 2 and leading._built

    await eventually(known, "both are in the roster")
    # Committed, and the message is lost with the process that was to send it.
    town.do(go_offline, gone.worker())
    gig = town.gig(town.employer(), where=place(0))
    leading._gigs.add(gig)
    leading._changed.set()

    async def offered() -> list[Any]:
        return town.see(lambda tx: [offer.worker for offer in tx.offers.pending_on(gig)])

    assert await eventually(offered, "the gig is offered") == [other.worker()]
    assert gone.worker() not in leading._roster
    rounds.cancel()


async def test_who_moves_is_followed_while_nothing_else_happens(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_S", 0.001)
    dispatcher, worker = Dispatcher(market), town.worker()
    await sync_workers(market, dispatcher._roster, [worker.worker()])
    dispatcher._built = True
    waiting = asyncio.create_task(dispatcher._change())
    await dispatcher._moved(pack_moves([Move(worker.worker(), place(300), town.now.timestamp() + 90)]))

    async def followed() -> bool:
        columns = dispatcher._roster.columns
        return columns.place(columns.row_of[worker.worker()]) == place(300)

    await eventually(followed, "the roster has the new place")
    assert not waiting.done()
    dispatcher._changed.set()
    await waiting


async def _offer_of(town: Town, market: Market, employer: Actor) -> OfferId:
    """Post a gig, tell the dispatcher as a server would, and wait for its offer."""
    gig = town.gig(employer)
    await market.tell(town.woken[-1].aftermath)

    async def made() -> list[OfferId]:
        return town.see(lambda tx: [offer.id for offer in tx.offers.pending_on(gig)])

    (offer,) = await eventually(made, "the gig is offered")
    return OfferId(offer)


def _says(log: Path, words: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return words in log.read_text()

    return look
