"""The expirer's and the janitor's steps, by the town's clock."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gigmarket.domain.calendar import day_of
from gigmarket.domain.errors import Unavailable
from gigmarket.domain.explanation import Explanation
from gigmarket.domain.fairness import Day
from gigmarket.domain.ids import AssignmentId
from gigmarket.live.connection import LiveDown, connect
from gigmarket.live.index import Index
from gigmarket.services import assignments, offers, presence
from gigmarket.services.indexing import sync_workers
from gigmarket.services.market import Market
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from tests.services.town import CENTRE, Town
from workers import expirer, janitor
from workers.loop import every


async def test_the_expirer_closes_what_is_over(town: Town, market: Market) -> None:
    employer, worker, hired = town.employer(), town.worker(), town.worker()
    gig, other = town.gig(employer), town.gig(employer)
    offer = town.offer(gig, worker)
    town.do(offers.accept, town.rules, hired.worker(), town.offer(other, hired))
    await expirer.step(market)
    assert town.get_offer(offer).status == "pending"

    town.wait(seconds=60)
    await expirer.step(market)
    assert town.get_offer(offer).status == "expired"
    assert town.get_gig(gig).free_seats() == 1

    town.wait(hours=1, minutes=15)
    await expirer.step(market)
    assert (town.get_gig(gig).status, town.get_gig(other).status) == ("expired", "in_progress")

    town.wait(hours=4)
    await expirer.step(market)
    (assignment,) = town.see(lambda tx: tx.assignments.of_gig(other))
    assert assignment.status == "no_show"
    await expirer.step(market)
    assert town.get_gig(other).status == "expired"


async def test_the_expirer_holds_nobody_up_for_long(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of gigs begin at eight: what is due is closed at once, in several transactions."""
    monkeypatch.setattr(expirer, "AT_ONCE", 2)
    employer, closed, transact = town.employer(), list[tuple[str, int]](), market.transact
    open_offers = [town.offer(town.gig(employer), town.worker()) for _ in range(5)]

    async def noted(fn: Any, *args: Any) -> Any:
        result = await transact(fn, *args)
        closed.append((fn.__module__.rpartition(".")[2], result))
        return result

    monkeypatch.setattr(Market, "transact", lambda _market, *args: noted(*args))
    town.wait(seconds=60)
    await expirer.step(market)
    assert closed == [("offers", 2), ("offers", 2), ("offers", 1)]
    assert {town.get_offer(offer).status for offer in open_offers} == {"expired"}
    closed.clear()
    town.wait(hours=1, minutes=15)
    await expirer.step(market)
    assert closed == [("gigs", 2), ("gigs", 2), ("gigs", 1)]


async def test_the_expirer_takes_no_write_lock_for_what_it_cannot_move_yet(town: Town, market: Market) -> None:
    """Whoever forgets to check out is checked out two hours later: until then there is nothing to do."""
    worker, gig = town.worker(), town.gig(town.employer())
    held = town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker)).assignment
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, worker.worker(), AssignmentId(held.id), code)
    town.wait(hours=6)
    assert town.see(expirer._due, town.rules) == (False, False, False)
    town.wait(hours=1)
    assert town.see(expirer._due, town.rules) == (False, False, True)
    await expirer.step(market)
    assert town.see(expirer._due, town.rules) == (False, False, False)


async def test_the_expirer_tells_sockets_and_wakes_the_dispatcher(town: Town, market: Market) -> None:
    worker = town.worker()
    gig = town.gig(town.employer())
    town.offer(gig, worker)
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    woken: asyncio.Queue[bytes] = asyncio.Queue()
    listening = asyncio.Event()

    async def gap() -> None:
        listening.set()

    tasks = [
        asyncio.create_task(market.bus.listen(market.keys.bus, heard.put, gap)),
        asyncio.create_task(market.bus.listen(market.keys.wake, woken.put, gap)),
    ]
    try:
        async with asyncio.timeout(20):
            await listening.wait()
            while not woken.qsize():  # the second subscription may come later: say it until it is heard
                await market.bus.wake(b'{"gigs":[],"workers":[]}')
                await asyncio.sleep(0)
            town.wait(seconds=60)
            await expirer.step(market)
            assert b"offer.closed" in await heard.get()
            while gig.encode() not in (message := await woken.get()):
                pass
            assert worker.account.encode() in message
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_the_janitor_sets_the_forgotten_offline_and_sweeps_the_index(town: Town, market: Market) -> None:
    gone, there = town.worker(), town.worker()
    await sync_workers(market, town.roster, [gone.worker(), there.worker()])
    town.wait(seconds=town.rules.policy.forget_s + 1)
    town.do(lambda tx: tx.workers.seen_many([(there.worker(), None)], town.now))
    await sync_workers(market, town.roster, [there.worker()])
    await janitor.step(market)
    presences = town.see(lambda tx: tx.workers.get_many([gone.worker(), there.worker()]))
    assert {name: worker.presence.wanted for name, worker in presences.items()} == {
        gone.worker(): False,
        there.worker(): True,
    }
    assert (await market.index.positions([gone.worker(), there.worker()])).keys() == {there.worker()}


async def test_the_janitor_looks_through_everybody_without_the_write_lock(town: Town, market: Market) -> None:
    town.worker()
    said: list[str] = []

    @event.listens_for(town.store.engine, "before_cursor_execute")
    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.get_execution_options().get("writes"):
            said.append(statement)

    await janitor.step(market)
    assert said
    assert not [statement for statement in said if "FROM worker " in statement]
    # Whom it found it holds and looks at again.
    town.wait(seconds=town.rules.policy.forget_s + 1)
    await janitor.step(market)
    assert [statement for statement in said if "FROM worker " in statement]


