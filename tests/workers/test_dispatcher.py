"""Two dispatchers of one city: one leads, the other takes over, and the first writes no more."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import OfferId
from gigmarket.services.market import Market
from gigmarket.services.offers import accept
from gigmarket.services.presence import go_available
from tests.services.town import CENTRE, Town
from tests.serving import WAIT_S, environment
from tests.talking import eventually


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