def test_who_came_back_since_he_was_looked_for_is_not_forgotten(town: Town) -> None:
    gone, back = town.worker(), town.worker()
    town.wait(seconds=town.rules.policy.forget_s + 1)
    found = town.see(presence.forgotten, town.rules)
    assert set(found) == {gone.worker(), back.worker()}
    town.do(presence.go_available, back, CENTRE, None, False)
    assert town.do(presence.forget_due, town.rules, found=found) == 1
    assert town.see(presence.forgotten, town.rules) == []


async def test_the_janitor_deletes_what_has_had_its_day(town: Town, market: Market) -> None:
    employer = town.employer()
    principal = str(employer.principal())
    town.do(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    answer = Answer(200, b"{}")
    town.do(lambda tx: tx.idempotency.add(employer.account, "k", "print", answer, tx.now()))
    town.wait(hours=23)
    await janitor.step(market)
    assert town.see(lambda tx: tx.idempotency.find(employer.account, "k", "print")) == answer
    town.wait(hours=2)
    town.do(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    await janitor.step(market)
    assert town.see(lambda tx: tx.idempotency.find(employer.account, "k", "print")) is None
    assert [event.seq for event in town.see(lambda tx: tx.streams.after(principal, 0, 9))] == [2]
    assert town.see(lambda tx: tx.streams.head(principal)) == 2


async def test_the_janitor_holds_nobody_up_for_long(
    town: Town, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At midnight everybody has a day that is too old, and after a janitor's pause all have many."""
    monkeypatch.setattr(janitor, "BATCH", 2)
    employer, workers = town.employer(), [town.worker(available=False).worker() for _ in range(3)]

    def leave(tx: Transaction) -> None:
        for worker in workers:
            tx.days.add([Day(worker, day_of(tx.now()), available_s=1)])
            tx.idempotency.add(employer.account, worker, "print", Answer(200, b"{}"), tx.now())
            tx.tell(employer.principal(), "gig.updated", b"{}")

    town.do(leave)
    town.wait(days=town.rules.policy.explained_days + 1)

    def kept(tx: Transaction) -> list[int]:
        tables = ("worker_day", "idempotency", "event")
        return [tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in tables]

    before, transact = town.see(kept), market.transact
    after: list[list[int]] = []

    async def noted(fn: Any, *args: Any, **others: Any) -> Any:
        result = await transact(fn, *args, **others)
        after.append(town.see(kept))
        return result

    monkeypatch.setattr(Market, "transact", lambda _market, *args, **others: noted(*args, **others))
    await janitor.step(market)
    assert after[0] == [count - 2 for count in before]
    assert after[-1][:2] == [before[0] - 3, before[1] - 3]
    assert len(after) == 3, "the last finds nothing"


async def test_the_janitor_forgets_days_reasons_and_draws_after_ninety_days(town: Town, market: Market) -> None:
    worker, gig = town.worker(available=False).worker(), town.gig(town.employer())

    def leave(tx: Transaction, anchor: str) -> int:
        chain = tx.draws.open("zhangshu", anchor * 64, 10, tx.now())
        reasons = Explanation(gig, tx.now(), f"{chain}.1", "ab" * 32, 1, 900, True, {}, ())
        tx.explanations.add_many([reasons])
        tx.days.add([Day(worker, day_of(tx.now()), available_s=3600)])
        return chain

    def left(tx: Transaction) -> tuple[list[int], list[bool], int]:
        """The chains, whether each one's round still has reasons, and the seconds in the ledger."""
        reasons = [tx.explanations.of_round(gig, f"{chain}.1") is not None for chain in (first, second)]
        days = tx.days.standings([worker], day_of(tx.now()), 365)
        return (
            [chain.id for chain in tx.draws.recent("zhangshu", 9)],
            reasons,
            days[worker].available_s if days else 0,
        )

    first = town.do(leave, "a")
    town.wait(days=1)
    second = town.do(leave, "b")
    explained = timedelta(days=town.rules.policy.explained_days)

    town.now += explained - timedelta(days=1)
    await janitor.step(market)
    assert town.see(left) == ([second, first], [True, True], 7200)
    town.wait(seconds=1)
    await janitor.step(market)
    assert town.see(left) == ([second, first], [False, True], 7200), "a chain is kept while the next is young"
    town.wait(days=1)
    await janitor.step(market)
    assert town.see(left) == ([second], [False, False], 3600), "the last chain stays: its draws go on"
    town.wait(days=1)
    await janitor.step(market)
    assert town.see(left) == ([second], [False, False], 0)


@pytest.mark.parametrize("error", [LiveDown("away"), Unavailable("busy")], ids=["live store", "database"])
async def test_a_store_that_is_away_does_not_end_a_process(market: Market, error: Exception) -> None:
    stop, steps = asyncio.Event(), 0

    async def step(_: Market) -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            stop.set()
        raise error

    async with asyncio.timeout(20):
        await every(market, stop, 0.001, step)
    assert steps == 3


async def test_any_other_error_does(market: Market) -> None:
    async def step(_: Market) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await every(market, asyncio.Event(), 0.001, step)


def test_what_stays_for_a_day() -> None:
    assert timedelta(hours=24) == janitor.KEPT


async def test_the_janitor_cleans_sql_while_the_live_store_is_away(town: Town, market: Market) -> None:
    gone = town.worker()
    town.wait(seconds=town.rules.policy.forget_s + 1)
    market.index = Index(connect("unix:///nowhere/valkey.sock"), market.keys, ["porter"])
    with pytest.raises(LiveDown):
        await janitor.step(market)
    assert not town.see(lambda tx: tx.workers.get(gone.worker())).presence.wanted
